import Foundation
import GRDB
public import Secrets

private func secret(_ id: String) -> SealedPlace {
    SealedPlace(table: "sent", column: "secret", row: id, scope: .row)
}

private func files(_ id: String) -> SealedPlace { SealedPlace(table: "sent", column: "files", row: id) }

/// What a message with files needs until it is accepted: the secret that its keys come from, and what is known of the
/// sealed files beside the store.
extension StoreReading {
    /// Lends the secret; `nil` when there are no files, or no longer.
    public func withSendingSecret<Result>(
        _ id: String, _ body: (borrowing SecretBytes) throws -> Result
    ) throws -> Result? {
        let sealed = try Data.fetchOne(
            database, sql: "SELECT secret FROM sent WHERE id = ? AND secret IS NOT NULL", arguments: [id])
        guard let sealed else { return nil }
        let opened = try openSecret(sealed, at: secret(id))
        return try body(opened)
    }

    /// What is known of the files.
    public func sendingFiles(_ id: String) throws -> [UInt8]? {
        try open(
            try Data.fetchOne(
                database, sql: "SELECT files FROM sent WHERE id = ? AND files IS NOT NULL", arguments: [id]),
            at: files(id))
    }

    /// Every sent message that still has files here.
    public func sentIDsWithFiles() throws -> [String] {
        try String.fetchAll(database, sql: "SELECT id FROM sent WHERE secret IS NOT NULL ORDER BY id")
    }
}

extension StoreStep {
    /// Keeps the secret of a message's files, which is made once.
    public func setSendingSecret(_ id: String, to value: borrowing SecretBytes) throws {
        try execute("UPDATE sent SET secret = ? WHERE id = ?", [sealSecret(value, at: secret(id)), id])
    }

    /// Keeps what is known of the files.
    public func setSendingFiles(_ id: String, to value: [UInt8]) throws {
        try execute("UPDATE sent SET files = ? WHERE id = ?", [seal(value, at: files(id)), id])
    }

    /// Destroys both: the relay has the message, or never will.
    public func forgetSendingFiles(_ id: String) throws {
        try execute("UPDATE sent SET secret = NULL, files = NULL WHERE id = ?", [id])
    }
}
