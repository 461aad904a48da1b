import Foundation
import GRDB
import Parallel
import Secrets

/// A received message as lists have it: everything from one small row, nothing that only an opened message shows.
public struct MessageListRow: Sendable {
    public let id: String
    /// 0 is the most urgent.
    public let urgency: Int
    /// What lists show of it.
    public let summary: [UInt8]
    /// The furthest of what this device's proven receipts and other devices' receipts say; `nil` while there is none.
    public let furthest: String?
}

/// How far a message has come by what receipts say of it (design section 7).
public enum ReceiptProgress {
    /// Actions of receipts, from the nearest to the furthest; a message's progress is a place here, counted from 1.
    public static let actions = [
        "undecryptable", "delivered", "read", "declined", "acknowledged", "handed_off", "closed",
    ]

    /// Whose receipt says so.
    enum Source {
        case thisDevice, otherDevice
    }

    /// 0 for what says nothing: that another device merely received a message, or could not open it, does not count here.
    static func place(of action: String, by source: Source) -> Int {
        if source == .otherDevice, ["delivered", "undecryptable"].contains(action) { return 0 }
        return actions.firstIndex(of: action).map { $0 + 1 } ?? 0
    }
}

/// What a list is read with: the small rows alone, in the order in which they lie.
enum MessageListQuery {
    private static let rows = "SELECT id, urgency, summary, furthest FROM listed"
    static let all = rows + " ORDER BY received, id"
    static let one = rows + " WHERE id = ?"
}

extension StoreReading {
    /// Every received message, oldest first, without opening one: no content, no envelope, no key of a row.
    public func messageList() throws -> SealedMessageList {
        try SealedMessageList(
            Row.fetchCursor(database, sql: MessageListQuery.all), access.keys)
    }

    /// The same of one message.
    public func messageListRow(_ id: String) throws -> MessageListRow? {
        try SealedMessageList(
            Row.fetchCursor(database, sql: MessageListQuery.one, arguments: [id]), access.keys
        ).map { $0 }.first
    }
}

/// What the database gives for a list, before anything of it is opened: that is done without holding up the store.
public struct SealedMessageList: Sendable {
    private struct SealedRow: Sendable {
        let id: String
        let urgency: Int
        /// Its place in ``SealedMessageList/sealed``.
        let summary: Range<Int>
        /// From 1; 0 while there is none.
        let furthest: Int
    }

    /// So many are opened before another may have a key.
    private static let batch = 2_500

    private let keys: KeyRing
    private var rows: [SealedRow] = []
    /// All summaries, one behind the other.
    private var sealed: [UInt8] = []

    init(_ cursor: RowCursor, _ keys: KeyRing) throws {
        self.keys = keys
        while let row = try cursor.next() {
            let start = sealed.count
            try row.withUnsafeData(atIndex: 2) { data in if let data { sealed.append(contentsOf: data) } }
            rows.append(SealedRow(id: row[0], urgency: row[1], summary: start..<sealed.count, furthest: row[3]))
        }
    }

    /// Opens what lists show.
    /// - Parameter made: What becomes of a row, of which nothing else is kept: there may be ten thousand. Runs on several
    ///   threads.
    public func map<Listed: Sendable>(_ made: @Sendable (MessageListRow) throws -> Listed) throws -> [Listed] {
        var list: [Listed] = []
        list.reserveCapacity(rows.count)
        for start in stride(from: 0, to: rows.count, by: Self.batch) {
            let batch = Array(rows[start..<min(start + Self.batch, rows.count)])
            // The key of the column is looked up once for many.
            let part: Result<[Listed], any Error> = try keys.withKey(of: .messageSummary("")) { key in
                Result { try AllCores.map(batch) { try made(open($0, key)) } }
            }
            list += try part.get()
        }
        return list
    }

    private func open(_ row: SealedRow, _ key: borrowing SecretBytes) throws -> MessageListRow {
        let binding = SealedPlace.messageSummary(row.id).binding
        let summary = unsafe sealed.withUnsafeBytes { bytes in
            unsafe XChaCha20Poly1305.open(
                UnsafeRawBufferPointer(rebasing: bytes[row.summary]), key: key, binding: binding)
        }
        guard let summary else { throw DeviceStorageError(.doesNotOpen, place: "message") }
        guard (0...ReceiptProgress.actions.count).contains(row.furthest) else {
            throw DeviceStorageError(.unusable, place: "message")
        }
        return MessageListRow(
            id: row.id, urgency: row.urgency, summary: summary,
            furthest: row.furthest == 0 ? nil : ReceiptProgress.actions[row.furthest - 1])
    }
}

extension StoreStep {
    /// Puts a message that is stored for the first time into the list, with what was said of it before.
    func list(_ message: MessageRow) throws {
        access.listChanges.add()
        try execute(
            """
            INSERT INTO listed (id, number, received, state, urgency, summary, furthest) VALUES (?, ?, ?, ?, ?, ?, 0)
            """,
            [
                message.id, Int64(message.number), message.received, message.state, message.urgency,
                seal(message.summary, at: .messageSummary(message.id)),
            ])
        for receipt in try receipts(on: message.id) where receipt.index != nil {
            try advance(message.id, by: .thisDevice, receipt.action)
        }
        for answer in try answers(on: message.id) { try advance(message.id, by: .otherDevice, answer.action) }
    }

    /// Changes what may change of it.
    func relist(_ message: MessageRow) throws {
        access.listChanges.add()
        try execute(
            "UPDATE listed SET state = ?, summary = ? WHERE id = ?",
            [message.state, seal(message.summary, at: .messageSummary(message.id)), message.id])
    }

    /// Keeps in the list what a logged receipt says of a message, so that a list needs no look at receipts.
    func advance(_ message: String, by source: ReceiptProgress.Source, _ action: String) throws {
        access.listChanges.add()
        let place = ReceiptProgress.place(of: action, by: source)
        try execute("UPDATE listed SET furthest = ?1 WHERE id = ?2 AND furthest < ?1", [place, message])
    }
}

extension SealedPlace {
    /// What lists show of a message.
    static func messageSummary(_ id: String) -> SealedPlace {
        SealedPlace(table: "message", column: "summary", row: id)
    }
}
