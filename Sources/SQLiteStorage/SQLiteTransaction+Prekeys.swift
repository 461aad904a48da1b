import Foundation
import GRDB
import RelayStorage
import Statements

extension SQLiteTransaction {
    private func code(_ purpose: PrekeyPurpose) -> Int { purpose == .oneTime ? 0 : 1 }

    private func prekey(_ row: Row, from column: Int) throws -> StoredPrekey {
        let purpose: Int = row[column + 1]
        return StoredPrekey(
            id: try identifier(row, column), purpose: purpose == 0 ? .oneTime : .fallback,
            notAfter: time(row, column + 2),
            text: bytes(row, column + 3), signature: bytes(row, column + 4))
    }

    func oneTimePrekeyCount(
        of device: DeviceID, at time: Timestamp, of organisation: OrganisationID
    ) throws -> UInt64 {
        try row(
            "SELECT count(*) FROM prekeys WHERE org = ? AND device = ? AND purpose = 0 AND not_after > ?",
            [try key(organisation), blob(device), time.milliseconds]
        ).map { try number($0, 0) } ?? 0
    }

    func publish(
        _ prekeys: [StoredPrekey], of device: DeviceID, at time: Timestamp, of organisation: OrganisationID
    ) throws {
        let key = try key(organisation)
        // What is over goes, its id too: it is refused for being over, should it ever be published again.
        for table in ["prekeys", "prekey_ids"] {
            try run(
                "DELETE FROM \(table) WHERE org = ? AND device = ? AND not_after <= ?",
                [key, blob(device), time.milliseconds])
        }
        for prekey in prekeys where prekey.notAfter > time {
            // An id that was here never comes again: an issued one-time prekey must not be issued twice.
            try run(
                "INSERT OR IGNORE INTO prekey_ids (org, device, id, not_after) VALUES (?, ?, ?, ?)",
                [key, blob(device), blob(prekey.id), prekey.notAfter.milliseconds])
            guard db.changesCount == 1 else { continue }
            try run(
                """
                INSERT INTO prekeys (org, device, id, purpose, not_after, text, signature) VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    key, blob(device), blob(prekey.id), code(prekey.purpose), prekey.notAfter.milliseconds,
                    blob(prekey.text), blob(prekey.signature),
                ])
        }
        // The newest fallback goes out; the one before it stays for a moment's overlap.
        try run(
            """
            DELETE FROM prekeys WHERE org = ?1 AND device = ?2 AND purpose = 1 AND number NOT IN (
                SELECT number FROM prekeys WHERE org = ?1 AND device = ?2 AND purpose = 1 ORDER BY number DESC LIMIT 2)
            """,
            [key, blob(device)])
    }

    func takePrekey(
        of device: DeviceID, at time: Timestamp, of organisation: OrganisationID
    ) throws -> StoredPrekey? {
        let key = try key(organisation)
        if let row = try row(
            """
            SELECT number, id, purpose, not_after, text, signature FROM prekeys
            WHERE org = ? AND device = ? AND purpose = 0 AND not_after > ? ORDER BY number LIMIT 1
            """, [key, blob(device), time.milliseconds])
        {
            let number: Int64 = row[0]
            try run("DELETE FROM prekeys WHERE number = ?", [number])
            return try prekey(row, from: 1)
        }
        return try row(
            """
            SELECT id, purpose, not_after, text, signature FROM prekeys
            WHERE org = ? AND device = ? AND purpose = 1 AND not_after > ? ORDER BY number DESC LIMIT 1
            """, [key, blob(device), time.milliseconds]
        ).map { try prekey($0, from: 0) }
    }

    func claim(
        of message: MessageID, for device: DeviceID, of organisation: OrganisationID
    ) throws -> StoredClaim? {
        try row(
            """
            SELECT claimant, at, used, without, id, purpose, not_after, text, signature FROM claims
            WHERE org = ? AND message = ? AND device = ?
            """, [try key(organisation), blob(message), blob(device)]
        ).map { row in
            let without: String? = row[3]
            return StoredClaim(
                message: message, device: device, claimant: try identifier(row, 0),
                prekey: optionalBytes(row, 4) == nil ? nil : try prekey(row, from: 4),
                without: without.flatMap(WithoutReason.init(rawValue:)), at: time(row, 1), used: row[2])
        }
    }

    func openClaims(
        by claimant: DeviceID, for device: DeviceID?, since: Timestamp, of organisation: OrganisationID
    ) throws -> UInt64 {
        let key = try key(organisation)
        if let device {
            return try row(
                "SELECT count(*) FROM claims WHERE org = ? AND claimant = ? AND at > ? AND used = 0 AND device = ?",
                [key, blob(claimant), since.milliseconds, blob(device)]
            ).map { try number($0, 0) } ?? 0
        }
        return try row(
            "SELECT count(DISTINCT message) FROM claims WHERE org = ? AND claimant = ? AND at > ? AND used = 0",
            [key, blob(claimant), since.milliseconds]
        ).map { try number($0, 0) } ?? 0
    }

    func storeClaim(_ claim: StoredClaim, of organisation: OrganisationID) throws {
        try run(
            """
            INSERT OR REPLACE INTO claims
                (org, message, device, claimant, id, purpose, not_after, text, signature, without, at, used)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
            """,
            [
                try key(organisation), blob(claim.message), blob(claim.device), blob(claim.claimant),
                claim.prekey.map { blob($0.id) }, claim.prekey.map { code($0.purpose) },
                claim.prekey?.notAfter.milliseconds, claim.prekey.map { blob($0.text) },
                claim.prekey.map { blob($0.signature) }, claim.without?.rawValue, claim.at.milliseconds,
            ])
    }

    func markClaimsUsed(of message: MessageID, of organisation: OrganisationID) throws {
        // The text is needed no more; that the prekey was issued stays known.
        try run(
            "UPDATE claims SET used = 1, text = x'', signature = x'' WHERE org = ? AND message = ?",
            [try key(organisation), blob(message)])
    }

    func auditKeyOffers(of organisation: OrganisationID) throws -> [[UInt8]] {
        try rows("SELECT note FROM audit_key_offers WHERE org = ? ORDER BY rowid", [try key(organisation)])
            .map { bytes($0, 0) }
    }

    func storeAuditKeyOffer(_ note: [UInt8], of device: DeviceID, of organisation: OrganisationID) throws {
        try run(
            """
            INSERT INTO audit_key_offers (org, device, note) VALUES (?, ?, ?)
            ON CONFLICT (org, device) DO UPDATE SET note = excluded.note
            """,
            [try key(organisation), blob(device), blob(note)])
    }

    func forgetKeys(of device: DeviceID, of organisation: OrganisationID) throws {
        let key = try key(organisation)
        try run("DELETE FROM prekeys WHERE org = ? AND device = ?", [key, blob(device)])
        try run("DELETE FROM audit_key_offers WHERE org = ? AND device = ?", [key, blob(device)])
        try removeRingToken(of: device, of: organisation)
        try run("DELETE FROM push_jobs WHERE org = ? AND device = ?", [key, blob(device)])
        try run("DELETE FROM push_subscriptions WHERE org = ? AND device = ?", [key, blob(device)])
    }
}
