import Foundation
import GRDB

/// One line of the step log.
public struct StepRow: Sendable {
    /// Counts from 1.
    public let number: UInt64
    /// Without its line feed.
    public let line: [UInt8]
    /// SHA-256 of the line.
    public let hash: [UInt8]

    public init(number: UInt64, line: [UInt8], hash: [UInt8]) {
        self.number = number
        self.line = line
        self.hash = hash
    }
}

extension StoreReading {
    /// The newest line.
    public func lastStep() throws -> StepRow? {
        try Row.fetchOne(database, sql: "SELECT * FROM step ORDER BY number DESC LIMIT 1").map(stepRow)
    }

    /// The lines after `number`, in order.
    public func steps(after number: UInt64 = 0) throws -> [StepRow] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM step WHERE number > ? ORDER BY number", arguments: [Int64(number)]
        ).map(stepRow)
    }

    /// The last lines, at most `limit`, in order.
    public func lastSteps(limit: Int) throws -> [StepRow] {
        try Row.fetchAll(database, sql: "SELECT * FROM step ORDER BY number DESC LIMIT ?", arguments: [limit])
            .map(stepRow).reversed()
    }

    /// The lines that name a message, in order.
    public func steps(naming message: String) throws -> [StepRow] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM step WHERE instr(line, ?) > 0 ORDER BY number",
            arguments: [Data("\"\(message)\"".utf8)]
        ).map(stepRow)
    }

    /// The number of the line after which the copy would be `size` bytes long; 0 for an empty copy.
    func stepNumber(endingAt size: Int64) throws -> UInt64? {
        if size == 0 { return 0 }
        return try Int64.fetchOne(database, sql: "SELECT number FROM step WHERE position = ?", arguments: [size])
            .map { UInt64($0) }
    }

    private func stepRow(_ row: Row) -> StepRow {
        StepRow(
            number: UInt64(row["number"] as Int64), line: [UInt8](row["line"] as Data),
            hash: [UInt8](row["hash"] as Data))
    }
}

extension StoreStep {
    /// Appends a line. `position` is the copy's length after it.
    public func add(_ step: StepRow) throws {
        let before = try Int64.fetchOne(database, sql: "SELECT COALESCE(MAX(position), 0) FROM step") ?? 0
        try execute(
            "INSERT INTO step (number, line, hash, position) VALUES (?, ?, ?, ?)",
            [Int64(step.number), Data(step.line), Data(step.hash), before + Int64(step.line.count) + 1])
    }
}
