import Foundation
import GRDB
public import RelayStorage

/// The embedded default: one SQLite file, WAL, `synchronous=FULL`, exactly one writing connection, one process a file.
///
/// `DatabasePool` sets `synchronous=NORMAL` on its writer after preparation, so FULL is set once more after opening and
/// asserted: with NORMAL a power cut could take back what was acknowledged.
public final class SQLiteRelayStore: RelayStore {
    private let pool: DatabasePool

    /// Opens or creates the file. The caller holds the data directory's lock and a umask of 077.
    /// - Throws: ``StorageError``.
    public init(path: String) throws {
        var configuration = Configuration()
        configuration.label = "relay"
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            try db.execute(sql: "PRAGMA cache_size = -65536")
            // 16 MiB of log between checkpoints: a page that every batch changes is written back once for all of them.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 4096")
            try db.execute(sql: "PRAGMA foreign_keys = ON")
            try db.execute(sql: "PRAGMA secure_delete = ON")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            try pool.barrierWriteWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2,
                    try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal"
                else { throw StorageError(.unsuitable, part: "durability settings") }
            }
            try Schema.migrator.migrate(pool)
        } catch let error as StorageError {
            throw error
        } catch {
            throw StorageError(.failed, part: Self.describe(error))
        }
    }

    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any RelayTransaction) throws -> Result
    ) async throws -> Result {
        try await mapping { try await self.pool.write { db in try body(SQLiteTransaction(db)) } }
    }

    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any RelayReader) throws -> Result
    ) async throws -> Result {
        try await mapping { try await self.pool.read { db in try body(SQLiteTransaction(db)) } }
    }

    public func close() throws {
        do { try pool.close() } catch { throw StorageError(.failed, part: Self.describe(error)) }
    }

    /// What decides whether an acknowledged transaction survives a power cut.
    public struct DurabilitySettings: Equatable, Sendable {
        /// 2 is `FULL`.
        public let synchronous: Int
        public let journalMode: String

        public init(synchronous: Int, journalMode: String) {
            self.synchronous = synchronous
            self.journalMode = journalMode
        }
    }

    /// The writing connection's settings as they are now.
    public func durabilitySettings() throws -> DurabilitySettings {
        try pool.writeWithoutTransaction { db in
            DurabilitySettings(
                synchronous: try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1,
                journalMode: try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "")
        }
    }

    private func mapping<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        do { return try await body() } catch let error as DatabaseError {
            throw StorageError(.failed, part: Self.describe(error))
        }
    }

    /// The kind of a database error, without statement or values.
    private static func describe(_ error: any Error) -> String {
        (error as? DatabaseError).map { "sqlite \($0.extendedResultCode.rawValue)" } ?? "sqlite"
    }
}
