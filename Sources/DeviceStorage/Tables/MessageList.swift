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
            SELECT id, number, received, urgency, summary,
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
    /// - Parameters:
    ///   - order: The actions by how far a message is with them, the nearest first; others count for nothing.
    ///   - made: What becomes of a row, of which nothing else is kept: there may be ten thousand. Runs on several threads.
    public func messageList<Listed: Sendable>(
        order: [String], _ made: @Sendable (MessageListRow) throws -> Listed
    ) throws -> [Listed] {
        try messageList(
            Row.fetchCursor(database, sql: MessageListQuery.rows(order), arguments: StatementArguments(order)),
            order, made)
    }

    /// The same of one message.
    public func messageListRow(_ id: String, order: [String]) throws -> MessageListRow? {
        try messageList(
            Row.fetchCursor(
                database, sql: MessageListQuery.rows(order, where: "id = ?\(order.count + 1)"),
                arguments: StatementArguments(order + [id])),
            order
        ) { $0 }.first
    }

    private func messageList<Listed: Sendable>(
        _ cursor: RowCursor, _ order: [String], _ made: @Sendable (MessageListRow) throws -> Listed
    ) throws -> [Listed] {
        let rows = try SealedRows(cursor)
        // The key of the column is looked up once: there are thousands of rows.
        let list: Result<[Listed], any Error> = try access.keys.withKey(of: .messageSummary("")) { key in
            Result {
                try AllCores.map(rows.rows) { row in
                    let binding = SealedPlace.messageSummary(row.id).binding
                    let summary = unsafe rows.sealed.withUnsafeBytes { bytes in
                        unsafe XChaCha20Poly1305.open(
                            UnsafeRawBufferPointer(rebasing: bytes[row.summary]), key: key, binding: binding)
                    }
                    guard let summary else { throw DeviceStorageError(.doesNotOpen, place: "message") }
                    return try made(
                        MessageListRow(
                            id: row.id, number: row.number, received: row.received, urgency: row.urgency,
                            summary: summary, furthest: row.furthest == 0 ? nil : order[row.furthest - 1]))
                }
            }
        }
        return try list.get()
    }
}

/// What the database gives for a list, before anything of it is opened.
private struct SealedRows: Sendable {
    struct Row: Sendable {
        let id: String
        let number: UInt64
        let received: Int64
        let urgency: Int
        /// Its place in ``SealedRows/sealed``.
        let summary: Range<Int>
        /// From 1; 0 while there is none.
        let furthest: Int
    }

    private(set) var rows: [Row] = []
    /// All summaries, one behind the other.
    private(set) var sealed: [UInt8] = []

    init(_ cursor: RowCursor) throws {
        while let row = try cursor.next() {
            let start = sealed.count
            try row.withUnsafeData(atIndex: 4) { data in if let data { sealed.append(contentsOf: data) } }
            rows.append(
                Row(
                    id: row[0], number: UInt64(row[1] as Int64), received: row[2], urgency: row[3],
                    summary: start..<sealed.count, furthest: max(row[5] ?? 0, row[6] ?? 0)))
        }
    }
}

extension SealedPlace {
    /// What lists show of a message.
    static func messageSummary(_ id: String) -> SealedPlace {
        SealedPlace(table: "message", column: "summary", row: id)
    }
}
