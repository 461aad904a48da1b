import Membership
import RelayAPI
import RelayStorage
import Secrets
import Statements
import TransparencyLog

/// What one transaction makes of the submissions that arrived while the last one was being made durable.
///
/// Order: roster statements, the `roster` event, everything else. Each submission either writes all it has to, or throws
/// before its first write.
struct Batch {
    let transaction: any RelayTransaction
    /// The one clock read: every entry's time.
    let time: Timestamp
    /// What the clock says: before ``time`` when it was set back. Only what nobody logs goes by it.
    let now: Timestamp
    /// Which devices listen, and what to tell them when the batch is durable.
    let listeners: any Listeners
    private(set) var state: OrganisationState
    private(set) var effects: [StreamEffect] = []
    private var newEntries: [LogKind: [Entry]] = [:]
    private var afterRosterEvent: [(inout Batch) throws -> Void] = []
    /// What this batch began with.
    let before: OrganisationState

    init(
        transaction: any RelayTransaction, state: OrganisationState, time: Timestamp, now: Timestamp,
        listeners: any Listeners
    ) {
        self.transaction = transaction
        self.state = state
        self.time = time
        self.now = now
        self.listeners = listeners
        before = state
    }

    var organisation: OrganisationID { state.organisation }

    /// The roster in force for activity entries of this batch.
    var view: RosterView { state.view(at: time) }

    /// Told to the streams when the batch is durable.
    mutating func then(_ effect: StreamEffect) { effects.append(effect) }

    // MARK: Entries

    /// Adds a roster statement that passes every rule.
    /// - Returns: Its index.
    mutating func appendRoster(_ note: SignedNote) throws -> UInt64 {
        let entry = Entry(time: time, body: note.bytes)
        let transaction = transaction
        let organisation = organisation
        try state.append(entry) { seen in
            (try? transaction.signedTree(seen.size, of: .roster, of: organisation))?.signature == seen.signature.bytes
        }
        let index = state.roster.size - 1
        try write(entry, at: index, to: .roster, soughtAs: note.hash, message: nil)
        return index
    }

    /// Queues an item about an entry of this batch, and tells the device's stream.
    /// - Parameter sealed: What goes with an envelope that may leave with the commit.
    mutating func enqueue(_ item: NewQueueItem, sealed: SealedParts?, for device: DeviceID) throws {
        let number = try transaction.enqueue(item, for: device, of: organisation)
        guard item.kind == .notice || sealed != nil, let entry = newEntry(.activity, at: item.index) else {
            then(.wake(device))
            return
        }
        then(
            .item(
                device,
                FreshItem(
                    number: number, message: item.message, index: item.index, entry: entry.bytes, sealed: sealed)))
    }

    private func newEntry(_ log: LogKind, at index: UInt64) -> Entry? {
        let first = before.head(log).size
        guard let entries = newEntries[log], index >= first, index - first < UInt64(entries.count) else { return nil }
        return entries[Int(index - first)]
    }

    /// Runs `body` once the `roster` event of this batch stands.
    mutating func afterRosterEvent(_ body: @escaping (inout Batch) throws -> Void) { afterRosterEvent.append(body) }

    /// Adds a verified statement to the activity log.
    /// - Parameter isSought: Whether a repetition is to be found by the statement's hash; a manifest has its message's id.
    /// - Returns: Its index and leaf hash.
    mutating func appendActivity(
        _ note: SignedNote, message: MessageID?, isSought: Bool
    ) throws -> (index: UInt64, leafHash: LeafHash) {
        try appendActivity(
            Entry(time: time, body: note.bytes), soughtAs: isSought ? note.hash : nil, message: message)
    }

    /// Adds an event.
    mutating func append(_ kind: RelayEvent.Kind) throws -> (index: UInt64, leafHash: LeafHash) {
        let event = RelayEvent(organisation: organisation, kind: kind)
        return try appendActivity(Entry(time: time, body: event.text), soughtAs: nil, message: event.message)
    }

    private mutating func appendActivity(
        _ entry: Entry, soughtAs statement: StatementHash?, message: MessageID?
    ) throws -> (index: UInt64, leafHash: LeafHash) {
        let index = state.activityTree.size
        let leafHash = try write(entry, at: index, to: .activity, soughtAs: statement, message: message)
        state.appendActivity(leafHash: leafHash, time: time)
        return (index, leafHash)
    }

