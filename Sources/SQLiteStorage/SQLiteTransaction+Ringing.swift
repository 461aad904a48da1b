import Foundation
import GRDB
import RelayStorage
import Secrets
import Statements

extension SQLiteTransaction {
    func ringToken(_ hash: Digest, of organisation: OrganisationID) throws -> StoredRingToken? {
        try row(
            "SELECT device, hash, expires FROM ring_tokens WHERE org = ? AND hash = ?",
            [try key(organisation), blob(hash)]
        ).map { StoredRingToken(device: try identifier($0, 0), hash: try digest($0, 1), expires: time($0, 2)) }
    }

    func setRingToken(_ token: StoredRingToken, of organisation: OrganisationID) throws {
        try run(
            """
            INSERT INTO ring_tokens (org, device, hash, expires) VALUES (?, ?, ?, ?)
            ON CONFLICT (org, device) DO UPDATE SET hash = excluded.hash, expires = excluded.expires
            """,
            [try key(organisation), blob(token.device), blob(token.hash), token.expires.milliseconds])
    }

    func removeRingToken(of device: DeviceID, of organisation: OrganisationID) throws {
        try run("DELETE FROM ring_tokens WHERE org = ? AND device = ?", [try key(organisation), blob(device)])
    }

    func openMessages(
        to device: DeviceID, at time: Timestamp, limit: Int, of organisation: OrganisationID
    ) throws -> [StoredMessage] {
        // Where the device's bytes stand among the recipients': the index leads to the open messages alone.
        try rows(
            """
            SELECT \(Self.messageColumns) FROM messages
            WHERE org = ? AND answered = 0 AND expires > ? AND instr(recipients, ?) > 0 ORDER BY expires LIMIT ?
            """,
            [try key(organisation), time.milliseconds, blob(device), limit]
        ).map(message).filter { $0.recipients.contains(device) }
    }
}
