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
        let contiguous = bytes.withContiguousStorageIfAvailable { unsafe Self(raw: UnsafeRawBufferPointer($0)) }
        guard let digest = unsafe contiguous ?? Array(bytes).withUnsafeBytes({ unsafe Self(raw: $0) }) else {
            return nil
        }
        self = digest
    }

    private init?(raw: UnsafeRawBufferPointer) {
        guard raw.count == Self.byteCount else { return nil }
        self.init(
            words: unsafe (
                UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
                UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
            ))
    }

    /// Parses exactly 64 lower-case hex digits.
    public init?(hex: some Collection<UInt8>) {
        guard hex.count == 2 * Self.byteCount, let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    /// The same of a slice, of which a text has several: straight into its words.
    public init?(hex: ArraySlice<UInt8>) {
        guard hex.count == 2 * Self.byteCount else { return nil }
        let words = unsafe hex.withUnsafeBufferPointer { digits -> (UInt64, UInt64, UInt64, UInt64)? in
            guard let word0 = unsafe Hex.word(in: digits, at: 0), let word1 = unsafe Hex.word(in: digits, at: 16),
                let word2 = unsafe Hex.word(in: digits, at: 32), let word3 = unsafe Hex.word(in: digits, at: 48)
            else { return nil }
            return (word0, word1, word2, word3)
        }
        guard let words else { return nil }
        self.init(words: words)
    }

    fileprivate init(_ digest: Crypto.SHA256Digest) {
        // SHA-256 gives 32 bytes.
        self = unsafe digest.withUnsafeBytes { unsafe Digest(raw: $0)! }
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
        unsafe withRawBytes { unsafe bytes.append(contentsOf: $0) }
    }

    /// Appends the 64 lower-case hex digits without a string in between.
    public func appendHex(to bytes: inout [UInt8]) {
        unsafe withRawBytes { unsafe Hex.append($0, to: &bytes) }
    }

    /// Lower-case hex, 64 digits.
    public var hex: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(2 * Self.byteCount)
        appendHex(to: &digits)
        return String(decoding: digits, as: UTF8.self)
    }
    public var description: String { hex }

    private func store(to bytes: UnsafeMutableRawBufferPointer, at offset: Int) {
        unsafe bytes.storeBytes(of: word0.bigEndian, toByteOffset: offset, as: UInt64.self)
        unsafe bytes.storeBytes(of: word1.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
        unsafe bytes.storeBytes(of: word2.bigEndian, toByteOffset: offset + 16, as: UInt64.self)
        unsafe bytes.storeBytes(of: word3.bigEndian, toByteOffset: offset + 24, as: UInt64.self)
    }

    /// The first 63 bits: an index for those who keep millions.
    public var prefix: Int64 { Int64(word0 >> 1) }

    private func withRawBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let words = (word0.bigEndian, word1.bigEndian, word2.bigEndian, word3.bigEndian)
        return unsafe withUnsafeBytes(of: words) { unsafe body($0) }
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

    /// A hash that was finished elsewhere in this module.
    fileprivate init(finishing hasher: Crypto.SHA256) { self.init(hasher.finalize()) }

    /// SHA-256 of one byte and `bytes`: the leaf hash of RFC 6962 section 2.1 with prefix 0.
    public static func sha256(prefix: UInt8, _ bytes: [UInt8]) -> Digest { sha256(prefix: prefix, bytes[...]) }

    /// The same of a slice, without copying it out.
    public static func sha256(prefix: UInt8, _ bytes: ArraySlice<UInt8>) -> Digest {
        var hasher = Crypto.SHA256()
        unsafe withUnsafeBytes(of: prefix) { unsafe hasher.update(bufferPointer: $0) }
        unsafe bytes.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
        return Digest(hasher.finalize())
    }

    /// SHA-256 of an optional prefix byte and two hashes: an inner node (prefix 1), or a step of a running hash (none).
    public static func sha256(prefix: UInt8?, _ left: Digest, _ right: Digest) -> Digest {
        var hasher = Crypto.SHA256()
        // In one piece: each further one costs as much as the hash.
        unsafe withUnsafeTemporaryAllocation(byteCount: 1 + 2 * byteCount, alignment: 8) { piece in
            var count = 0
            if let prefix {
                unsafe piece[0] = prefix
                count = 1
            }
            unsafe left.store(to: piece, at: count)
            unsafe right.store(to: piece, at: count + byteCount)
            count += 2 * byteCount
            unsafe hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: piece[..<count]))
        }
        return Digest(hasher.finalize())
    }
}

/// SHA-256 of bytes that come in pieces.
public struct DigestStream: Sendable {
    private var hasher = Crypto.SHA256()

    public init() {}

    /// Goes on with a piece.
    public mutating func add(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
    }

    /// The hash of all pieces so far.
    public func digest() -> Digest { Digest(finishing: hasher) }
}
