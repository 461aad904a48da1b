import Crypto

/// A SHA-256 hash: 32 bytes, inline, cheap to copy and to keep by the million.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// 32.
    public static let byteCount = 32
    /// 32 zero bytes: where a running hash starts.
    public static let zero = Digest(words: (0, 0, 0, 0))

    private let word0, word1, word2, word3: UInt64

    private init(words: (UInt64, UInt64, UInt64, UInt64)) {
        (word0, word1, word2, word3) = words
    }

    /// - Returns: `nil` unless there are exactly 32 bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var position = 0
        for byte in bytes {
            switch position >> 3 {
            case 0: words.0 = words.0 << 8 | UInt64(byte)
            case 1: words.1 = words.1 << 8 | UInt64(byte)
            case 2: words.2 = words.2 << 8 | UInt64(byte)
            default: words.3 = words.3 << 8 | UInt64(byte)
            }
            position += 1
        }
        self.init(words: words)
    }

    /// Parses exactly 64 lower-case hex digits.
    public init?(hex: some Collection<UInt8>) {
        guard hex.count == 2 * Self.byteCount, let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    fileprivate init(_ digest: Crypto.SHA256Digest) {
        self = unsafe digest.withUnsafeBytes { buffer in
            Digest(
                words: unsafe (
                    UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                    UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                    UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
                    UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
                ))
        }
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(Self.byteCount)
        append(to: &result)
        return result
    }

    /// Appends the 32 bytes without an array in between.
    public func append(to bytes: inout [UInt8]) {
        for word in [word0, word1, word2, word3] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
    }

    /// Lower-case hex, 64 digits.
    public var hex: String { Hex.encode(bytes) }
    public var description: String { hex }

    fileprivate func withRawBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var words = (word0.bigEndian, word1.bigEndian, word2.bigEndian, word3.bigEndian)
        return unsafe withUnsafeBytes(of: &words) { unsafe body($0) }
    }

    /// SHA-256 of `bytes` (FIPS 180-4).
    public static func sha256(_ bytes: [UInt8]) -> Digest {
        var hasher = Crypto.SHA256()
        unsafe bytes.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
        return Digest(hasher.finalize())
    }

    /// SHA-256 of a slice, without copying it out.
    public static func sha256(_ bytes: ArraySlice<UInt8>) -> Digest {
        var hasher = Crypto.SHA256()
        unsafe bytes.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
        return Digest(hasher.finalize())
    }

    /// SHA-256 of one byte and `bytes`: the leaf hash of RFC 6962 section 2.1 with prefix 0.
    public static func sha256(prefix: UInt8, _ bytes: [UInt8]) -> Digest {
        var hasher = Crypto.SHA256()
        unsafe withUnsafeBytes(of: prefix) { unsafe hasher.update(bufferPointer: $0) }
        unsafe bytes.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
        return Digest(hasher.finalize())
    }

    /// SHA-256 of an optional prefix byte and two hashes: an inner node (prefix 1), or a step of a running hash (none).
    public static func sha256(prefix: UInt8?, _ left: Digest, _ right: Digest) -> Digest {
        var hasher = Crypto.SHA256()
        if let prefix { unsafe withUnsafeBytes(of: prefix) { unsafe hasher.update(bufferPointer: $0) } }
        unsafe left.withRawBytes { unsafe hasher.update(bufferPointer: $0) }
        unsafe right.withRawBytes { unsafe hasher.update(bufferPointer: $0) }
        return Digest(hasher.finalize())
    }
}
