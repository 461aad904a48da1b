public import Auditing
import Foundation
import GRDB
public import Secrets
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What an audit keeps, in one SQLite file that is its owner's alone. Every value that says something of a person or a message
/// is sealed, bound to its table and row: one that was changed or moved does not open.
///
/// In the clear are numbers, and what they are keyed by: hashes of devices' and statements' texts, ids of messages, how long
/// a sealed value is.
public final class SQLiteAuditStore: AuditStore {
    /// What a file is for.
    private enum Purpose {
        /// One run: gone with it, so that nothing of it need be durable.
        case scratch(folder: String)
        /// This run and later ones.
        case kept
    }

    private static let busySeconds = 2.0

    private struct Connection {
        var queue: DatabaseQueue
        /// Why what was there before cannot be used: told to whoever reads, until it is reset.
        var loss: String?
        var isInTransaction = false
    }

    private let path: String
    private let purpose: Purpose
    private let key: RowSeal
    private let connection: Mutex<Connection>

    public var isKept: Bool { if case .kept = purpose { true } else { false } }

    /// Opens or makes a file that outlives the run.
    ///
    /// One that is no database of ours any more, or of another version, is replaced; whoever reads is told so, once.
    /// - Parameters:
    ///   - folder: Its own, made with mode 0700.
    ///   - key: 32 bytes; without it nothing that is sealed opens.
    /// - Throws: ``AuditError``, with `storeBusy` while another run works with it.
    public convenience init(folder: String, key: consuming SecretBytes) throws(AuditError) {
        try Self.makeFolder(folder)
        try self.init(path: folder + "/" + Self.name, .kept, RowSeal(key))
    }

    /// Makes a file for one run, in a new folder below `directory`; both go when nobody holds it any more.
    /// - Throws: ``AuditError``.
    public convenience init(scratchBelow directory: String) throws(AuditError) {
        let folder = directory + "/nightbell-audit-" + Hex.encode(randomBytes(8))
        try Self.makeFolder(folder)
        try self.init(path: folder + "/" + Self.name, .scratch(folder: folder), RowSeal(SecretBytes(random: 32)))
    }

    private static let name = "audit.sqlite"

    private init(path: String, _ purpose: Purpose, _ key: RowSeal) throws(AuditError) {
        self.path = path
        self.purpose = purpose
        self.key = key
        connection = Mutex(try Self.database(path, purpose))
    }

    deinit {
        connection.withLock { connection in try? connection.queue.close() }
        if case .scratch(let folder) = purpose { try? FileManager.default.removeItem(atPath: folder) }
    }

    // MARK: Opening

