import Statements

/// What is remembered for a time and then forgotten, so that memory does not grow with the log: at least for as long as it
/// must be, at most for twice that.
struct Generations<Key: Hashable, Value> {
    /// How long each is remembered at the least.
    private let milliseconds: Int64
    private var since: Timestamp
    private var recent: [Key: Value] = [:]
    private var older: [Key: Value] = [:]

    init(milliseconds: Int64) {
        self.milliseconds = milliseconds
        since = Timestamp(milliseconds: 0)
    }

    subscript(_ key: Key) -> Value? { recent[key] ?? older[key] }

    mutating func set(_ value: Value, for key: Key) { recent[key] = value }

    /// Log time has come to `time`.
    mutating func turn(at time: Timestamp) {
        guard time.milliseconds(since: since) >= milliseconds else { return }
        // A log that stood still for longer has nothing recent.
        older = time.milliseconds(since: since) < 2 * milliseconds ? recent : [:]
        recent = [:]
        since = time
    }
}

extension Generations {
    func write(to writer: inout RecordWriter, _ write: (inout RecordWriter, Key, Value) -> Void) {
        writer.put(since)
        for generation in [older, recent] { writer.put(generation) { write(&$0, $1.key, $1.value) } }
    }

    init(
        milliseconds: Int64, from reader: inout RecordReader,
        _ read: (inout RecordReader) throws(AuditError) -> (Key, Value)
    ) throws(AuditError) {
        self.init(milliseconds: milliseconds)
        since = try reader.time()
        older = Dictionary(try reader.list(read), uniquingKeysWith: { first, _ in first })
        recent = Dictionary(try reader.list(read), uniquingKeysWith: { first, _ in first })
    }
}
