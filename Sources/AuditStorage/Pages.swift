import Auditing
import Foundation
import GRDB

/// The pages of a file, each sealed for its place and version.
struct Pages {
    private let seal: PageSeal
    private(set) var directory = PageDirectory()
    var statements = PrefixIndex(.statements, pageBits: 11)
    /// A tenth as many.
    var ids = PrefixIndex(.ids, pageBits: 8)
    var messages = MessagePages()
    var waiting = WaitingPages()

    init(_ seal: PageSeal) { self.seal = seal }

    // MARK: Pages

    /// - Returns: `nil` when there is none, which the directory knows.
    /// - Throws: ``AuditError/Code/storeDamaged`` when it is not the one that was written last.
    func read(_ page: PageID, _ database: Database) throws -> [UInt8]? {
        let version = directory[page]
        guard version != 0 else { return nil }
        guard let sealed = try Self.sealed(page.row, database), let bytes = seal.open(sealed, page, version: version)
        else { throw AuditError.changedPage }
        return bytes
    }

    mutating func write(_ bytes: [UInt8], _ page: PageID, _ database: Database) throws {
        let (sealed, version) = seal.seal(bytes, page)
        try Self.put(sealed, page.row, database)
        directory[page] = version
    }

    mutating func remove(_ page: PageID, _ database: Database) throws {
        guard directory[page] != 0 else { return }
        try database.cachedStatement(sql: "DELETE FROM page WHERE id = ?").execute(arguments: [page.row])
        directory[page] = 0
    }

    /// Whatever it is: what is no blob is none of ours.
    private static func sealed(_ row: Int64, _ database: Database) throws -> Data? {
        let statement = try database.cachedStatement(
            sql: "SELECT sealed FROM page WHERE id = ? AND typeof(sealed) = 'blob'")
        return try Data.fetchOne(statement, arguments: [row])
    }

    private static func put(_ sealed: Data, _ row: Int64, _ database: Database) throws {
        let statement = try database.cachedStatement(sql: "INSERT OR REPLACE INTO page (id, sealed) VALUES (?, ?)")
        try statement.execute(arguments: [row, sealed])
    }

    // MARK: Devices

    mutating func makeSlot(of device: [UInt8]) -> Int { directory.makeSlot(of: device) }

    /// Adds a page behind the last of a device's queue, and says which one comes before it.
    mutating func add(_ part: StoredQueuePart, to slot: Int, _ database: Database) throws {
        let number = directory.end(of: .queues)
        var writer = FixedBytesWriter(adding: part.record.count + 24)
        writer.put(directory[partEndOf: slot])
        writer.put(part.first)
        writer.put(part.record)
        try write(writer.bytes, PageID(.queues, number), database)
        directory[partEndOf: slot] = number + 1
    }

    // MARK: Root

    /// Takes up what the last commit left.
    /// - Returns: Its mark; `nil` when the file holds none.
    /// - Throws: ``AuditError/Code/storeDamaged``.
    mutating func load(_ database: Database) throws -> [UInt8]? {
        guard try Int.fetchOne(database, sql: "SELECT 1 FROM page WHERE id = \(Schema.rootRow)") != nil else {
            return nil
        }
        guard let sealed = try Self.sealed(Schema.rootRow, database), let (root, mark) = seal.open(root: sealed) else {
            throw AuditError.changedPage
        }
        directory = try PageDirectory(root: root)
        return mark
    }

    /// Writes all that waits, and the root.
    /// - Returns: The root's mark.
    mutating func flush(_ database: Database) throws -> [UInt8] {
        try writeMessages(database)
        try writeWaiting(database)
        try writeStatements(database)
        try writeIDs(database)
        let (sealed, mark) = seal.seal(root: directory.root)
        try Self.put(sealed, Schema.rootRow, database)
        return mark
    }

    mutating func removeAll(_ database: Database) throws {
        try database.execute(sql: "DELETE FROM page")
        self = Pages(seal)
    }
}
