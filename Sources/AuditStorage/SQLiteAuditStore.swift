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

/// What an audit keeps, in one SQLite file that is its owner's alone: pages, each sealed for its place and for the version that
/// the root names. The root is sealed with every commit, and what it names is all there is: a page that was changed, moved,
/// taken away, added or replaced by an older one is noticed by whoever reads there, and a place where nothing is said to stand
/// is not looked at. The root's own mark is remembered outside of the file (``AuditStoreMemory``): an older copy of all of it
/// is noticed when it is opened.
///
/// In the clear are the pages' numbers, and how long a sealed page is.
public final class SQLiteAuditStore: AuditStore {
    /// What a file is for.
    private enum Purpose {
        /// One run: gone with it, so that nothing of it need be durable.
        case scratch
        /// This run and later ones.
        case kept
    }

    private static let busySeconds = 2.0
    /// A mark that no file bears.
    private static let noMark: [UInt8] = [0]

    private static var unreadableMemory: AuditError {
        AuditError(.storeUnusable, "the profile's store, which may be locked")
    }

    private struct Connection {
        var queue: DatabaseQueue
        var pages: Pages
        /// Why what was there before cannot be used: told to whoever reads, until it is reset.
        var loss: String?
        /// The mark of the root in the file when it was opened; empty when it had none.
        var mark: [UInt8] = []
        /// The marks that stay right for as long as nothing is committed.
        var accepted: [[UInt8]] = []
        var isInTransaction = false
    }

    private let path: String
    private let purpose: Purpose
    private let memory: (any AuditStoreMemory)?
    private let seal: PageSeal
    private let connection: Mutex<Connection>

    public var isKept: Bool { if case .kept = purpose { true } else { false } }

    /// Opens or makes a file that outlives the run.
    ///
    /// One that is no database of ours any more, of another version, or not the one that the last commit left, is replaced;
    /// whoever reads is told so, until it is reset.
    /// - Parameters:
    ///   - folder: Its own, made with mode 0700.
    ///   - key: 32 bytes; without it nothing opens.
    ///   - memory: Without one, an older copy of the whole file is taken for it.
    /// - Throws: ``AuditError``, with `storeBusy` while another run works with it.
    public convenience init(
        folder: String, key: consuming SecretBytes, memory: (any AuditStoreMemory)? = nil
    ) throws(AuditError) {
        try Self.makeFolder(folder)
        try self.init(path: folder + "/" + Self.name, .kept, PageSeal(key), memory)
    }

    /// Makes a file for one run, in a new folder below `directory`. Its name is gone when this returns: however the run ends,
    /// nothing of it stays.
    /// - Throws: ``AuditError``.
    public convenience init(scratchBelow directory: String) throws(AuditError) {
        let folder = directory + "/nightbell-audit-" + Hex.encode(randomBytes(8))
        try Self.makeFolder(folder)
        // What is open needs no name: without a journal no other file is ever looked for beside it.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try self.init(path: folder + "/" + Self.name, .scratch, PageSeal(SecretBytes(random: 32)), nil)
    }

    private static let name = "audit.sqlite"
    private static let journalSuffix = "-journal"

    private init(
        path: String, _ purpose: Purpose, _ seal: PageSeal, _ memory: (any AuditStoreMemory)?
    ) throws(AuditError) {
        self.path = path
        self.purpose = purpose
        self.memory = memory
        self.seal = seal
        connection = Mutex(try Self.recalled(try Self.database(path, purpose, seal), memory))
    }

    deinit {
        connection.withLock { connection in try? connection.queue.close() }
    }

    /// Holds a file against what is remembered of it.
    private static func recalled(
        _ connection: Connection, _ memory: (any AuditStoreMemory)?
    ) throws(AuditError) -> Connection {
        guard let memory else { return connection }
        var connection = connection
        do {
            let marks = try memory.marks()
            if connection.loss == nil {
                if marks.isEmpty {
                    if !connection.mark.isEmpty { connection.loss = "this profile knows nothing of it" }
                } else if !marks.contains(connection.mark) {
                    connection.loss = connection.mark.isEmpty ? "it is gone" : "it is not what the last audit left"
                }
            }
            if connection.loss == nil {
                connection.accepted = [connection.mark]
            } else {
                // A loss stays one until it is replaced: a run that is cut off has told nobody.
                connection.accepted = marks.isEmpty ? [noMark] : marks
                if marks.isEmpty { try memory.remember(connection.accepted) }
            }
        } catch {
            throw unreadableMemory
        }
        return connection
    }

    // MARK: Opening

