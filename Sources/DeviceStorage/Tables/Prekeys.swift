import Foundation
import GRDB
public import Secrets

/// Where a prekey is in its life.
public enum PrekeyState: String, Sendable {
    /// Stored, not yet known to be on the relay.
    case made
    /// The relay has it.
    case published
    /// Its private half is gone; the row says that the id was ours.
    case destroyed
}

/// A prekey's row without its private half.
public struct PrekeyRow: Sendable {
    public let id: String
    public let purpose: String
    /// Milliseconds since 1970.
    public let created: Int64
    /// Milliseconds since 1970; when the private half must be gone.
    public let expires: Int64
    public let state: PrekeyState
    /// What goes to the relay; `nil` once destroyed.
    public let published: [UInt8]?

    public init(id: String, purpose: String, created: Int64, expires: Int64, state: PrekeyState, published: [UInt8]?) {
        self.id = id
        self.purpose = purpose
        self.created = created
        self.expires = expires
        self.state = state
        self.published = published
    }
}

private func privateHalf(_ id: String) -> SealedPlace {
    SealedPlace(table: "prekey", column: "private", row: id, scope: .row)
}

extension StoreReading {
    /// A prekey's row, or `nil` when the id was never ours.
    public func prekey(_ id: String) throws -> PrekeyRow? {
        try Row.fetchOne(database, sql: "SELECT * FROM prekey WHERE id = ?", arguments: [id]).map(prekeyRow)
    }

    /// The prekeys of one state, oldest first.
    public func prekeys(in state: PrekeyState) throws -> [PrekeyRow] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM prekey WHERE state = ? ORDER BY created, id", arguments: [state.rawValue]
        ).map(prekeyRow)
    }

    /// Lends a prekey's private half; `nil` when it is not here or destroyed.
    public func withPrivatePrekey<Result>(
        _ id: String, _ body: (borrowing SecretBytes) throws -> Result
    ) throws -> Result? {
        let sealed = try Data.fetchOne(
            database, sql: "SELECT private FROM prekey WHERE id = ? AND private IS NOT NULL", arguments: [id])
        guard let sealed else { return nil }
        let secret = try openSecret(sealed, at: privateHalf(id))
        return try body(secret)
    }

    private func prekeyRow(_ row: Row) throws -> PrekeyRow {
        guard let state = PrekeyState(rawValue: row["state"]) else {
            throw DeviceStorageError(.unusable, place: "prekey")
        }
        return PrekeyRow(
            id: row["id"], purpose: row["purpose"], created: row["created"], expires: row["expires"], state: state,
            published: (row["published"] as Data?).map { [UInt8]($0) })
    }
}

extension StoreStep {
    /// Stores a new prekey before anyone hears of it.
    public func add(_ prekey: PrekeyRow, holding secret: borrowing SecretBytes) throws {
        try execute(
            """
            INSERT INTO prekey (id, purpose, created, expires, state, private, published)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                prekey.id, prekey.purpose, prekey.created, prekey.expires, prekey.state.rawValue,
                sealSecret(secret, at: privateHalf(prekey.id)), prekey.published.map { Data($0) },
            ])
    }

    /// The relay has answered for these.
    public func markPublished(_ ids: [String]) throws {
        for id in ids {
            try execute("UPDATE prekey SET state = 'published' WHERE id = ? AND state = 'made'", [id])
        }
    }

    /// Destroys a private half; `secure_delete` overwrites it.
    public func destroyPrekey(_ id: String) throws {
        try execute("UPDATE prekey SET state = 'destroyed', private = NULL, published = NULL WHERE id = ?", [id])
    }

    /// Destroys every private half whose time is over.
    /// - Returns: How many.
    public func destroyPrekeys(expiredBy time: Int64) throws -> Int {
        try execute(
            """
            UPDATE prekey SET state = 'destroyed', private = NULL, published = NULL
            WHERE expires <= ? AND state <> 'destroyed'
            """, [time])
        return database.changesCount
    }
}
