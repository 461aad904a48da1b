public import Secrets
public import Statements

/// The last head of one log that the relay signed, as the head lock keeps it.
public struct LockedHead: Sendable, Hashable {
    /// How many entries it covers; below 2^53.
    public let size: UInt64
    /// The root of the tree of these entries.
    public let root: Digest
    /// The checkpoint note, byte for byte: 1–``maximumCheckpointByteCount``.
    public let checkpoint: [UInt8]

    /// 65,000: a whole signed note.
    public static let maximumCheckpointByteCount = SignedNote.maximumByteCount

    public init(size: UInt64, root: Digest, checkpoint: [UInt8]) {
        precondition((1...Self.maximumCheckpointByteCount).contains(checkpoint.count) && size < TextReader.integerBound)
        self.size = size
        self.root = root
        self.checkpoint = checkpoint
    }
}

/// One log of one organisation.
public struct LogName: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let organisation: OrganisationID
    public let log: LogKind

    public init(_ organisation: OrganisationID, _ log: LogKind) {
        self.organisation = organisation
        self.log = log
    }

    /// By organisation, the roster log first.
    public static func < (left: Self, right: Self) -> Bool {
        if left.organisation != right.organisation { return left.organisation < right.organisation }
        return left.log == .roster && right.log == .activity
    }

    public var description: String { "\(organisation)/\(log.rawValue)" }
}
