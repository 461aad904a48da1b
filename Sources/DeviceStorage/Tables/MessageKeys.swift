import Foundation
import GRDB
public import Secrets

private func place(_ id: String) -> SealedPlace {
    SealedPlace(table: "message", column: "key", row: id, scope: .row)
}

/// The keys of received messages: they open attachments later, and show what a message said to whom it is handed on.
///
/// A key is kept in its message's row, sealed under a key of its own, and goes with it.
extension StoreReading {
    /// Lends a message's key; `nil` when the message never opened here.
    public func withMessageKey<Result>(
        _ id: String, _ body: (borrowing SecretBytes) throws -> Result
    ) throws -> Result? {
        let sealed = try Data.fetchOne(
            database, sql: "SELECT key FROM message WHERE id = ? AND key IS NOT NULL", arguments: [id])
        guard let sealed else { return nil }
        let key = try openSecret(sealed, at: place(id))
        return try body(key)
    }
}

extension StoreStep {
    /// Keeps the key of a stored message.
    public func setMessageKey(_ id: String, to key: borrowing SecretBytes) throws {
        try execute("UPDATE message SET key = ? WHERE id = ?", [sealSecret(key, at: place(id)), id])
    }
}