    private static func makeFolder(_ folder: String) throws(AuditError) {
        guard unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw AuditError(.storeUnusable, folder) }
        var status = stat()
        guard unsafe lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_mode & 0o077 == 0 else {
            throw AuditError(.storeUnusable, folder)
        }
    }

    private static func database(
        _ path: String, _ purpose: Purpose, _ seal: PageSeal
    ) throws(AuditError) -> Connection {
        try create(path)
        let loss: String
        do { return try connect(path, purpose, seal) } catch {
            let failure = translated(error, path)
            guard failure.code == .storeDamaged else { throw failure }
            loss = failure.part
        }
        // Nothing in it can be read: the next one begins with nothing, which the audit says.
        remove(path)
        try create(path)
        do {
            var connection = try connect(path, purpose, seal)
            connection.loss = loss
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
        guard status.st_mode & S_IFMT == S_IFREG else { throw AuditError(.storeNotAFile, path) }
        // SQLite waits for whoever writes into a pipe of this name.
        let journal = path + journalSuffix
        guard unsafe lstat(journal, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
            throw AuditError(.storeNotAFile, journal)
        }
    }

    private static func connect(_ path: String, _ purpose: Purpose, _ seal: PageSeal) throws -> Connection {
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
        var connection = Connection(
            queue: try DatabaseQueue(path: path, configuration: configuration), pages: Pages(seal))
        try connection.queue.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN EXCLUSIVE")
            do {
                try prepare(database)
                connection.mark = try connection.pages.load(database) ?? []
                try database.execute(sql: "COMMIT")
            } catch {
                try? database.execute(sql: "ROLLBACK")
                throw error
            }
        }
        return connection
    }

    /// Makes the table in an empty file. In any other it must be there, as it was made, and nothing else.
    private static func prepare(_ database: Database) throws {
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        // quote: nothing that stands there is NULL, or no text.
        let schema = try String.fetchAll(database, sql: "SELECT quote(sql) FROM sqlite_master")
        if version == 0, schema.isEmpty {
            try database.execute(sql: Schema.table)
            try database.execute(sql: "PRAGMA user_version = \(Schema.version)")
            return
        }
        guard version == Schema.version else { throw AuditError(.storeDamaged, "it is of another version") }
        guard schema == ["'\(Schema.table)'"] else { throw AuditError(.storeDamaged, "its tables were changed") }
    }

    private static func remove(_ path: String) {
        for name in [path, path + journalSuffix] { _ = unsafe unlink(name) }
    }

    static func translated(_ error: any Error, _ path: String) -> AuditError {
        if let error = error as? AuditError { return error }
        guard let error = error as? DatabaseError else { return AuditError(.storeUnusable, path) }
        return switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: AuditError(.storeBusy, path)
        // The last ones: every statement here is good in a file of ours.
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_SCHEMA:
            AuditError(.storeDamaged, "the file is damaged")
        default: AuditError(.storeUnusable, path)
        }
    }

    // MARK: Transactions

    func read<Value: Sendable>(_ body: (Pages, Database) throws -> Value) throws(AuditError) -> Value {
        try perform { connection in
            if let loss = connection.loss { throw AuditError(.storeDamaged, loss) }
            return try connection.queue.writeWithoutTransaction { try body(connection.pages, $0) }
        }
    }

    func write(_ body: (inout Pages, Database) throws -> Void) throws(AuditError) {
        try perform { connection in
            try connection.queue.writeWithoutTransaction { database in
                if !connection.isInTransaction { try database.execute(sql: "BEGIN IMMEDIATE") }
                connection.isInTransaction = true
                try body(&connection.pages, database)
            }
        }
    }

    private func perform<Value: Sendable>(
        _ body: (inout Connection) throws -> Value
    ) throws(AuditError) -> Value {
        let result: Result<Value, AuditError> = connection.withLock { connection in
            do { return .success(try body(&connection)) } catch {
                return .failure(Self.translated(error, path))
            }
        }
        return try result.get()
    }

    public func commit() throws(AuditError) {
        try perform { connection in
            guard connection.isInTransaction else { return }
            let mark = try connection.queue.writeWithoutTransaction { try connection.pages.flush($0) }
            // Until it is done the old one is as right as the new one, for it may be cut off on either side.
            try remember(connection.accepted + [mark])
            try connection.queue.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
            connection.isInTransaction = false
            connection.accepted = [mark]
            try remember([mark])
        }
    }

    private func remember(_ marks: [[UInt8]]) throws {
        do { try memory?.remember(marks) } catch { throw Self.unreadableMemory }
    }

    public func reset() throws(AuditError) {
        do throws(AuditError) {
            try write { pages, database in try pages.removeAll(database) }
        } catch {
            guard error.code == .storeDamaged else { throw error }
            try perform { connection in
                try? connection.queue.close()
                Self.remove(path)
                let accepted = connection.accepted
                connection = try Self.database(path, purpose, seal)
                connection.accepted = accepted
            }
        }
        try perform { $0.loss = nil }
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
