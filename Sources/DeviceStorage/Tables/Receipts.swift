import Foundation
import GRDB

/// One of this device's own receipts: in the outbox until it has a proof.
public struct ReceiptRow: Sendable {
    /// Counts from 1 without gaps.
    public let number: UInt64
    public let message: String
    public let action: String
    /// SHA-256 of the receipt's text.
    public let hash: [UInt8]
    /// The head of the step log that it names.
    public let steps: [UInt8]
    /// The signed note, posted byte for byte.
    public let note: [UInt8]
    /// Its index in the activity log, once proven.
    public var index: UInt64?
    /// The proof that was verified.
    public var proof: [UInt8]?

    public init(
        number: UInt64, message: String, action: String, hash: [UInt8], steps: [UInt8], note: [UInt8],
        index: UInt64? = nil, proof: [UInt8]? = nil
    ) {
        self.number = number
        self.message = message
        self.action = action
        self.hash = hash
        self.steps = steps
        self.note = note
        self.index = index
        self.proof = proof
    }
}

private func place(_ column: StaticString, _ number: UInt64) -> SealedPlace {
    SealedPlace(table: "receipt", column: column, row: "\(number)")
}

extension StoreReading {
    /// The newest receipt.
    public func lastReceipt() throws -> ReceiptRow? {
        try Row.fetchOne(database, sql: "SELECT * FROM receipt ORDER BY number DESC LIMIT 1").map(receiptRow)
    }

    /// Every receipt, in order.
    public func receipts() throws -> [ReceiptRow] {
        try Row.fetchAll(database, sql: "SELECT * FROM receipt ORDER BY number").map(receiptRow)
    }

    /// The receipts on one message, in order.
    public func receipts(on message: String) throws -> [ReceiptRow] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM receipt WHERE message = ? ORDER BY number", arguments: [message]
        ).map(receiptRow)
    }

    /// What still has to be posted, in order, at most `limit`.
    public func unprovenReceipts(limit: Int) throws -> [ReceiptRow] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM receipt WHERE proof IS NULL ORDER BY number LIMIT ?", arguments: [limit]
        ).map(receiptRow)
    }

    /// How many still have to be posted.
    public func countOfUnprovenReceipts() throws -> Int {
        try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM receipt WHERE proof IS NULL") ?? 0
    }

    private func receiptRow(_ row: Row) throws -> ReceiptRow {
        let number = UInt64(row["number"] as Int64)
        return ReceiptRow(
            number: number, message: row["message"], action: row["action"], hash: [UInt8](row["hash"] as Data),
            steps: [UInt8](row["steps"] as Data), note: try opened(row["note"], at: place("note", number)),
            index: (row["position"] as Int64?).map { UInt64($0) },
            proof: try open(row["proof"], at: place("proof", number)))
    }
}

extension StoreStep {
    /// Puts a receipt into the outbox.
    public func add(_ receipt: ReceiptRow) throws {
        try execute(
            """
            INSERT INTO receipt (number, message, action, hash, steps, note, position, proof)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                Int64(receipt.number), receipt.message, receipt.action, Data(receipt.hash), Data(receipt.steps),
                seal(receipt.note, at: place("note", receipt.number)), receipt.index.map { Int64($0) },
                seal(receipt.proof, at: place("proof", receipt.number)),
            ])
        if receipt.index != nil { try advance(receipt.message, by: .thisDevice, receipt.action) }
    }

    /// Takes back what the relay never accepted, so that it can be signed anew.
    public func removeUnprovenReceipts() throws {
        try execute("DELETE FROM receipt WHERE proof IS NULL")
    }

    /// Records the verified proof of a receipt.
    public func markProven(receipt number: UInt64, index: UInt64, proof: [UInt8]) throws {
        try execute(
            "UPDATE receipt SET position = ?, proof = ? WHERE number = ?",
            [Int64(index), seal(proof, at: place("proof", number)), Int64(number)])
        let proven = try Row.fetchOne(
            database, sql: "SELECT message, action FROM receipt WHERE number = ?", arguments: [Int64(number)])
        if let proven { try advance(proven["message"], by: .thisDevice, proven["action"]) }
    }
}
