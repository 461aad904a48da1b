import Foundation
import GRDB

/// Something that cannot be true if everyone is honest.
public struct FindingRow: Sendable {
    public let number: UInt64
    /// Milliseconds since 1970.
    public let found: Int64
    public let code: String
    /// What it is about, and which evidence file shows it.
    public let details: [UInt8]
}

private func place(_ found: Int64, _ code: String) -> SealedPlace {
    SealedPlace(table: "finding", column: "details", row: "\(found) \(code)")
}

extension StoreReading {
    /// Every finding, oldest first.
    public func findings() throws -> [FindingRow] {
        try Row.fetchAll(database, sql: "SELECT * FROM finding ORDER BY number").map { row in
            let found: Int64 = row["found"]
            let code: String = row["code"]
            return FindingRow(
                number: UInt64(row["number"] as Int64), found: found, code: code,
                details: try opened(row["details"], at: place(found, code)))
        }
    }
}

extension StoreStep {
    /// Records a finding.
    public func addFinding(_ code: String, found: Int64, details: [UInt8]) throws {
        try execute(
            "INSERT INTO finding (found, code, details) VALUES (?, ?, ?)",
            [found, code, seal(details, at: place(found, code))])
    }
}
