import Secrets

/// Which statements the log holds: by the first 63 bits of their hashes in the store, by the whole hash for those since the
/// last time that it was written.
struct StatementLedger {
    /// 65,536: how many wait in memory, so that many are written at once.
    private static let limit = 65_536

    private var pending: Set<Digest> = []
    private var unwritten: [StoredStatement] = []
    /// Of those that were looked for, what the store has.
    private var known: Set<Digest> = []
    /// All of the log's; `nil` when some were added by an earlier run.
    private var filter: SeenFilter?

    /// - Parameter isNew: Whether the store has none.
    init(isNew: Bool) {
        filter = isNew ? SeenFilter() : nil
        // At once: to grow is to hash all of them again.
        pending.reserveCapacity(Self.limit)
    }

    /// Looks for statements that are about to be judged, all at once.
    mutating func look(for hashes: [Digest], _ store: any AuditStore, _ entries: EntryLedger) throws(AuditError) {
        known = []
        let doubtful = filter.map { filter in hashes.filter { filter.mayHold($0.prefix) } } ?? hashes
        let found = try store.statements(with: doubtful.map(\.prefix))
        guard !found.isEmpty else { return }
        let asked = Set(hashes)
        for statement in found {
            // The prefix is an index; the whole hash decides.
            guard let record = entries.record(statement.entry) else { throw entries.failure ?? RecordReader.damaged }
            if asked.contains(record.statement) { known.insert(record.statement) }
        }
    }

    /// - Returns: Whether the log does not hold it yet.
    mutating func insert(_ hash: Digest, entry: UInt64) -> Bool {
        guard !known.contains(hash), pending.insert(hash).inserted else { return false }
        filter?.add(hash.prefix)
        unwritten.append(StoredStatement(prefix: hash.prefix, entry: entry))
        return true
    }

    /// Whether so many wait that they should be written.
    var isFull: Bool { unwritten.count >= Self.limit }

    mutating func flush(to store: any AuditStore) throws(AuditError) {
        try store.add(unwritten)
        unwritten.removeAll(keepingCapacity: true)
        pending.removeAll(keepingCapacity: true)
    }
}
