import Secrets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where what unlocks a store key comes from. Never an argument's or a variable's value.
public enum UnlockSource: Sendable {
    /// The first line of a file that only its owner can read.
    case passphraseFile(String)
    /// 32 bytes in a file that only its owner can read; made when a profile is made and it is missing.
    case keyFile(String)
    /// Asks a person, and so many times while what they give is not the passphrase.
    case ask(attempts: Int = 1, @Sendable (_ creating: Bool) throws -> Passphrase)

    var attempts: Int { if case .ask(let attempts, _) = self { attempts } else { 1 } }
}

/// A passphrase in guarded memory.
public struct Passphrase: ~Copyable, Sendable {
    /// 1,024 bytes.
    public static let maximumByteCount = 1_024

    let secret: SecretBytes
    /// How many characters (Unicode scalars) it has.
    public let length: Int
    /// What lasts as long as this does.
    private let keeper: (any AnyObject & Sendable)?

    /// Takes the bytes over and wipes the array.
    /// - Parameter keeper: Is let go when the passphrase is not needed any more: a terminal that shows nothing until it was
    ///   checked.
    public init(moving bytes: inout [UInt8], until keeper: (any AnyObject & Sendable)? = nil) {
        length = bytes.count { $0 & 0xC0 != 0x80 }
        secret = SecretBytes(moving: &bytes)
        self.keeper = keeper
    }

    /// The first line of a file, without its line feed.
    /// - Throws: ``DeviceKitError`` when the file is missing, too large, or open to others.
    init(file path: String) throws(DeviceKitError) {
        let file = try Self.opened(path)
        guard file.mode & 0o077 == 0 else {
            throw DeviceKitError(
                "passphrase_file_too_open", .refused, "the passphrase file \"\(path)\" can be read by others",
                next: "run: chmod 600 '\(path)'")
        }
        var bytes = [UInt8](repeating: 0, count: Self.maximumByteCount + 1)
        defer { wipe(&bytes) }
        var count = 0
        if let first = file.beginning { (bytes[0], count) = (first, 1) }
        while count < bytes.count {
            let room = bytes.count - count
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe read(file.descriptor, $0.baseAddress! + count, room)
            }
            if got < 0 && errno == EINTR { continue }
            guard got > 0 else { break }
            count += got
        }
        let end = bytes[..<count].firstIndex(of: UInt8(ascii: "\n")) ?? count
        guard end <= Self.maximumByteCount else {
            throw DeviceKitError(
                "passphrase_too_long", .configuration, "the first line of \"\(path)\" has more than 1,024 bytes",
                next: "use a shorter passphrase")
        }
        var line = Array(bytes[..<end])
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        self.init(moving: &line)
    }

    /// - Throws: ``DeviceKitError`` for what holds no passphrase, whatever its mode.
    private static func opened(_ path: String) throws(DeviceKitError) -> InputFile {
        func unreadable(_ why: String, _ next: String) -> DeviceKitError {
            DeviceKitError(
                "passphrase_file_unreadable", .configuration, "the passphrase file \"\(path)\" \(why)", next: next)
        }
        let file: InputFile
        do throws(InputFile.Refusal) {
            file = try InputFile(path)
        } catch .silentPipe {
            throw unreadable("is a pipe, and nobody writes into it", "start what writes into it first, or name a file")
        } catch {
            throw unreadable("cannot be opened", "check the path given with --passphrase-file")
        }
        if let kind = file.otherKind {
            throw unreadable(
                "is \(kind)",
                "put the passphrase into a file of its own (mode 600), and name that with --passphrase-file")
        }
        return file
    }
}

extension Passphrase {
    /// Whether two were typed alike.
    public borrowing func isSame(as other: borrowing Passphrase) -> Bool { secret.isEqual(to: other.secret) }
}
