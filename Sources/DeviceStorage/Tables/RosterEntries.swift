import Foundation
import GRDB

private func place(_ number: UInt64) -> SealedPlace {
    SealedPlace(table: "roster_entry", column: "entry", row: "\(number)")
}

extension StoreReading {
    /// The roster log as far as it was verified, in order.
    public func rosterEntries() throws -> [[UInt8]] {
        var expected: Int64 = 0
        return try Row.fetchAll(database, sql: "SELECT number, entry FROM roster_entry ORDER BY number").map { row in
            guard row["number"] as Int64 == expected else { throw DeviceStorageError(.unusable, place: "roster_entry") }
            defer { expected += 1 }
            return try opened(row["entry"], at: place(UInt64(expected)))
        }
    }

    /// How many entries are kept.
    public func rosterSize() throws -> UInt64 {
        UInt64(try Int64.fetchOne(database, sql: "SELECT COUNT(*) FROM roster_entry") ?? 0)
    }
}

extension StoreStep {
    /// Appends verified entries from `first` on; those that are there stay.
    public func addRosterEntries(_ entries: [[UInt8]], from first: UInt64) throws {
        for (offset, entry) in entries.enumerated() {
            let number = first + UInt64(offset)
            try execute(
                "INSERT OR IGNORE INTO roster_entry (number, entry) VALUES (?, ?)",
                [Int64(number), seal(entry, at: place(number))])
        }
    }
}
