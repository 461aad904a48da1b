import Statements

/// Auditors' looks, in the order of the log: rows of the store that are only added to. In memory are those since it was last
/// written.
struct AccessLedger {
    private(set) var count = 0
    private var unwritten: [StoredAccess] = []

    init() {}

    mutating func add(_ access: AuditedAccess) {
        unwritten.append(StoredAccess(number: count, record: access.record))
        count += 1
    }

    mutating func flush(to store: any AuditStore) throws(AuditError) {
        guard !unwritten.isEmpty else { return }
        try store.add(unwritten)
        unwritten.removeAll(keepingCapacity: true)
    }

    // MARK: Going on

    /// What was flushed stands in the store: only how much it is must be known.
    func write(to writer: inout RecordWriter) { writer.put(count) }

    init(from reader: inout RecordReader) throws(AuditError) { count = try reader.count() }
}