    private static func makeFolder(_ folder: String) throws(AuditError) {
        guard unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw AuditError(.storeUnusable, folder) }
        var status = stat()
        guard unsafe lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_mode & 0o077 == 0 else {
            throw AuditError(.storeUnusable, folder)
        }
    }

    private static func database(_ path: String, _ purpose: Purpose) throws(AuditError) -> Connection {
        try create(path)
        do { return try connect(path, purpose) } catch let error as DatabaseError {
            guard [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) else {
                throw translated(error, path)
            }
        } catch {
            throw AuditError(.storeUnusable, path)
        }
        // Nothing in it can be read: the next one begins with nothing, which the audit says.
        remove(path)
        try create(path)
        do {
            var connection = try connect(path, purpose)
            connection.loss = "the file was damaged"
            return connection
        } catch {
            throw translated(error, path)
        }
    }

    /// Makes an empty file of mode 0600; SQLite gives its journal the same mode.
    private static func create(_ path: String) throws(AuditError) {
        let descriptor = SystemCalls.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw AuditError(.storeUnusable, path) }
        defer { _ = close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw AuditError(.storeUnusable, path)
        }
    }

    private static func connect(_ path: String, _ purpose: Purpose) throws -> Connection {
        var configuration = Configuration()
        configuration.label = "nightbell.audit"
        configuration.busyMode = .timeout(busySeconds)
        // A run is one long transaction: it begins with the first write and ends with a commit.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in
            let durability =
                if case .kept = purpose {
                    "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;"
                } else {
                    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                }
            try database.execute(
                sql: """
                    PRAGMA locking_mode = EXCLUSIVE;
                    \(durability)
                    PRAGMA cache_size = -16384;
                    PRAGMA temp_store = MEMORY;
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    """)
        }
        var connection = Connection(queue: try DatabaseQueue(path: path, configuration: configuration))
        try connection.queue.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN EXCLUSIVE")
            do {
                let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
                if version != Schema.version {
                    if version != 0 { connection.loss = "it is of another version" }
                    // Of another version: what it holds is not read, and the audit begins anew.
                    for table in Schema.tables { try database.execute(sql: "DROP TABLE IF EXISTS \(table)") }
                    try database.execute(sql: Schema.text)
                    try database.execute(sql: "PRAGMA user_version = \(Schema.version)")
                }
                try database.execute(sql: "COMMIT")
            } catch {
                try? database.execute(sql: "ROLLBACK")
                throw error
            }
        }
        return connection
    }

    private static func remove(_ path: String) {
        for name in [path, path + "-journal"] { _ = unsafe unlink(name) }
    }

    static func translated(_ error: any Error, _ path: String) -> AuditError {
        guard let error = error as? DatabaseError else { return AuditError(.storeUnusable, path) }
        return switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: AuditError(.storeBusy, path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: AuditError(.storeDamaged, "the file is damaged")
        default: AuditError(.storeUnusable, path)
        }
    }

    // MARK: Transactions

    func read<Value: Sendable>(_ body: (Database) throws -> Value) throws(AuditError) -> Value {
        try perform { connection in
            if let loss = connection.loss { throw AuditError(.storeDamaged, loss) }
            return try connection.queue.writeWithoutTransaction(body)
        }
    }

    func write(_ body: (Database) throws -> Void) throws(AuditError) {
        try perform { connection in
            try connection.queue.writeWithoutTransaction { database in
                if !connection.isInTransaction { try database.execute(sql: "BEGIN IMMEDIATE") }
                connection.isInTransaction = true
                try body(database)
            }
        }
    }

    private func perform<Value: Sendable>(
        _ body: (inout Connection) throws -> Value
    ) throws(AuditError) -> Value {
        let result: Result<Value, AuditError> = connection.withLock { connection in
            do { return .success(try body(&connection)) } catch let error as AuditError {
                return .failure(error)
            } catch {
                return .failure(Self.translated(error, path))
            }
        }
        return try result.get()
    }

    public func commit() throws(AuditError) {
        try perform { connection in
            guard connection.isInTransaction else { return }
            try connection.queue.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
            connection.isInTransaction = false
        }
    }

    public func reset() throws(AuditError) {
        do throws(AuditError) {
            try write { database in
                for table in Schema.tables { try database.execute(sql: "DELETE FROM \(table)") }
            }
        } catch {
            guard error.code == .storeDamaged else { throw error }
            try perform { connection in
                try? connection.queue.close()
                Self.remove(path)
                connection = try Self.database(path, purpose)
            }
        }
        try perform { $0.loss = nil }
    }

    // MARK: Rows

    func seal(_ value: [UInt8], _ table: StaticString, _ row: some CustomStringConvertible) -> Data {
        Data(key.seal(value, table, row.description))
    }

    func open(
        _ sealed: Data, _ table: StaticString, _ row: some CustomStringConvertible
    ) throws(AuditError) -> [UInt8] {
        guard let value = key.open(sealed, table, row.description) else {
            throw AuditError(.storeDamaged, "something in it was changed")
        }
        return value
    }
}

/// The system's, where a function of ours has the same name.
private enum SystemCalls {
    static func open(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
        #if canImport(Glibc)
            unsafe Glibc.open(path, flags, mode)
        #elseif canImport(Musl)
            unsafe Musl.open(path, flags, mode)
        #else
            unsafe Darwin.open(path, flags, mode)
        #endif
    }
}
