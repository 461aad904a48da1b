public import Auditing
import Foundation
import GRDB
import Secrets

extension SQLiteAuditStore {
    // MARK: Values

    public func value(_ name: AuditStoreValue) throws(AuditError) -> [UInt8]? {
        try read { database in
            try Data.fetchOne(database, sql: "SELECT sealed FROM value WHERE name = ?", arguments: [name.rawValue])
                .map { try self.open($0, "value", name.rawValue) }
        }
    }

    public func set(_ value: [UInt8]?, as name: AuditStoreValue) throws(AuditError) {
        try write { database in
            if let value {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO value (name, sealed) VALUES (?, ?)",
                    arguments: [name.rawValue, self.seal(value, "value", name.rawValue)])
            } else {
                try database.execute(sql: "DELETE FROM value WHERE name = ?", arguments: [name.rawValue])
            }
        }
    }

    // MARK: Entries

    public func entries(of chunk: UInt64) throws(AuditError) -> [UInt8]? {
        try read { database in
            let statement = try database.cachedStatement(sql: "SELECT sealed FROM entries WHERE chunk = ?")
            return try Data.fetchOne(statement, arguments: [Int64(chunk)]).map { try self.open($0, "entries", chunk) }
        }
    }

    public func set(_ entries: [UInt8], of chunk: UInt64) throws(AuditError) {
        try write { database in
            let statement = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO entries (chunk, sealed) VALUES (?, ?)")
            try statement.execute(arguments: [Int64(chunk), self.seal(entries, "entries", chunk)])
        }
    }

    // MARK: Statements

    public func add(_ statements: [StoredStatement]) throws(AuditError) {
        try write { database in
            var rest = statements[...]
            for rows in [128, 1] {
                let insert = try database.cachedStatement(
                    sql: "INSERT INTO statement (prefix, entry) VALUES "
                        + Array(repeating: "(?,?)", count: rows).joined(separator: ","))
                while rest.count >= rows {
                    let values = rest.prefix(rows).flatMap { [$0.prefix, Int64($0.entry)] }
                    try insert.execute(arguments: StatementArguments(values))
                    rest = rest.dropFirst(rows)
                }
            }
        }
    }

    public func statements(with prefixes: [Int64]) throws(AuditError) -> [StoredStatement] {
        guard !prefixes.isEmpty else { return [] }
        return try read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT prefix, entry FROM statement WHERE prefix IN (\(Self.marks(prefixes.count)))")
            return try Row.fetchAll(statement, arguments: StatementArguments(Self.padded(prefixes))).map {
                guard let entry = UInt64(exactly: $0[1] as Int64) else { throw Self.damaged }
                return StoredStatement(prefix: $0[0], entry: entry)
            }
        }
    }

    // MARK: Messages

    public func set(_ message: StoredMessage) throws(AuditError) {
        try write { database in
            let statement = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO message (number, id, sealed) VALUES (?, ?, ?)")
            try statement.execute(arguments: [
                message.number, Data(message.id), self.seal(message.record, "message", message.number),
            ])
        }
    }

    public func messages(with ids: [[UInt8]]) throws(AuditError) -> [StoredMessage] {
        guard !ids.isEmpty else { return [] }
        return try read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT number, id, sealed FROM message WHERE id IN (\(Self.marks(ids.count)))")
            let arguments = StatementArguments(Self.padded(ids.map { Data($0) }))
            return try Row.fetchAll(statement, arguments: arguments).map(self.message)
        }
    }

    public func messages(from number: Int, limit: Int) throws(AuditError) -> [StoredMessage] {
        try read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT number, id, sealed FROM message WHERE number >= ? ORDER BY number LIMIT ?")
            return try Row.fetchAll(statement, arguments: [number, limit]).map(self.message)
        }
    }

    private func message(_ row: Row) throws -> StoredMessage {
        let number: Int = row[0]
        let id: Data = row[1]
        let sealed: Data = row[2]
        return StoredMessage(number: number, id: [UInt8](id), record: try open(sealed, "message", number))
    }

    // MARK: Looks

    public func add(_ accesses: [StoredAccess]) throws(AuditError) {
        try write { database in
            let statement = try database.cachedStatement(sql: "INSERT INTO access (number, sealed) VALUES (?, ?)")
            for access in accesses {
                try statement.execute(arguments: [
                    access.number, self.seal(access.record, "access", access.number),
                ])
            }
        }
    }

    public func accesses(from number: Int, limit: Int) throws(AuditError) -> [StoredAccess] {
        try read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT number, sealed FROM access WHERE number >= ? ORDER BY number LIMIT ?")
            return try Row.fetchAll(statement, arguments: [number, limit]).map { row in
                let number: Int = row[0]
                let sealed: Data = row[1]
                return StoredAccess(number: number, record: try self.open(sealed, "access", number))
            }
        }
    }

    // MARK: Waiting

    public func set(_ message: Int, isWaiting: Bool, for device: [UInt8]) throws(AuditError) {
        try write { database in
            let statement = try database.cachedStatement(
                sql: isWaiting
                    ? "INSERT OR IGNORE INTO waiting (device, message) VALUES (?, ?)"
                    : "DELETE FROM waiting WHERE device = ? AND message = ?")
            try statement.execute(arguments: [Data(device), message])
        }
    }

    public func messages(waitingFor device: [UInt8]) throws(AuditError) -> [Int] {
        try read { database in
            try Int.fetchAll(
                database, sql: "SELECT message FROM waiting WHERE device = ? ORDER BY message",
                arguments: [Data(device)])
        }
    }

    // MARK: Queues

    public func add(_ part: StoredQueuePart, to device: [UInt8]) throws(AuditError) {
        try write { database in
            let statement = try database.cachedStatement(
                sql: "INSERT INTO queue (device, first, sealed) VALUES (?, ?, ?)")
            try statement.execute(arguments: [
                Data(device), Int64(part.first), self.seal(part.record, "queue", Self.row(device, part.first)),
            ])
        }
    }

    public func queue(of device: [UInt8]) throws(AuditError) -> [StoredQueuePart] {
        try read { database in
            try Row.fetchAll(
                database, sql: "SELECT first, sealed FROM queue WHERE device = ? ORDER BY first",
                arguments: [Data(device)]
            ).map { row in
                let sealed: Data = row[1]
                guard let first = UInt64(exactly: row[0] as Int64) else { throw Self.damaged }
                return StoredQueuePart(first: first, record: try self.open(sealed, "queue", Self.row(device, first)))
            }
        }
    }

    // MARK: Parts

    private static var damaged: AuditError { AuditError(.storeDamaged, "something in it was changed") }

    private static func row(_ device: [UInt8], _ first: UInt64) -> String { "\(Hex.encode(device)) \(first)" }

    /// As many places for values as the next power of two: a few statements serve all lists.
    private static func marks(_ count: Int) -> String {
        Array(repeating: "?", count: padding(count)).joined(separator: ",")
    }

    /// The last value once more, until there are as many as there are places.
    private static func padded<Value>(_ values: [Value]) -> [Value] {
        values + Array(repeating: values[values.count - 1], count: padding(values.count) - values.count)
    }

    private static func padding(_ count: Int) -> Int {
        count < 2 ? count : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
    }
}
