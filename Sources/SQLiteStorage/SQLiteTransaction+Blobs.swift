import Foundation
import GRDB
import RelayStorage
import Secrets
import Statements

extension SQLiteTransaction {
    private static let blobColumns = "number, hash, size, received, complete"

    private func blob(_ row: Row) throws -> StoredBlob {
        StoredBlob(
            number: try number(row, 0), hash: try digest(row, 1), size: try number(row, 2),
            received: try number(row, 3),
            isComplete: row[4])
    }

    func upload(_ hash: Digest, by device: DeviceID, of organisation: OrganisationID) throws -> StoredBlob? {
        try row(
            "SELECT \(Self.blobColumns) FROM blobs WHERE org = ? AND device = ? AND hash = ? AND message IS NULL",
            [try key(organisation), blob(device), blob(hash)]
        ).map(blob)
    }

    func uploads(by device: DeviceID, of organisation: OrganisationID) throws -> (count: UInt64, byteCount: UInt64) {
        try row(
            "SELECT count(*), coalesce(sum(size), 0) FROM blobs WHERE org = ? AND device = ? AND message IS NULL",
            [try key(organisation), blob(device)]
        ).map { (try number($0, 0), try number($0, 1)) } ?? (0, 0)
    }

    func attachments(of message: MessageID, of organisation: OrganisationID) throws -> [StoredBlob] {
        try rows(
            "SELECT \(Self.blobColumns) FROM blobs WHERE org = ? AND message = ? ORDER BY position",
            [try key(organisation), blob(message)]
        ).map(blob)
    }

    func abandonedUploads(since time: Timestamp, limit: Int) throws -> [BlobNumber] {
        try rows(
            "SELECT number FROM blobs WHERE message IS NULL AND touched < ? ORDER BY touched LIMIT ?",
            [time.milliseconds, limit]
        ).map { try number($0, 0) }
    }

    func blobs(from number: BlobNumber, limit: Int) throws -> [StoredBlob] {
        try rows(
            "SELECT \(Self.blobColumns) FROM blobs WHERE number >= ? ORDER BY number LIMIT ?", [Int64(number), limit]
        ).map(blob)
    }

    func blobNumbers() throws -> Set<BlobNumber> {
        Set(try rows("SELECT number FROM blobs", []).map { try number($0, 0) })
    }

    func beginUpload(
        _ hash: Digest, size: UInt64, by device: DeviceID, at time: Timestamp, of organisation: OrganisationID
    ) throws -> StoredBlob {
        try run(
            "INSERT INTO blobs (org, device, hash, size, received, complete, touched) VALUES (?, ?, ?, ?, 0, 0, ?)",
            [try key(organisation), blob(device), blob(hash), Int64(size), time.milliseconds])
        return StoredBlob(
            number: BlobNumber(db.lastInsertedRowID), hash: hash, size: size, received: 0, isComplete: false)
    }

    func noteReceived(_ byteCount: UInt64, isComplete: Bool, of blob: BlobNumber, at time: Timestamp) throws {
        try run(
            "UPDATE blobs SET received = ?, complete = ?, touched = ? WHERE number = ? AND message IS NULL",
            [Int64(byteCount), isComplete, time.milliseconds, Int64(blob)])
        guard db.changesCount == 1 else { throw StorageError(.broken, part: "upload") }
    }

    func removeUpload(_ blob: BlobNumber) throws {
        try run("DELETE FROM blobs WHERE number = ? AND message IS NULL", [Int64(blob)])
    }

    func attach(_ blobs: [BlobNumber], to message: MessageID, of organisation: OrganisationID) throws {
        for (position, number) in blobs.enumerated() {
            try run(
                "UPDATE blobs SET message = ?, position = ? WHERE number = ? AND org = ? AND complete = 1 AND message IS NULL",
                [blob(message), position, Int64(number), try key(organisation)])
            guard db.changesCount == 1 else { throw StorageError(.broken, part: "upload") }
        }
    }

    func removeUploads(by device: DeviceID, of organisation: OrganisationID) throws {
        try run(
            "DELETE FROM blobs WHERE org = ? AND device = ? AND message IS NULL",
            [try key(organisation), blob(device)])
    }
}
