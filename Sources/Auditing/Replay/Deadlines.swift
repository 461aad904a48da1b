import Statements

/// Which messages have expired by log time, and until when the relay has to say that nobody answered.
struct Deadlines {
    /// 60 s of log time.
    ///
    /// It begins with the first entry at or after the expiry, not with the expiry itself: a relay that was down over it
    /// could not say anything, and owes its word once it is back.
    static let graceSeconds: Int64 = 60

    private struct Item {
        let time: Timestamp
        let message: Int
    }

    /// A binary heap: the earliest expiry first.
    private var waiting: [Item] = []
    /// By deadline, for log time only grows.
    private var expired: ArraySlice<Item> = []

    init() {}

    /// A message that expires then.
    mutating func add(_ message: Int, expires: Timestamp) {
        waiting.append(Item(time: expires, message: message))
        var child = waiting.count - 1
        while child > 0, waiting[child].time < waiting[(child - 1) / 2].time {
            waiting.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Log time has come to `time`.
    /// - Returns: The messages whose deadline lies before it, whatever became of them.
    mutating func advance(to time: Timestamp) -> [Int] {
        while let first = waiting.first, first.time <= time {
            expired.append(Item(time: time.adding(seconds: Self.graceSeconds), message: first.message))
            removeFirst()
        }
        var due: [Int] = []
        while let first = expired.first, first.time < time { due.append(expired.removeFirst().message) }
        return due
    }

    private mutating func removeFirst() {
        let last = waiting.removeLast()
        guard !waiting.isEmpty else { return }
        waiting[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < waiting.count {
                if waiting[child].time < waiting[least].time { least = child }
            }
            guard least != parent else { return }
            waiting.swapAt(parent, least)
            parent = least
        }
    }

    // MARK: State

    /// As they lie, so that two of one instant come in the same order whenever they come.
    func write(to writer: inout RecordWriter) {
        for items in [waiting, Array(expired)] {
            writer.put(items) { writer, item in
                writer.put(item.time)
                writer.put(item.message)
            }
        }
    }

    init(from reader: inout RecordReader) throws(AuditError) {
        waiting = try Self.items(from: &reader)
        expired = try Self.items(from: &reader)[...]
    }

    private static func items(from reader: inout RecordReader) throws(AuditError) -> [Item] {
        try reader.list { (reader) throws(AuditError) in
            Item(time: try reader.time(), message: try reader.count())
        }
    }
}
