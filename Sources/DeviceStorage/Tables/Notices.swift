import Foundation
import GRDB

/// A log entry that concerns a message this member sent: a receipt, or an event of the relay.
public struct NoticeRow: Sendable {
    /// The item's number in this device's queue.
    public let number: UInt64
    public let message: String
    /// Its index in the activity log.
    public let index: UInt64
    /// The entry's bytes, verified.
    public let entry: [UInt8]

    public init(number: UInt64, message: String, index: UInt64, entry: [UInt8]) {
        self.number = number
        self.message = message
        self.index = index
        self.entry = entry
    }
}

private func place(_ number: UInt64) -> SealedPlace {
    SealedPlace(table: "notice", column: "entry", row: "\(number)")
}

extension StoreReading {
    /// The notices on one message, in the order of the log.
    public func notices(on message: String) throws -> [NoticeRow] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM notice WHERE message = ? ORDER BY position, number", arguments: [message]
        ).map { row in
            let number = UInt64(row["number"] as Int64)
            return NoticeRow(
                number: number, message: row["message"], index: UInt64(row["position"] as Int64),
                entry: try opened(row["entry"], at: place(number)))
        }
    }
}

extension StoreStep {
    /// Keeps a notice; one that is there stays.
    /// - Returns: Whether it is new.
    public func add(_ notice: NoticeRow) throws -> Bool {
        try execute(
            "INSERT OR IGNORE INTO notice (number, message, position, entry) VALUES (?, ?, ?, ?)",
            [Int64(notice.number), notice.message, Int64(notice.index), seal(notice.entry, at: place(notice.number))])
        return database.changesCount == 1
    }
}
