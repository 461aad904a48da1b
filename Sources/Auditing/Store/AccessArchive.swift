import Statements

/// Every look of an audited log, read from the store one after the other.
final class AccessArchive: Sendable {
    /// 256: how many are read at once.
    private static let stretch = 256

    private let store: any AuditStore
    let count: Int

    init(_ store: any AuditStore, count: Int) {
        self.store = store
        self.count = count
    }

    func forEach(_ body: (AuditedAccess) throws -> Void) throws {
        var number = 0
        while number < count {
            let stored = try store.accesses(from: number, limit: min(Self.stretch, count - number))
            guard !stored.isEmpty else { throw RecordReader.damaged }
            for access in stored {
                guard access.number == number else { throw RecordReader.damaged }
                try body(try AuditedAccess(record: access.record))
                number += 1
            }
        }
    }
}
