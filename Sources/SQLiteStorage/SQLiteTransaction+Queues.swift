import Foundation
import GRDB
import RelayStorage
import Secrets
import Statements

extension SQLiteTransaction {
    func queue(of device: DeviceID, of organisation: OrganisationID) throws -> QueueState {
        try row(
            "SELECT last, hash, waiting, envelopes, bytes FROM queues WHERE org = ? AND device = ?",
            [try key(organisation), blob(device)]
        ).map {
            QueueState(
                lastNumber: try number($0, 0), runningHash: try digest($0, 1), waiting: try number($0, 2),
                envelopes: try number($0, 3), waitingBytes: try number($0, 4))
        } ?? .empty
    }

    func queueItems(
        of device: DeviceID, after: UInt64, limit: Int, of organisation: OrganisationID
    ) throws -> [StoredQueueItem] {
        try rows(
            """
            SELECT number, kind, idx, message, served FROM queue_items
            WHERE org = ? AND device = ? AND number > ? ORDER BY number LIMIT ?
            """,
            [try key(organisation), blob(device), Int64(clamping: after), limit]
        ).map(item)
    }

    func waitingEnvelope(
        _ message: MessageID, of device: DeviceID, of organisation: OrganisationID
    ) throws -> StoredQueueItem? {
        try row(
            """
            SELECT number, kind, idx, message, served FROM queue_items
            WHERE org = ? AND device = ? AND message = ? AND kind = 0
            """,
            [try key(organisation), blob(device), blob(message)]
        ).map(item)
    }

    func waitingEnvelopes(of device: DeviceID, of organisation: OrganisationID) throws -> [StoredQueueItem] {
        try rows(
            """
            SELECT number, kind, idx, message, served FROM queue_items
            WHERE org = ? AND device = ? AND kind = 0 ORDER BY number
            """,
            [try key(organisation), blob(device)]
        ).map(item)
    }

    private func item(_ row: Row) throws -> StoredQueueItem {
        guard let kind = QueueItemKind(rawValue: row[1]) else { throw StorageError(.broken, part: "queue item") }
        return StoredQueueItem(
            number: try number(row, 0), kind: kind, index: try number(row, 2), message: try identifier(row, 3),
            served: row[4])
    }

    func enqueue(
        _ item: NewQueueItem, for device: DeviceID, of organisation: OrganisationID
    ) throws -> UInt64 {
        let key = try key(organisation)
        let state = try queue(of: device, of: organisation)
        let number = state.lastNumber + 1
        let hash = Digest.sha256(prefix: nil, state.runningHash, item.leafHash)
        try run(
            """
            INSERT INTO queues (org, device, last, hash, waiting, envelopes, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (org, device) DO UPDATE SET
                last = excluded.last, hash = excluded.hash, waiting = excluded.waiting,
                envelopes = excluded.envelopes, bytes = excluded.bytes
            """,
            [
                key, blob(device), Int64(number), blob(hash), Int64(state.waiting + 1),
                Int64(state.envelopes + (item.kind == .envelope ? 1 : 0)),
                Int64(state.waitingBytes + item.byteCount),
            ])
        try run(
            """
            INSERT INTO queue_items (org, device, number, kind, idx, message, bytes, served)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                key, blob(device), Int64(number), item.kind.rawValue, Int64(item.index), blob(item.message),
                Int64(item.byteCount), item.served,
            ])
        return number
    }

    func removeEnvelope(_ message: MessageID, from device: DeviceID, of organisation: OrganisationID) throws {
        let key = try key(organisation)
        guard
            let row = try row(
                "SELECT number, bytes FROM queue_items WHERE org = ? AND device = ? AND message = ? AND kind = 0",
                [key, blob(device), blob(message)])
        else { return }
        let number: Int64 = row[0]
        let byteCount: Int64 = row[1]
        try run("DELETE FROM queue_items WHERE org = ? AND device = ? AND number = ?", [key, blob(device), number])
        try run(
            """
            UPDATE queues SET waiting = waiting - 1, envelopes = envelopes - 1, bytes = bytes - ?
            WHERE org = ? AND device = ?
            """,
            [byteCount, key, blob(device)])
    }

    func removeNotices(upTo number: UInt64, from device: DeviceID, of organisation: OrganisationID) throws {
        let key = try key(organisation)
        try run(
            "DELETE FROM queue_items WHERE org = ? AND device = ? AND number <= ? AND kind = 1",
            [key, blob(device), Int64(clamping: number)])
        let removed = db.changesCount
        guard removed > 0 else { return }
        try run(
            "UPDATE queues SET waiting = waiting - ? WHERE org = ? AND device = ?", [removed, key, blob(device)])
    }

    func markServed(_ message: MessageID, to device: DeviceID, of organisation: OrganisationID) throws {
        try run(
            "UPDATE queue_items SET served = 1 WHERE org = ? AND device = ? AND message = ? AND kind = 0",
            [try key(organisation), blob(device), blob(message)])
    }

    func receiptChain(of device: DeviceID, of organisation: OrganisationID) throws -> StoredChain {
        try row(
            "SELECT number, last FROM chains WHERE org = ? AND device = ?", [try key(organisation), blob(device)]
        ).map { StoredChain(number: try number($0, 0), last: try digest($0, 1)) } ?? StoredChain(number: 0, last: nil)
    }

    func setReceiptChain(_ chain: StoredChain, of device: DeviceID, of organisation: OrganisationID) throws {
        try run(
            """
            INSERT INTO chains (org, device, number, last) VALUES (?, ?, ?, ?)
            ON CONFLICT (org, device) DO UPDATE SET number = excluded.number, last = excluded.last
            """,
            [try key(organisation), blob(device), Int64(chain.number), chain.last.map { blob($0) }])
    }
}
