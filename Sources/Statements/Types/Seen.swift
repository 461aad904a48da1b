public import Secrets

/// The newest checkpoint of one log that a signer had verified, with the relay's signature on it: two contradictory
/// ones convict the relay by themselves.
public struct Seen: Hashable, Sendable {
    public let size: UInt64
    public let root: Digest
    public let signature: SeenSignature

    public init(size: UInt64, root: Digest, signature: SeenSignature) {
        self.size = size
        self.root = root
        self.signature = signature
    }

    static func read(_ log: LogKind, from reader: inout TextReader) throws(StatementError) -> Seen {
        let fields = try reader.fields("seen", count: 4)
        let error = reader.error("seen")
        guard fields[0].elementsEqual(log.rawValue.utf8) else { throw error }
        let size = try TextReader.integer(fields[1], or: error)
        guard size > 0 else { throw error }
        return Seen(
            size: size, root: try TextReader.hash(fields[2], or: error),
            signature: SeenSignature(
                bytes: try TextReader.binary(fields[3], count: SeenSignature.byteCount, or: error)))
    }

    func write(_ log: LogKind, to writer: inout TextWriter) {
        writer.line("seen", log.rawValue, size, root, signature)
    }
}

/// Key id ‖ Ed25519 signature of a log's line, 68 bytes: inline, for almost every entry of a log has two.
public struct SeenSignature: Hashable, Sendable, BitwiseCopyable, TextField {
    /// 68.
    public static let byteCount = 68

    // As they lie in memory, one behind the other.
    private let word0, word1, word2, word3, word4, word5, word6, word7: UInt64
    private let rest: UInt32

    /// - Precondition: `bytes` has exactly ``byteCount`` bytes.
    public init(bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount)
        self = unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: Self.self) }
    }

    public var bytes: [UInt8] { unsafe withRawBytes { unsafe Array($0) } }

    public func write(to output: inout [UInt8]) {
        unsafe withRawBytes { unsafe Base64.append($0, to: &output) }
    }

    private func withRawBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe withUnsafeBytes(of: self) { unsafe body(UnsafeRawBufferPointer(rebasing: $0[..<Self.byteCount])) }
    }
}

/// What the signer of an activity statement had seen of both logs.
public struct SeenBoth: Hashable, Sendable {
    public let roster: Seen
    public let activity: Seen

    public init(roster: Seen, activity: Seen) {
        self.roster = roster
        self.activity = activity
    }

    public subscript(log: LogKind) -> Seen {
        switch log {
        case .roster: roster
        case .activity: activity
        }
    }

    static func read(from reader: inout TextReader) throws(StatementError) -> SeenBoth {
        SeenBoth(roster: try .read(.roster, from: &reader), activity: try .read(.activity, from: &reader))
    }

    func write(to writer: inout TextWriter) {
        roster.write(.roster, to: &writer)
        activity.write(.activity, to: &writer)
    }
}
