import Foundation
import GRDB

/// What somebody does to the file who can write to it and has no key.
struct Tampering: CustomStringConvertible {
    let description: String
    private let steps: [(sql: String, arguments: StatementArguments)]

    private init(_ description: String, _ steps: [(sql: String, arguments: StatementArguments)]) {
        self.description = description
        self.steps = steps
    }

    private init(_ sql: String) { self.init(sql, [(sql, [])]) }

    func perform(on path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { database in
            for step in steps { try database.execute(sql: step.sql, arguments: step.arguments) }
        }
        try queue.close()
    }

    /// To every page: it is taken away, changed in its first byte and in the middle, replaced by another one, and by what
    /// stood there before.
    static func ofPages(in path: String, earlier: [String]) throws -> [Tampering] {
        let pages = try Self.pages(in: path)
        let earlier = try earlier.map { try Self.pages(in: $0) }
        var all: [Tampering] = []
        for (page, sealed) in pages.sorted(by: { $0.key < $1.key }) {
            all.append(Tampering("page \(page) away", [("DELETE FROM page WHERE id = ?", [page])]))
            for place in [0, sealed.count / 2] {
                var changed = sealed
                changed[place] ^= 1
                all.append(replacement("page \(page) changed at \(place)", page, changed))
            }
            all.append(replacement("page \(page) short", page, sealed.prefix(7)))
            if let other = pages.first(where: { $0.key != page }) {
                all.append(replacement("page \(page) as \(other.key)", page, other.value))
            }
            for (number, pages) in earlier.enumerated() {
                guard let before = pages[page], before != sealed else { continue }
                all.append(replacement("page \(page) of \(number)", page, before))
            }
        }
        return all
    }

    private static func replacement(_ description: String, _ page: Int64, _ sealed: Data) -> Tampering {
        Tampering(description, [("UPDATE page SET sealed = ? WHERE id = ?", [sealed, page])])
    }

    private static func pages(in path: String) throws -> [Int64: Data] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { database in
            var pages: [Int64: Data] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT id, sealed FROM page") {
                pages[row[0] as Int64] = row[1] as Data
            }
            return pages
        }
    }

    /// To the file as a whole.
    static var ofTheFile: [Tampering] {
        [
            Tampering("DELETE FROM page"),
            Tampering("DROP TABLE page"),
            Tampering("ALTER TABLE page DROP COLUMN sealed; PRAGMA user_version = 3"),
            Tampering("ALTER TABLE page RENAME TO other; CREATE VIEW page AS SELECT id, sealed FROM other"),
            Tampering("CREATE TRIGGER gone AFTER INSERT ON page BEGIN DELETE FROM page; END"),
            Tampering("CREATE TABLE other (id INTEGER)"),
            Tampering("PRAGMA user_version = 0"),
            Tampering("PRAGMA user_version = 0; DROP TABLE page"),
            Tampering(
                """
                ALTER TABLE page RENAME TO old; CREATE TABLE page (id INTEGER PRIMARY KEY, sealed);
                INSERT INTO page SELECT id, 5 FROM old; DROP TABLE old
                """),
            Tampering(
                """
                PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, ' STRICT', '') WHERE name = 'page';
                PRAGMA writable_schema = RESET; UPDATE page SET sealed = 5;
                PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = sql || ' STRICT' WHERE name = 'page'
                """),
            Tampering("PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = NULL"),
        ]
    }
}