    @discardableResult
    private mutating func write(
        _ entry: Entry, at index: UInt64, to log: LogKind, soughtAs statement: StatementHash?,
        message: MessageID?
    ) throws -> LeafHash {
        let bytes = entry.bytes
        let leafHash = MerkleTree.leafHash(bytes)
        try transaction.append(
            NewEntry(bytes: bytes, leafHash: leafHash, statement: statement, message: message), at: index, to: log,
            of: organisation)
        newEntries[log, default: []].append(entry)
        return leafHash
    }

    // MARK: Closing

    /// After the roster statements: their event, and what waited for it.
    mutating func closeRoster() throws {
        guard newEntries[.roster] != nil else { return }
        _ = try append(.roster(size: state.roster.size, root: state.roster.root))
        for body in afterRosterEvent { try body(&self) }
        afterRosterEvent = []
    }

    /// Reads the batch back, computes the roots a second time, signs, and moves the heads.
    /// - Throws: ``StorageError``; then nothing of the batch stays and no signature leaves.
    mutating func seal(with keys: OrganisationKeys) throws {
        for log in LogKind.allCases {
            guard let entries = newEntries[log] else { continue }
            let old = before.head(log)
            let size = old.size + UInt64(entries.count)
            guard let stored = try transaction.head(log, of: organisation), stored.size == old.size else {
                throw StorageError(.headMoved, part: log.rawValue)
            }
            let readBack = try transaction.entries(
                from: old.size, count: entries.count, in: log, of: organisation)
            guard readBack.count == entries.count else { throw StorageError(.broken, part: "read-back") }
            let second = ReadBack.root(
                size: stored.size, edge: stored.edge, adding: readBack.map { MerkleTree.leafHash($0) })
            let root = log == .roster ? state.roster.root : state.activityTree.root
            guard root == second, zip(entries, readBack).allSatisfy({ $0.bytes == $1 }) else {
                throw StorageError(.broken, part: "read-back")
            }
            try storeFullTiles(log, from: old.size, to: size)
            let signed = keys.sign(log, size: size, root: root)
            try transaction.advanceHead(
                to: StoredHead(
                    size: size, root: root, note: signed.note.bytes, signature: signed.signature.payload,
                    edge: try edge(log, size: size)),
                from: old.size, of: log, of: organisation)
            if log == .roster { state.rosterHead = signed } else { state.activityHead = signed }
        }
        state.forgetOldHashes()
    }

    private func edge(_ log: LogKind, size: UInt64) throws -> [Digest] {
        if log == .activity { return state.activityTree.edge }
        return try MerkleTree.edge(of: size).map { try state.roster.hash(of: $0) }
    }

    private func storeFullTiles(_ log: LogKind, from old: UInt64, to size: UInt64) throws {
        var level = 0
        while size >> UInt64(8 * (level + 1)) > 0 {
            let first = old >> UInt64(8 * (level + 1))
            let last = size >> UInt64(8 * (level + 1))
            for tile in first..<last {
                let hashes = try (tile * 256..<(tile + 1) * 256).map {
                    try proofs(log).hash(of: Subtree(level: 8 * level, index: $0))
                }
                try transaction.storeFullTile(
                    HashTile.encode(hashes), level: level, index: tile, of: log, of: organisation)
            }
            level += 1
        }
    }

    /// What the streams are told: with proofs where they need them. To be asked after ``seal(with:)``.
    func provenEffects() throws -> [StreamEffect] {
        try effects.map { effect in
            guard case .end(let device, var problem, let index?) = effect else { return effect }
            problem.statement = try stored(.roster, at: index, seen: 0)
            return .end(device, problem, by: nil)
        }
    }

    // MARK: Proofs

    /// Hashes of a log as this batch leaves it.
    func proofs(_ log: LogKind) -> any HashSource {
        ProofSource(log: log, state: state, tiles: transaction)
    }

    /// An entry of this batch, with its proof under the new checkpoint and the consistency from what its signer had seen.
    /// To be asked after ``seal(with:)``.
    func logged(_ log: LogKind, at index: UInt64, seen: UInt64) throws -> LoggedEntry {
        guard let entry = newEntry(log, at: index) else { throw StorageError(.broken, part: "entry of the batch") }
        return try LoggedEntry(
            log: log, index: index, entry: entry.bytes, head: state.head(log), seen: seen, hashes: proofs(log))
    }
}
