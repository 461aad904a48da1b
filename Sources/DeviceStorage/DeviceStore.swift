import Foundation
import GRDB
public import StoreKeying
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One profile's database: tables of sealed values, one exclusive transaction a durable step.
///
/// - Every secret or plaintext-bearing value is sealed under a key that is derived from the store key for its column or
///   its row, bound to its table, column and row: a value that was moved to another place does not open. Who holds the
///   store key is the matter of its ``StoreKeys``.
/// - A step is one transaction under `flock`, synchronous and journalled by rollback: it is on the disk when it returns,
///   or it never happened.
/// - The step log's plain copy beside the database is written after the commit and healed when it is behind.
public final class DeviceStore: Sendable {
    private static let databaseName = "store.sqlite"
    private static let lockName = "lock"
    private static let busySeconds = 10.0

    private let database: DatabaseQueue
    private let path: String
    private let isErased = Atomic(false)
    private let lockPath: String
    private let keys: KeyRing
    private let listChanges = ListChanges()
    let stepCopy: StepCopy

    /// Opens the store of a profile, and makes it when it is not there yet.
    /// - Parameters:
    ///   - directory: The profile; exists with mode 0700.
    ///   - keys: Makes the keys of what is stored.
    ///   - mustExist: Refuse to make one: whoever was enrolled has one, and an empty one in its place would hide the loss.
    /// - Throws: ``DeviceStorageError``.
    public init(directory: String, keys: any StoreKeys, mustExist: Bool = false) throws {
        path = directory + "/" + Self.databaseName
        if mustExist { try Self.checkExists(path) }
        try Self.create(path)
        lockPath = directory + "/" + Self.lockName
        self.keys = KeyRing(keys)
        stepCopy = StepCopy(path: directory + "/steps.ndjson")
        var configuration = Configuration()
        configuration.label = "nightbell.profile"
        configuration.busyMode = .timeout(Self.busySeconds)
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA journal_mode = TRUNCATE;
                    PRAGMA synchronous = FULL;
                    PRAGMA secure_delete = ON;
                    PRAGMA temp_store = MEMORY;
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    """)
        }
        do {
            database = try DatabaseQueue(path: path, configuration: configuration)
            try Self.checkDurability(of: database, path: path)
        } catch let error as DatabaseError {
            throw Self.translated(error, path: path)
        }
        try step { step in try Schema.migrate(step) }
    }

    /// One durable step: all of `body`'s writes, or none.
    ///
    /// A crash before the return leaves either the state before or the state after. Other processes on the same profile
    /// wait for as long as this takes.
    /// - Throws: ``DeviceStorageError``, or what `body` throws (then nothing was written).
    public func step<Result>(_ body: (StoreStep) throws -> Result) throws -> Result {
        try checkNotErased()
        let lock = try FileLock(path: lockPath)
        defer { withExtendedLifetime(lock) {} }
        do {
            var result: Result?
            try database.inTransaction(.exclusive) { database in
                defer { keys.dropRows() }
                result = try body(StoreStep(access: access(database)))
                return .commit
            }
            try database.read { database in
                try stepCopy.follow(StoreSnapshot(access: access(database)))
            }
            return result!
        } catch let error as DatabaseError {
            throw Self.translated(error, path: lockPath)
        }
    }

    /// A consistent look at the store.
    /// - Throws: ``DeviceStorageError``, or what `body` throws.
    public func look<Result>(_ body: (StoreSnapshot) throws -> Result) throws -> Result {
        try checkNotErased()
        do {
            return try database.read { database in
                defer { keys.dropRows() }
                return try body(StoreSnapshot(access: access(database)))
            }
        } catch let error as DatabaseError {
            throw Self.translated(error, path: lockPath)
        }
    }

    /// Closes the store for good and removes its files. Its keys are gone: this only tidies up.
    ///
    /// Called under the profile's lock. What is asked of it afterwards is refused.
    public func erase() {
        isErased.store(true, ordering: .sequentiallyConsistent)
        try? database.close()
        keys.dropAll()
        for name in [path, path + "-journal", stepCopy.path] { _ = unsafe unlink(name) }
    }

    private func access(_ database: Database) -> StoreAccess {
        StoreAccess(database: database, keys: keys, listChanges: listChanges)
    }

    private func checkNotErased() throws(DeviceStorageError) {
        if isErased.load(ordering: .sequentiallyConsistent) { throw DeviceStorageError(.erased, place: "store") }
    }

    private static func checkExists(_ path: String) throws(DeviceStorageError) {
        var status = stat()
        if unsafe lstat(path, &status) == 0, status.st_size > 0 { return }
        throw DeviceStorageError(.lost, place: path)
    }

    /// Makes an empty file of mode 0600; SQLite gives its journal the same mode.
    private static func create(_ path: String) throws(DeviceStorageError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw DeviceStorageError(.unusable, place: path) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw DeviceStorageError(.unusable, place: path)
        }
        guard status.st_mode & 0o077 == 0 else { throw DeviceStorageError(.tooOpen, place: path) }
        // SQLite waits for whoever writes into a pipe of this name.
        let journal = path + "-journal"
        guard unsafe lstat(journal, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
            throw DeviceStorageError(.unusable, place: journal)
        }
    }

    /// A store that is less durable than promised does not open.
    ///
    /// The journal is emptied and synchronised, not removed: a removal that is not yet on the disk would bring the journal
    /// back after a power cut, and with it the state before a step whose receipt has left.
    private static func checkDurability(of database: DatabaseQueue, path: String) throws {
        let (synchronous, journal) = try database.read { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? 0,
                try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? ""
            )
        }
        guard synchronous >= 2, journal == "truncate" else { throw DeviceStorageError(.unusable, place: path) }
    }

    private static func translated(_ error: DatabaseError, path: String) -> DeviceStorageError {
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: DeviceStorageError(.busy, place: path)
        default: DeviceStorageError(.unusable, place: path)
        }
    }
}
