import Foundation
import GRDB
import RelayStorage
import Secrets
import Statements

/// One transaction: a connection that GRDB lends for its length. Rooms by subject in the extensions beside this file.
struct SQLiteTransaction: RelayTransaction {
    let db: Database
    private let known = KnownKeys()

    init(_ db: Database) { self.db = db }

    /// Organisations' keys, looked up once a transaction. Not longer: one that rolls back takes its organisation along.
    private final class KnownKeys {
        var last: (organisation: OrganisationID, key: Int64)?
    }

    // MARK: Statements

    func run(_ sql: String, _ arguments: StatementArguments) throws {
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    func row(_ sql: String, _ arguments: StatementArguments) throws -> Row? {
        try Row.fetchOne(db.cachedStatement(sql: sql), arguments: arguments)
    }

    func rows(_ sql: String, _ arguments: StatementArguments) throws -> [Row] {
        try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments)
    }

    // MARK: Keys

    /// The small integer that stands for an organisation.
    func key(_ organisation: OrganisationID) throws -> Int64 {
        if let last = known.last, last.organisation == organisation { return last.key }
        guard let row = try row("SELECT org FROM organisations WHERE id = ?", [blob(organisation.bytes)]) else {
            throw StorageError(.broken, part: "organisation")
        }
        let key: Int64 = row[0]
        known.last = (organisation, key)
        return key
    }

    func key(_ log: LogKind, _ organisation: OrganisationID) throws -> Int64 {
        try key(organisation) * 2 + (log == .roster ? 0 : 1)
    }

    /// The place of a log's entry, or of a message's parts, in a table that only grows at its end.
    func place(_ key: Int64, _ index: UInt64) -> Int64 { key << 40 | Int64(index) }

    // MARK: Values

    func blob(_ bytes: [UInt8]) -> Data { Data(bytes) }
    func blob<Kind>(_ id: Identifier<Kind>) -> Data { Data(id.bytes) }
    func blob(_ digest: Digest) -> Data { Data(digest.bytes) }

    func bytes(_ row: Row, _ column: Int) -> [UInt8] {
        let data: Data = row[column]
        return [UInt8](data)
    }

    func optionalBytes(_ row: Row, _ column: Int) -> [UInt8]? {
        let data: Data? = row[column]
        return data.map { [UInt8]($0) }
    }

    func digest(_ row: Row, _ column: Int) throws -> Digest {
        guard let digest = Digest(bytes(row, column)) else { throw StorageError(.broken, part: "hash") }
        return digest
    }

    func identifier<Kind>(_ row: Row, _ column: Int) throws -> Identifier<Kind> {
        let bytes = bytes(row, column)
        guard bytes.count == Kind.byteCount else { throw StorageError(.broken, part: "identifier") }
        return Identifier<Kind>(bytes: bytes)
    }

    /// - Throws: ``StorageError/Code/broken`` for a negative one, which this program never writes.
    func number(_ row: Row, _ column: Int) throws -> UInt64 {
        let value: Int64 = row[column]
        guard value >= 0 else { throw StorageError(.broken, part: "number") }
        return UInt64(value)
    }

    func time(_ row: Row, _ column: Int) -> Timestamp {
        Timestamp(milliseconds: row[column])
    }
}
