import Statements

/// Every message of an audited log, read from the store one after the other.
final class MessageArchive: Sendable {
    /// 256: how many are read at once.
    private static let stretch = 256

    private let store: any AuditStore
    let count: Int
    /// Those that the log's end made others than the store knows.
    private let changed: [Int: AuditedMessage]

    init(_ store: any AuditStore, count: Int, changed: [Int: AuditedMessage]) {
        self.store = store
        self.count = count
        self.changed = changed
    }

    func forEach(_ body: (AuditedMessage) throws -> Void) throws {
        var number = 0
        while number < count {
            let stored = try store.messages(from: number, limit: Self.stretch)
            guard let first = stored.first, first.number == number else { throw RecordReader.damaged }
            for (place, message) in stored.enumerated() {
                guard message.number == number + place else { throw RecordReader.damaged }
                try body(try changed[message.number] ?? AuditedMessage(record: message.record))
            }
            number += stored.count
        }
    }
}
