import Foundation
import GRDB

/// A received message.
public struct MessageRow: Sendable {
    public let id: String
    /// The item's number in this device's queue.
    public let number: UInt64
    /// Milliseconds since 1970.
    public let received: Int64
    /// `stored` or `quarantined`; what came after is told by receipts.
    public var state: String
    /// 0 is the most urgent.
    public let urgency: Int
    /// What lists show of it.
    public var summary: [UInt8]
    /// What arrived.
    public let envelope: [UInt8]
    /// The opened content; `nil` in quarantine.
    public var content: [UInt8]?
    /// What was verified about it, and what was not.
    public var details: [UInt8]

    public init(
        id: String, number: UInt64, received: Int64, state: String, urgency: Int, summary: [UInt8],
        envelope: [UInt8], content: [UInt8]?, details: [UInt8]
    ) {
        self.id = id
        self.number = number
        self.received = received
        self.state = state
        self.urgency = urgency
        self.summary = summary
        self.envelope = envelope
        self.content = content
        self.details = details
    }
}

/// What was verified: long, and no list needs it.
private func details(_ id: String) -> SealedPlace { SealedPlace(table: "message", column: "details", row: id) }

/// What only an opened message shows: each under a key of its own.
private func content(_ id: String) -> SealedPlace {
    SealedPlace(table: "message", column: "content", row: id, scope: .row)
}

private func envelope(_ id: String) -> SealedPlace {
    SealedPlace(table: "message", column: "envelope", row: id, scope: .row)
}

extension StoreReading {
    /// A stored message.
    public func message(_ id: String) throws -> MessageRow? {
        try Row.fetchOne(database, sql: "\(Self.rows) WHERE id = ?", arguments: [id]).map(messageRow)
    }

    /// What was verified about a message, without opening it.
    public func messageDetails(_ id: String) throws -> [UInt8]? {
        try Data.fetchOne(database, sql: "SELECT details FROM message WHERE id = ?", arguments: [id])
            .map { try opened($0, at: details(id)) }
    }

    /// Whether a message is stored, in quarantine or not.
    public func isStored(message id: String) throws -> Bool {
        try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM listed WHERE id = ?)", arguments: [id]) ?? false
    }

    /// Every stored message, oldest first.
    public func messages() throws -> [MessageRow] {
        try read(
            try Row.fetchAll(database, sql: "\(Self.rows) ORDER BY received, id"),
            keys: { [envelope($0["id"]), content($0["id"])] }, messageRow)
    }

    /// The ids of the messages whose id begins with `prefix`, at most `limit`.
    public func messageIDs(beginningWith prefix: String, limit: Int) throws -> [String] {
        try String.fetchAll(
            database, sql: "SELECT id FROM listed WHERE id >= ?1 AND id < ?1 || char(127) ORDER BY id LIMIT ?2",
            arguments: [prefix, limit])
    }

    private static var rows: String { "SELECT * FROM listed JOIN message USING (id)" }

    private func messageRow(_ row: Row) throws -> MessageRow {
        let id: String = row["id"]
        return MessageRow(
            id: id, number: UInt64(row["number"] as Int64), received: row["received"], state: row["state"],
            urgency: row["urgency"], summary: try opened(row["summary"], at: .messageSummary(id)),
            envelope: try opened(row["envelope"], at: envelope(id)),
            content: try open(row["content"], at: content(id)),
            details: try opened(row["details"], at: details(id)))
    }
}

extension StoreStep {
    /// Stores a message; one that is stored already stays as it is.
    /// - Returns: Whether it is new.
    public func add(_ message: MessageRow) throws -> Bool {
        guard try !isStored(message: message.id) else { return false }
        try execute(
            "INSERT INTO message (id, envelope, content, details) VALUES (?, ?, ?, ?)",
            [
                message.id, seal(message.envelope, at: envelope(message.id)),
                seal(message.content, at: content(message.id)), seal(message.details, at: details(message.id)),
            ])
        try list(message)
        return true
    }

    /// Changes what may change of a stored message.
    public func update(_ message: MessageRow) throws {
        try execute(
            "UPDATE message SET content = ?, details = ? WHERE id = ?",
            [
                seal(message.content, at: content(message.id)), seal(message.details, at: details(message.id)),
                message.id,
            ])
        try relist(message)
    }
}
