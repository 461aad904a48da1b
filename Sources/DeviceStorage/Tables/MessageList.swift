import Foundation
import GRDB
import Secrets

/// A received message as lists have it: everything from one index, nothing that only an opened message shows.
public struct MessageListRow: Sendable {
    public let id: String
    /// The item's number in this device's queue.
    public let number: UInt64
    /// Milliseconds since 1970.
    public let received: Int64
    /// `stored` or `quarantined`.
    public let state: String
    /// 0 is the most urgent.
    public let urgency: Int
    /// What lists show of it.
    public let summary: [UInt8]
    /// The furthest of what this device's proven receipts and other devices' receipts say; `nil` while there is none.
    public let furthest: String?
}

/// What a list is read with: one walk along an index, and for each message a look into two more.
enum MessageListQuery {
    /// Arguments are the order of actions: how far a message is, is the place of its furthest action there, from 1.
    ///
    /// That another device merely received it, or could not open it, says nothing of it here.
    static func rows(_ order: [String], where condition: String = "TRUE") -> String {
        let place =
            "CASE action " + order.indices.map { "WHEN ?\($0 + 1) THEN \($0 + 1)" }.joined(separator: " ") + " END"
        return """
            SELECT id, number, received, state, urgency, summary,
                (SELECT MAX(\(place)) FROM receipt
                    WHERE receipt.message = message.id AND position IS NOT NULL),
                (SELECT MAX(\(place)) FROM answer
                    WHERE answer.message = message.id AND action NOT IN ('delivered', 'undecryptable'))
            FROM message WHERE \(condition) ORDER BY received, id
            """
    }
}

extension StoreReading {
    /// Every received message, oldest first, without opening one: no content, no envelope, no key of a row.
    /// - Parameter order: The actions by how far a message is with them, the nearest first; others count for nothing.
    public func messageList(order: [String]) throws -> [MessageListRow] {
        try messageList(
            Row.fetchCursor(database, sql: MessageListQuery.rows(order), arguments: StatementArguments(order)),
            order)
    }

    /// The same of one message.
    public func messageListRow(_ id: String, order: [String]) throws -> MessageListRow? {
        try messageList(
            Row.fetchCursor(
                database, sql: MessageListQuery.rows(order, where: "id = ?\(order.count + 1)"),
                arguments: StatementArguments(order + [id])),
            order
        ).first
    }

    private func messageList(_ rows: RowCursor, _ order: [String]) throws -> [MessageListRow] {
        // The key of the column is looked up once: there are thousands of rows.
        let list: Result<[MessageListRow], any Error> = try access.keys.withKey(of: .messageSummary("")) { key in
            var list: [MessageListRow] = []
            do {
                while let row = try rows.next() {
                    let id: String = row[0]
                    let sealed: Data = row[5]
                    let summary = try? XChaCha20Poly1305.open(
                        [UInt8](sealed), key: key, binding: SealedPlace.messageSummary(id).binding)
                    guard let summary else { throw DeviceStorageError(.doesNotOpen, place: "message") }
                    let place = max(row[6] ?? 0, row[7] ?? 0)
                    list.append(
                        MessageListRow(
                            id: id, number: UInt64(row[1] as Int64), received: row[2], state: row[3], urgency: row[4],
                            summary: summary, furthest: place == 0 ? nil : order[place - 1]))
                }
                return .success(list)
            } catch {
                return .failure(error)
            }
        }
        return try list.get()
    }
}

extension SealedPlace {
    /// What lists show of a message.
    static func messageSummary(_ id: String) -> SealedPlace {
        SealedPlace(table: "message", column: "summary", row: id)
    }
}
