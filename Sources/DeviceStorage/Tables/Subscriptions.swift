import Foundation
import GRDB
public import Secrets

/// A way of Web Push on which pages reach this device, without the keys that open them.
public struct SubscriptionRow: Sendable, Equatable {
    public let id: String
    /// Milliseconds since 1970.
    public let created: Int64

    public init(id: String, created: Int64) {
        self.id = id
        self.created = created
    }
}

private func privateKey(_ id: String) -> SealedPlace {
    SealedPlace(table: "subscription", column: "private", row: id, scope: .row)
}

private func authentication(_ id: String) -> SealedPlace {
    SealedPlace(table: "subscription", column: "authentication", row: id, scope: .row)
}

extension StoreReading {
    /// Every subscription whose keys are here, the oldest first.
    public func subscriptions() throws -> [SubscriptionRow] {
        try Row.fetchAll(database, sql: "SELECT id, created FROM subscription ORDER BY created, id").map { row in
            SubscriptionRow(id: row["id"], created: row["created"])
        }
    }

    /// Lends a subscription's private key and its authentication secret; `nil` when they are not here.
    public func withSubscriptionKeys<Result>(
        _ id: String, _ body: (_ key: borrowing SecretBytes, _ authentication: borrowing SecretBytes) throws -> Result
    ) throws -> Result? {
        let row = try Row.fetchOne(
            database, sql: "SELECT private, authentication FROM subscription WHERE id = ?", arguments: [id])
        guard let row else { return nil }
        try prepareKeys(of: [privateKey(id), authentication(id)])
        let key = try openSecret(row["private"], at: privateKey(id))
        let secret = try openSecret(row["authentication"], at: authentication(id))
        return try body(key, secret)
    }
}

extension StoreStep {
    /// Stores the keys of a new subscription before anyone hears of it.
    public func add(
        _ subscription: SubscriptionRow, key: borrowing SecretBytes, authentication secret: borrowing SecretBytes
    ) throws {
        let id = subscription.id
        try execute(
            "INSERT INTO subscription (id, created, private, authentication) VALUES (?, ?, ?, ?)",
            [
                id, subscription.created, sealSecret(key, at: privateKey(id)),
                sealSecret(secret, at: authentication(id)),
            ])
    }

    /// Destroys a subscription's keys; `secure_delete` overwrites them.
    public func removeSubscription(_ id: String) throws {
        try execute("DELETE FROM subscription WHERE id = ?", [id])
    }
}
