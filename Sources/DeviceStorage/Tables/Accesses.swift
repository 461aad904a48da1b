import Foundation
import GRDB

/// One of this auditor's own looks: stored before it is posted, and nothing is shown before it has a proof.
public struct AccessRow: Sendable {
    /// Counts from 1.
    public let number: Int64
    /// The signed note, posted byte for byte.
    public let note: [UInt8]

    public init(number: Int64, note: [UInt8]) {
        self.number = number
        self.note = note
    }
}

private func place(_ column: StaticString, _ number: Int64) -> SealedPlace {
    SealedPlace(table: "access", column: column, row: "\(number)")
}

extension StoreReading {
    /// The looks whose place is not proven, in order, at most `limit`.
    public func unprovenAccesses(limit: Int) throws -> [AccessRow] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM access WHERE proof IS NULL ORDER BY number LIMIT ?", arguments: [limit]
        ).map(accessRow)
    }

    private func accessRow(_ row: Row) throws -> AccessRow {
        let number = row["number"] as Int64
        return AccessRow(number: number, note: try opened(row["note"], at: place("note", number)))
    }
}

extension StoreStep {
    /// Puts a look into the outbox.
    /// - Returns: Its number.
    public func add(access note: [UInt8]) throws -> Int64 {
        let last = try Int64.fetchOne(database, sql: "SELECT MAX(number) FROM access") ?? 0
        let number = last + 1
        try execute(
            "INSERT INTO access (number, note) VALUES (?, ?)", [number, seal(note, at: place("note", number))])
        return number
    }

    /// Records the verified proof of a look.
    public func markProven(access number: Int64, index: UInt64, proof: [UInt8]) throws {
        try execute(
            "UPDATE access SET position = ?, proof = ? WHERE number = ?",
            [Int64(index), seal(proof, at: place("proof", number)), number])
    }

    /// Takes back a look that the relay refused: it never was one, for nothing was shown.
    public func remove(access number: Int64) throws {
        try execute("DELETE FROM access WHERE number = ? AND proof IS NULL", [number])
    }
}
