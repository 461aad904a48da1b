import Foundation
import GRDB
import RelayStorage
import Secrets
import Statements

extension SQLiteTransaction {
    func organisations() throws -> [OrganisationID] {
        try rows("SELECT id FROM organisations ORDER BY org", []).map { try identifier($0, 0) }
    }

    func addOrganisation(_ organisation: OrganisationID) throws {
        try run("INSERT INTO organisations (id) VALUES (?)", [blob(organisation)])
    }

    func head(_ log: LogKind, of organisation: OrganisationID) throws -> StoredHead? {
        guard try row("SELECT 1 FROM organisations WHERE id = ?", [blob(organisation)]) != nil,
            let row = try row(
                "SELECT size, root, note, signature, edge FROM heads WHERE log = ?", [try key(log, organisation)])
        else { return nil }
        let edge = bytes(row, 4)
        guard edge.count.isMultiple(of: Digest.byteCount) else { throw StorageError(.broken, part: "edge") }
        return StoredHead(
            size: try number(row, 0), root: try digest(row, 1), note: bytes(row, 2), signature: bytes(row, 3),
            edge: stride(from: 0, to: edge.count, by: Digest.byteCount).map { Digest(edge[$0..<($0 + 32)])! })
    }

    func entry(_ index: UInt64, in log: LogKind, of organisation: OrganisationID) throws -> [UInt8]? {
        try row("SELECT bytes FROM entries WHERE id = ?", [place(try key(log, organisation), index)])
            .map { bytes($0, 0) }
    }

    func entries(
        from start: UInt64, count: Int, in log: LogKind, of organisation: OrganisationID
    ) throws -> [[UInt8]] {
        let key = try key(log, organisation)
        return try rows(
            "SELECT bytes FROM entries WHERE id >= ? AND id < ? ORDER BY id",
            [place(key, start), place(key, start + UInt64(count))]
        ).map { bytes($0, 0) }
    }

    func leafHashes(
        from start: UInt64, count: Int, of log: LogKind, of organisation: OrganisationID
    ) throws -> [LeafHash] {
        let key = try key(log, organisation)
        return try rows(
            "SELECT leaf FROM entries WHERE id >= ? AND id < ? ORDER BY id",
            [place(key, start), place(key, start + UInt64(count))]
        ).map { try digest($0, 0) }
    }

    func signedTree(_ size: UInt64, of log: LogKind, of organisation: OrganisationID) throws -> SignedTree? {
        try row(
            "SELECT root, signature FROM signed_trees WHERE log = ? AND size = ?",
            [try key(log, organisation), Int64(clamping: size)]
        ).map { SignedTree(root: try digest($0, 0), signature: bytes($0, 1)) }
    }

    func index(
        ofStatement hash: StatementHash, in log: LogKind, of organisation: OrganisationID
    ) throws -> UInt64? {
        try row(
            "SELECT idx FROM statements WHERE log = ? AND hash = ?", [try key(log, organisation), blob(hash)]
        ).map { try number($0, 0) }
    }

    func fullTile(level: Int, index: UInt64, of log: LogKind, of organisation: OrganisationID) throws -> [UInt8]? {
        try row(
            "SELECT hashes FROM tiles WHERE log = ? AND level = ? AND idx = ?",
            [try key(log, organisation), level, Int64(clamping: index)]
        ).map { bytes($0, 0) }
    }

    func append(_ entry: NewEntry, at index: UInt64, to log: LogKind, of organisation: OrganisationID) throws {
        let organisationKey = try key(organisation)
        let logKey = organisationKey * 2 + (log == .roster ? 0 : 1)
        try run(
            "INSERT INTO entries (id, bytes, leaf) VALUES (?, ?, ?)",
            [place(logKey, index), blob(entry.bytes), blob(entry.leafHash)])
        if let statement = entry.statement {
            try run(
                "INSERT INTO statements (log, hash, idx) VALUES (?, ?, ?)", [logKey, blob(statement), Int64(index)])
        }
        if let message = entry.message {
            try run(
                "INSERT INTO message_entries (org, message, idx) VALUES (?, ?, ?)",
                [organisationKey, blob(message), Int64(index)])
        }
    }

    func storeFullTile(
        _ hashes: [UInt8], level: Int, index: UInt64, of log: LogKind, of organisation: OrganisationID
    ) throws {
        try run(
            "INSERT INTO tiles (log, level, idx, hashes) VALUES (?, ?, ?, ?)",
            [try key(log, organisation), level, Int64(index), blob(hashes)])
    }

    func advanceHead(
        to head: StoredHead, from expected: UInt64, of log: LogKind, of organisation: OrganisationID
    ) throws {
        let key = try key(log, organisation)
        let edge = Data(head.edge.flatMap(\.bytes))
        if expected == 0 {
            guard try row("SELECT 1 FROM heads WHERE log = ?", [key]) == nil else {
                throw StorageError(.headMoved, part: log.rawValue)
            }
            try run(
                "INSERT INTO heads (log, size, root, note, signature, edge) VALUES (?, ?, ?, ?, ?, ?)",
                [key, Int64(head.size), blob(head.root), blob(head.note), blob(head.signature), edge])
        } else {
            try run(
                "UPDATE heads SET size = ?, root = ?, note = ?, signature = ?, edge = ? WHERE log = ? AND size = ?",
                [
                    Int64(head.size), blob(head.root), blob(head.note), blob(head.signature), edge, key,
                    Int64(expected),
                ])
            guard db.changesCount == 1 else { throw StorageError(.headMoved, part: log.rawValue) }
        }
        try run(
            "INSERT INTO signed_trees (log, size, root, signature) VALUES (?, ?, ?, ?)",
            [key, Int64(head.size), blob(head.root), blob(head.signature)])
    }
}
