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

extension StoreReading {
    /// Every received message, oldest first, without opening one: no content, no envelope, no key of a row.
    /// - Parameter order: The actions by how far a message is with them, the nearest first; others count for nothing.
    ///
    /// That another device merely received it, or could not open it, says nothing of it here.
    public func messageList(order: [String]) throws -> [MessageListRow] {
        // How far an action is: where it stands in the list of them all.
        let words = order.map { " \($0) " }.joined()
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT id, number, received, state, urgency, summary,
                    (SELECT MAX(INSTR(?1, ' ' || action || ' ')) FROM receipt
                        WHERE receipt.message = message.id AND position IS NOT NULL),
                    (SELECT MAX(INSTR(?1, ' ' || action || ' ')) FROM answer
                        WHERE answer.message = message.id AND action NOT IN ('delivered', 'undecryptable'))
                FROM message ORDER BY received, id
                """, arguments: [words])
        // The key of the column is looked up once, and a few words are cut out once: there are thousands of rows.
        let list: Result<[MessageListRow], any Error> = try access.keys.withKey(of: .messageSummary("")) { key in
            var furthest: [Int: String] = [:]
            var list: [MessageListRow] = []
            do {
                while let row = try rows.next() {
                    let id: String = row[0]
                    let own: Int = row[6] ?? 0
                    let others: Int = row[7] ?? 0
                    let place = max(own, others)
                    if place > 0, furthest[place] == nil { furthest[place] = Self.word(at: place, in: words) }
                    let sealed: Data = row[5]
                    let summary = try? XChaCha20Poly1305.open(
                        [UInt8](sealed), key: key, binding: SealedPlace.messageSummary(id).binding)
                    guard let summary else { throw DeviceStorageError(.doesNotOpen, place: "message") }
                    list.append(
                        MessageListRow(
                            id: id, number: UInt64(row[1] as Int64), received: row[2], state: row[3], urgency: row[4],
                            summary: summary, furthest: furthest[place]))
                }
                return .success(list)
            } catch {
                return .failure(error)
            }
        }
        return try list.get()
    }

    /// The same of one message.
    public func messageListRow(_ id: String, order: [String]) throws -> MessageListRow? {
        let words = order.map { " \($0) " }.joined()
        return try Row.fetchOne(
            database,
            sql: """
                SELECT number, received, state, urgency, summary,
                    (SELECT MAX(INSTR(?1, ' ' || action || ' ')) FROM receipt
                        WHERE receipt.message = message.id AND position IS NOT NULL),
                    (SELECT MAX(INSTR(?1, ' ' || action || ' ')) FROM answer
                        WHERE answer.message = message.id AND action NOT IN ('delivered', 'undecryptable'))
                FROM message WHERE id = ?2
                """, arguments: [words, id]
        ).map { row in
            let place = max(row[5] ?? 0, row[6] ?? 0)
            return MessageListRow(
                id: id, number: UInt64(row[0] as Int64), received: row[1], state: row[2], urgency: row[3],
                summary: try opened(row[4], at: .messageSummary(id)),
                furthest: place == 0 ? nil : Self.word(at: place, in: words))
        }
    }

    /// The word that begins behind the blank at a place, counted from 1.
    private static func word(at place: Int, in words: String) -> String {
        String(words.dropFirst(place).prefix { $0 != " " })
    }
}

extension SealedPlace {
    /// What lists show of a message.
    static func messageSummary(_ id: String) -> SealedPlace {
        SealedPlace(table: "message", column: "summary", row: id)
    }
}
