import Foundation
import GRDB

/// A message that this device sends or sent.
public struct SentRow: Sendable {
    public let id: String
    /// Milliseconds since 1970.
    public let created: Int64
    /// `drafted`, `sealed`, `accepted` or `refused`.
    public var state: String
    /// What was asked for: addressee, urgency, content.
    public let draft: [UInt8]
    /// The sealed envelope, posted byte for byte.
    public var envelope: [UInt8]?
    /// The manifest's index in the activity log, once accepted.
    public var index: UInt64?
    /// The proof that was verified.
    public var proof: [UInt8]?

    public init(
        id: String, created: Int64, state: String, draft: [UInt8], envelope: [UInt8]?, index: UInt64? = nil,
        proof: [UInt8]? = nil
    ) {
        self.id = id
        self.created = created
        self.state = state
        self.draft = draft
        self.envelope = envelope
        self.index = index
        self.proof = proof
    }
}

private func draft(_ id: String) -> SealedPlace {
    SealedPlace(table: "sent", column: "draft", row: id, scope: .row)
}

private func envelope(_ id: String) -> SealedPlace {
    SealedPlace(table: "sent", column: "envelope", row: id, scope: .row)
}

private func proof(_ id: String) -> SealedPlace { SealedPlace(table: "sent", column: "proof", row: id) }

extension StoreReading {
    /// One sent message.
    public func sent(_ id: String) throws -> SentRow? {
        try Row.fetchOne(database, sql: "SELECT * FROM sent WHERE id = ?", arguments: [id]).map(sentRow)
    }

    /// Every sent message, oldest first.
    public func sentMessages() throws -> [SentRow] {
        try sentRows(try Row.fetchAll(database, sql: "SELECT * FROM sent ORDER BY created, id"))
    }

    /// Those in one state, oldest first.
    public func sentMessages(in state: String) throws -> [SentRow] {
        try sentRows(
            try Row.fetchAll(
                database, sql: "SELECT * FROM sent WHERE state = ? ORDER BY created, id", arguments: [state]))
    }

    /// How many are in one of the states.
    public func countOfSent(in states: [String]) throws -> Int {
        try states.reduce(0) { sum, state in
            sum
                + (try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sent WHERE state = ?", arguments: [state]) ?? 0)
        }
    }

    /// The ids of sent messages that begin with `prefix`, at most `limit`.
    public func sentIDs(beginningWith prefix: String, limit: Int) throws -> [String] {
        try String.fetchAll(
            database, sql: "SELECT id FROM sent WHERE id >= ?1 AND id < ?1 || char(127) ORDER BY id LIMIT ?2",
            arguments: [prefix, limit])
    }

    private func sentRows(_ rows: [Row]) throws -> [SentRow] {
        try read(rows, keys: { [draft($0["id"]), envelope($0["id"])] }, sentRow)
    }

    private func sentRow(_ row: Row) throws -> SentRow {
        let id: String = row["id"]
        return SentRow(
            id: id, created: row["created"], state: row["state"],
            draft: try opened(row["draft"], at: draft(id)),
            envelope: try open(row["envelope"], at: envelope(id)),
            index: (row["position"] as Int64?).map { UInt64($0) },
            proof: try open(row["proof"], at: proof(id)))
    }
}

extension StoreStep {
    /// Stores a message before its first post, or what became of it.
    public func put(_ sent: SentRow) throws {
        try execute(
            """
            INSERT INTO sent (id, created, state, draft, envelope, position, proof) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                created = excluded.created, state = excluded.state, draft = excluded.draft, envelope = excluded.envelope,
                position = excluded.position, proof = excluded.proof
            """,
            [
                sent.id, sent.created, sent.state, seal(sent.draft, at: draft(sent.id)),
                seal(sent.envelope, at: envelope(sent.id)), sent.index.map { Int64($0) },
                seal(sent.proof, at: proof(sent.id)),
            ])
    }

    /// Takes a message out that goes on under another id.
    public func removeSent(_ id: String) throws {
        try execute("DELETE FROM sent WHERE id = ?", [id])
    }
}
