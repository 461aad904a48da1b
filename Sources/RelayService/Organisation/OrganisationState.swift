import Membership
import RelayStorage
import Secrets
import Statements
import Synchronization
import TransparencyLog

/// What the relay holds of an organisation in memory. A value: a batch works on a copy, which replaces the original only
/// when its transaction is durable.
struct OrganisationState: Sendable {
    /// How many hashes a level of the activity tree keeps; older ones come from stored tiles.
    private static let keptHashes = 256

    private(set) var roster: Roster
    private(set) var activityTree: GrowingTree
    /// Newest signed trees.
    var rosterHead: SignedCheckpoint
    var activityHead: SignedCheckpoint
    /// Time of the last entry of either log.
    private(set) var lastTime: Timestamp

    init(
        roster: Roster, activityTree: GrowingTree, rosterHead: SignedCheckpoint, activityHead: SignedCheckpoint,
        lastTime: Timestamp
    ) {
        self.roster = roster
        self.activityTree = activityTree
        self.rosterHead = rosterHead
        self.activityHead = activityHead
        self.lastTime = lastTime
    }

    var organisation: OrganisationID { roster.organisation }

    func head(_ log: LogKind) -> SignedCheckpoint { log == .roster ? rosterHead : activityHead }

    /// The roster in force for what comes next.
    func view(at time: Timestamp) -> RosterView { roster.view(at: time) }

    mutating func append(_ entry: Entry, seenIsSigned: @escaping (Seen) -> Bool) throws(RuleViolation) {
        try roster.append(entry, seenIsSigned: seenIsSigned)
        lastTime = entry.time
    }

    mutating func appendActivity(leafHash: LeafHash, time: Timestamp) {
        activityTree.append(leafHash)
        lastTime = time
    }

    mutating func forgetOldHashes() { activityTree.forget(keeping: Self.keptHashes) }

    /// Rebuilds the state from what is stored.
    /// - Throws: ``StorageError/Code/broken`` when the logs break a rule or do not give the signed roots.
    static func load(_ organisation: OrganisationID, keys: OrganisationKeys, from reader: any RelayReader) throws
        -> OrganisationState
    {
        let rosterHead = try signedHead(.roster, organisation, keys, reader)
        let activityHead = try signedHead(.activity, organisation, keys, reader)
        let entries = try reader.entries(
            from: 0, count: Int(rosterHead.size), in: .roster, of: organisation
        ).map { try Entry(parsing: $0) }
        guard let first = entries.first else { throw StorageError(.broken, part: "roster log") }
        var roster = try Roster(genesis: first, organisation: organisation)
        for entry in entries.dropFirst() { try roster.append(entry) }
        guard roster.size == rosterHead.size, roster.root == rosterHead.root,
            let stored = try reader.head(.activity, of: organisation)
        else { throw StorageError(.broken, part: "roster log") }
        guard stored.edge.count == MerkleTree.edge(of: stored.size).count else {
            throw StorageError(.broken, part: "edge of the activity log")
        }
        let tree = GrowingTree(size: stored.size, edge: stored.edge)
        guard tree.root == activityHead.root, stored.size == activityHead.size,
            let last = try reader.entry(stored.size - 1, in: .activity, of: organisation)
        else { throw StorageError(.broken, part: "activity log") }
        let lastTime = max(roster.lastTime, try Entry(parsing: last).time)
        return OrganisationState(
            roster: roster, activityTree: tree, rosterHead: rosterHead, activityHead: activityHead, lastTime: lastTime)
    }

    private static func signedHead(
        _ log: LogKind, _ organisation: OrganisationID, _ keys: OrganisationKeys, _ reader: any RelayReader
    ) throws -> SignedCheckpoint {
        guard let head = try reader.head(log, of: organisation) else {
            throw StorageError(.broken, part: "\(log.rawValue) head")
        }
        let signed = try keys.logKey(log).verify(checkpoint: head.note)
        guard signed.size == head.size, signed.root == head.root else {
            throw StorageError(.broken, part: "\(log.rawValue) head")
        }
        return signed
    }
}

/// The newest durable state, for readers on any thread.
final class PublishedState: Sendable {
    /// One state, by reference: what waits while holding it holds a word and not a roster.
    final class Snapshot: Sendable {
        let state: OrganisationState

        init(_ state: OrganisationState) { self.state = state }
    }

    private let newest: Mutex<Snapshot>

    init(_ state: OrganisationState) { newest = Mutex(Snapshot(state)) }

    var snapshot: Snapshot { newest.withLock { $0 } }

    var current: OrganisationState { snapshot.state }

    func publish(_ state: OrganisationState) { newest.withLock { $0 = Snapshot(state) } }
}
