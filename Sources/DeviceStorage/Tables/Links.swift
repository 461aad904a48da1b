import Foundation
import GRDB

/// What a message answers or carries on, and the thread that both belong to.
public struct LinkRow: Sendable {
    public let message: String
    /// The message that it answers or carries on; it need not be stored here.
    public let parent: String
    /// The first message of the thread, as far as it is known here.
    public let root: String
    /// Whether it carries its parent on; else it answers it.
    public let isForward: Bool
    /// The time that a reply promises, as it stands there.
    public let promised: [UInt8]?
}

private func promised(_ message: String) -> SealedPlace {
    SealedPlace(table: "link", column: "promised", row: message)
}

extension StoreReading {
    /// What a message answers or carries on; `nil` when it begins a thread.
    public func link(of message: String) throws -> LinkRow? {
        try Row.fetchOne(database, sql: "SELECT * FROM link WHERE message = ?", arguments: [message]).map(linkRow)
    }

    /// Every message of a thread but its first.
    public func links(ofThread root: String) throws -> [LinkRow] {
        try Row.fetchAll(database, sql: "SELECT * FROM link WHERE root = ? ORDER BY message", arguments: [root])
            .map(linkRow)
    }

    /// Every message that answers another or carries one on: few of all.
    public func links() throws -> [LinkRow] {
        try Row.fetchAll(database, sql: "SELECT * FROM link ORDER BY message").map(linkRow)
    }

    private func linkRow(_ row: Row) throws -> LinkRow {
        let message: String = row["message"]
        return LinkRow(
            message: message, parent: row["parent"], root: row["root"], isForward: row["forward"],
            promised: try open(row["promised"], at: promised(message)))
    }
}

extension StoreStep {
    /// Puts a message into the thread of what it answers or carries on. What came before it joins it there.
    public func addLink(_ message: String, to parent: String, isForward: Bool, promised time: [UInt8]? = nil) throws {
        let root = try link(of: parent)?.root ?? parent
        // A message that answers itself would be a thread without a beginning.
        guard root != message else { return }
        try execute(
            "INSERT OR IGNORE INTO link (message, parent, root, forward, promised) VALUES (?, ?, ?, ?, ?)",
            [message, parent, root, isForward, seal(time, at: promised(message))])
        try execute("UPDATE link SET root = ? WHERE root = ?", [root, message])
    }

    /// Takes a message out of its thread that goes on under another id.
    public func removeLink(_ message: String) throws {
        try execute("DELETE FROM link WHERE message = ?", [message])
    }
}
