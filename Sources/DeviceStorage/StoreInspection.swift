import Foundation
import GRDB

/// What a profile's database shows to someone without its key: whether it is whole, and how much of what it holds.
///
/// Reads only: a profile that is locked or damaged can be looked at, and is left as it is.
public struct StoreInspection: Sendable {
    /// What SQLite finds wrong with the file (`PRAGMA quick_check`), at most so many lines; empty when it is whole.
    public let faults: [String]
    /// The numbers of rows that a person should know of; `nil` when the tables cannot be read.
    public let counts: Counts?
    /// The step log's lines as they are stored, in order; they are not sealed.
    public let steps: [[UInt8]]

    /// How many, by what they wait for.
    public struct Counts: Sendable, Equatable {
        public var messages = 0
        /// Receipts that the relay has not proven.
        public var receiptsWaiting = 0
        /// Messages that wait here to be sent.
        public var sendsWaiting = 0
        /// Messages that will not be sent.
        public var sendsRefused = 0
        public var findings = 0
        /// One-time prekeys whose private halves are here.
        public var oneTimeKeys = 0
        /// When the newest fallback prekey was made, in milliseconds since 1970.
        public var newestFallback: Int64?

        public init() {}
    }

    private static let faultLines = 5
    private static let busySeconds = 2.0

    /// - Parameter directory: The profile's folder.
    /// - Throws: ``DeviceStorageError`` when there is no database, or none that opens.
    public init(directory: String) throws(DeviceStorageError) {
        let path = directory + "/store.sqlite"
        guard FileManager.default.fileExists(atPath: path) else {
            throw DeviceStorageError(.unusable, place: path)
        }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(Self.busySeconds)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            (faults, counts, steps) = try queue.read { database in
                let faults = try Self.faults(database)
                // A damaged file may still show some of its tables; what it shows is not worth a number.
                guard faults.isEmpty else { return (faults, nil, []) }
                return (faults, try Self.counts(database), try Self.steps(database))
            }
        } catch let error as DatabaseError where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode) {
            throw DeviceStorageError(.busy, place: path)
        } catch {
            throw DeviceStorageError(.unusable, place: path)
        }
    }

    /// Which messages' ids are asked for.
    public enum Table: Sendable {
        case received, sent
    }

    /// Ids that begin so, the newest first, at most `limit`.
    /// - Throws: ``DeviceStorageError``.
    public static func ids(
        directory: String, of table: Table, beginningWith prefix: String, limit: Int
    ) throws -> [String] {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(busySeconds)
        let queue = try DatabaseQueue(path: directory + "/store.sqlite", configuration: configuration)
        let (name, order) = table == .received ? ("listed", "received") : ("sent", "created")
        return try queue.read { database in
            try String.fetchAll(
                database,
                sql: "SELECT id FROM \(name) WHERE id >= ?1 AND id < ?1 || char(127) ORDER BY \(order) DESC LIMIT ?2",
                arguments: [prefix, limit])
        }
    }

    private static func faults(_ database: Database) throws -> [String] {
        try String.fetchAll(database, sql: "PRAGMA quick_check(\(faultLines))").filter { $0 != "ok" }
    }

    private static func counts(_ database: Database) throws -> Counts {
        func count(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM \(sql)") ?? 0 }
        var counts = Counts()
        counts.messages = try count("listed")
        counts.receiptsWaiting = try count("receipt WHERE position IS NULL")
        counts.sendsWaiting = try count("sent WHERE state IN ('drafted', 'sealed')")
        counts.sendsRefused = try count("sent WHERE state = 'refused'")
        counts.findings = try count("finding")
        counts.oneTimeKeys = try count("prekey WHERE state <> 'destroyed' AND purpose = 'one-time'")
        counts.newestFallback = try Int64.fetchOne(
            database, sql: "SELECT MAX(created) FROM prekey WHERE state = 'published' AND purpose = 'fallback'")
        return counts
    }

    private static func steps(_ database: Database) throws -> [[UInt8]] {
        try Data.fetchAll(database, sql: "SELECT line FROM step ORDER BY number").map { [UInt8]($0) }
    }
}
