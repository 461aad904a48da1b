import Foundation
import GRDB

/// Another device's receipt on a message that was received here, too.
public struct AnswerRow: Sendable {
    /// Its place in the activity log.
    public let index: UInt64
    public let message: String
    /// What it says was done.
    public let action: String
    /// The entry's bytes, verified.
    public let entry: [UInt8]

    public init(index: UInt64, message: String, action: String, entry: [UInt8]) {
        self.index = index
        self.message = message
        self.action = action
        self.entry = entry
    }
}

private func place(_ index: UInt64) -> SealedPlace {
    SealedPlace(table: "answer", column: "entry", row: "\(index)")
}

extension StoreReading {
    /// What other devices said about a message, in the order of the log.
    public func answers(on message: String) throws -> [AnswerRow] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM answer WHERE message = ? ORDER BY position", arguments: [message]
        ).map { row in
            let index = UInt64(row["position"] as Int64)
            return AnswerRow(
                index: index, message: row["message"], action: row["action"],
                entry: try opened(row["entry"], at: place(index)))
        }
    }
}

extension StoreStep {
    /// Keeps another device's receipt; one that is there stays.
    /// - Returns: Whether it was not there.
    @discardableResult
    public func add(_ answer: AnswerRow) throws -> Bool {
        try execute(
            "INSERT OR IGNORE INTO answer (position, message, action, entry) VALUES (?, ?, ?, ?)",
            [Int64(answer.index), answer.message, answer.action, seal(answer.entry, at: place(answer.index))])
        guard database.changesCount > 0 else { return false }
        try advance(answer.message, by: .otherDevice, answer.action)
        return true
    }
}
