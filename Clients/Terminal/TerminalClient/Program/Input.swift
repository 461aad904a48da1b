import DeviceKit
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Files and standard input, bounded.
enum Input {
    /// 1 MiB.
    static let maximumByteCount = 1 << 20

    /// Whether somebody types.
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// What a person says in an option, or on standard input for `-`; `nil` when nothing was asked to be said.
    /// - Parameters:
    ///   - what: What is asked for.
    ///   - input: Standard input.
    static func words(
        _ given: String?, option: String = "text", what: String = "the text", _ console: Console,
        input: Int32 = STDIN_FILENO
    ) throws -> String? {
        guard let given else { return nil }
        guard given == "-" else {
            console.warn(
                "other users of this machine can read what stands in a command's line: use \"--\(option) -\" and give the text "
                    + "on standard input")
            return given
        }
        // Whoever sees a cursor and nothing else does not know that they are asked.
        if isatty(input) == 1 { console.say("Type \(what); Ctrl-D on an empty line ends it.") }
        guard var typed = String(validating: try read(input, what: what), as: UTF8.self) else {
            throw DeviceKitError("bad_text", .usage, "\(what) is not UTF-8", next: "convert it to UTF-8")
        }
        if typed.hasSuffix("\n") { typed.removeLast() }
        return typed
    }

    /// Reads a file, or standard input for `-`.
    static func read(_ path: String, what: String, limit: Int = maximumByteCount) throws -> [UInt8] {
        guard path != "-" else { return try read(STDIN_FILENO, what: what, limit: limit) }
        let place = "\"\(path)\""
        let file: InputFile
        do throws(InputFile.Refusal) { file = try InputFile(path) } catch { throw refused(error, what, place) }
        return try read(file.descriptor, [file.beginning].compactMap { $0 }, what: what, limit: limit, from: place)
    }

    /// Reads until the first end of input: a terminal goes on behind it, and would have to be told twice.
    /// - Parameter beginning: What was read of it already.
    private static func read(
        _ file: Int32, _ beginning: [UInt8] = [], what: String, limit: Int = maximumByteCount,
        from place: String = "standard input"
    ) throws -> [UInt8] {
        var bytes = beginning
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe systemRead(file, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes += chunk[..<count]
                guard bytes.count <= limit else {
                    throw DeviceKitError(
                        "file_too_large", .usage, "\(what) has more than \(limit >> 20) MiB",
                        next: "give something shorter")
                }
            } else if count == 0 || errno == EISDIR {
                return bytes
            } else if errno == EAGAIN {
                // Some shells leave it so that reading does not wait.
                var ready = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
                unsafe poll(&ready, 1, -1)
            } else if errno != EINTR {
                // Half of what somebody wrote is not what they wrote.
                throw unreadable(what, place)
            }
        }
    }

    /// Why a file was not opened, as what a person reads.
    static func refused(_ refusal: InputFile.Refusal, _ what: String, _ place: String) -> DeviceKitError {
        switch refusal {
        case .silentPipe:
            DeviceKitError(
                "file_unreadable", .notFound,
                "\(what) cannot be read from \(place): it is a pipe, and nobody writes into it",
                next: "start what writes into it first, or name a file")
        case .forbidden:
            DeviceKitError(
                "file_unreadable", .refused, "\(what) cannot be read from \(place): you have no right to read it",
                next: "ask whoever owns it for the right to read it and to enter its folders")
        case .unopenable: unreadable(what, place)
        }
    }

    private static func unreadable(_ what: String, _ place: String) -> DeviceKitError {
        DeviceKitError("file_unreadable", .notFound, "\(what) cannot be read from \(place)", next: "check the path")
    }
}

/// `read` of the system, which the names above hide.
private func systemRead(_ file: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    unsafe read(file, buffer, count)
}
