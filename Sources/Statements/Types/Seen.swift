public import Secrets

/// The newest checkpoint of one log that a signer had verified, with the relay's signature on it: two contradictory
/// ones convict the relay by themselves.
public struct Seen: Hashable, Sendable {
    /// 68: key id and Ed25519 signature of the relay's checkpoint line.
    public static let signatureByteCount = 68

    public let size: UInt64
    public let root: Digest
    /// Key id ‖ signature.
    public let signature: [UInt8]

    public init(size: UInt64, root: Digest, signature: [UInt8]) {
        self.size = size
        self.root = root
        self.signature = signature
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.size == right.size && left.root == right.root && left.signature.isSame(as: right.signature)
    }

    static func read(_ log: LogKind, from reader: inout TextReader) throws(StatementError) -> Seen {
        let fields = try reader.fields("seen", count: 4)
        let error = reader.error("seen")
        guard fields[0].elementsEqual(log.rawValue.utf8) else { throw error }
        let size = try TextReader.integer(fields[1], or: error)
        guard size > 0 else { throw error }
        return Seen(
            size: size, root: try TextReader.hash(fields[2], or: error),
            signature: try TextReader.binary(fields[3], count: signatureByteCount, or: error))
    }

    func write(_ log: LogKind, to writer: inout TextWriter) {
        writer.line("seen", log.rawValue, size, root, Binary(signature))
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
