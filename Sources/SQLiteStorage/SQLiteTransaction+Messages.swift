import Foundation
import GRDB
import RelayStorage
import Statements

extension SQLiteTransaction {
    static let messageColumns =
        "message, idx, manifest, sender, sender_member, member, expires, recipients, reference, reference_kind"

    func message(_ row: Row) throws -> StoredMessage {
        let recipients = bytes(row, 7)
        let width = DeviceKind.byteCount
        guard recipients.count.isMultiple(of: width) else { throw StorageError(.broken, part: "recipients") }
        return StoredMessage(
            id: try identifier(row, 0), index: try number(row, 1), manifest: try digest(row, 2),
            sender: try identifier(row, 3), senderMember: try identifier(row, 4), member: try identifier(row, 5),
            expires: time(row, 6),
            recipients: stride(from: 0, to: recipients.count, by: width).map {
                DeviceID(bytes: recipients[$0..<($0 + width)])
            }, reference: try reference(row))
    }

    private func reference(_ row: Row) throws -> Manifest.Reference? {
        guard let kind = row[9] as Int? else { return nil }
        switch kind {
        case 0: return .inReplyTo(try identifier(row, 8))
        case 1: return .forwardOf(try identifier(row, 8))
        default: throw StorageError(.broken, part: "reference")
        }
    }

    func forwarders(of message: MessageID, of organisation: OrganisationID) throws -> Set<MemberID> {
        Set(
            try rows(
                "SELECT DISTINCT sender_member FROM messages WHERE org = ? AND reference = ? AND reference_kind = 1",
                [try key(organisation), blob(message)]
            ).map { try identifier($0, 0) as MemberID })
    }

    func message(_ id: MessageID, of organisation: OrganisationID) throws -> StoredMessage? {
        try row(
            "SELECT \(Self.messageColumns) FROM messages WHERE org = ? AND message = ?",
            [try key(organisation), blob(id)]
        ).map(message)
    }

    func entryIndexes(about message: MessageID, of organisation: OrganisationID) throws -> [UInt64] {
        try rows(
            "SELECT idx FROM message_entries WHERE org = ? AND message = ? ORDER BY idx",
            [try key(organisation), blob(message)]
        ).map { try number($0, 0) }
    }

    func parts(of message: StoredMessage, of organisation: OrganisationID) throws -> StoredParts? {
        try row(
            "SELECT alert, capsule, capsule_key, recovery_key, content FROM parts WHERE id = ?",
            [place(try key(organisation), message.index)]
        ).map {
            StoredParts(
                alert: bytes($0, 0), capsule: optionalBytes($0, 1), capsuleSealedKey: optionalBytes($0, 2),
                recoverySealedKey: optionalBytes($0, 3), content: bytes($0, 4))
        }
    }

    func sealedKey(
        of message: StoredMessage, for device: DeviceID, of organisation: OrganisationID
    ) throws -> [UInt8]? {
        try row(
            "SELECT bytes FROM sealed_keys WHERE part = ? AND device = ?",
            [place(try key(organisation), message.index), blob(device)]
        ).map { bytes($0, 0) }
    }

    func unansweredMessages(
        at time: Timestamp, limit: Int, of organisation: OrganisationID
    ) throws -> [StoredMessage] {
        try rows(
            """
            SELECT \(Self.messageColumns) FROM messages WHERE org = ? AND answered = 0 AND expires <= ?
            ORDER BY expires LIMIT ?
            """,
            [try key(organisation), time.milliseconds, limit]
        ).map(message)
    }

    func nextExpiry(of organisation: OrganisationID) throws -> Timestamp? {
        try row(
            "SELECT expires FROM messages WHERE org = ? AND answered = 0 ORDER BY expires LIMIT 1",
            [try key(organisation)]
        ).map { time($0, 0) }
    }

    func storeMessage(
        _ message: StoredMessage, parts: StoredParts, sealedKeys: [(device: DeviceID, bytes: [UInt8])],
        of organisation: OrganisationID
    ) throws {
        let key = try key(organisation)
        let referred: (message: MessageID, kind: Int)? =
            switch message.reference {
            case .inReplyTo(let id): (id, 0)
            case .forwardOf(let id): (id, 1)
            case nil: nil
            }
        try run(
            """
            INSERT INTO messages (
                org, message, idx, manifest, sender, sender_member, member, expires, recipients, answered, reference,
                reference_kind)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
            """,
            [
                key, blob(message.id), Int64(message.index), blob(message.manifest), blob(message.sender),
                blob(message.senderMember), blob(message.member), message.expires.milliseconds,
                blob(message.recipients.flatMap(\.bytes)), referred.map { blob($0.message) }, referred?.kind,
            ])
        let place = place(key, message.index)
        try run(
            "INSERT INTO parts (id, alert, capsule, capsule_key, recovery_key, content) VALUES (?, ?, ?, ?, ?, ?)",
            [
                place, blob(parts.alert), parts.capsule.map(blob), parts.capsuleSealedKey.map(blob),
                parts.recoverySealedKey.map(blob), blob(parts.content),
            ])
        for key in sealedKeys {
            try run(
                "INSERT INTO sealed_keys (part, device, bytes) VALUES (?, ?, ?)",
                [place, blob(key.device), blob(key.bytes)])
        }
    }

    func markAnswered(_ message: MessageID, of organisation: OrganisationID) throws {
        try run(
            "UPDATE messages SET answered = 1 WHERE org = ? AND message = ? AND answered = 0",
            [try key(organisation), blob(message)])
    }

    func markUnanswered(_ message: MessageID, of organisation: OrganisationID) throws {
        try run(
            "UPDATE messages SET answered = 2 WHERE org = ? AND message = ? AND answered = 0",
            [try key(organisation), blob(message)])
    }

    func destroySealedKey(
        of message: StoredMessage, for device: DeviceID, of organisation: OrganisationID
    ) throws {
        try run(
            "DELETE FROM sealed_keys WHERE part = ? AND device = ?",
            [place(try key(organisation), message.index), blob(device)])
    }
}
