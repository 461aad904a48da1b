import Membership
import RelayStorage
import Statements
import TransparencyLog

/// Recomputes every tree from the entries, the stored tiles included, and replays every roster.
enum LogCheck {
    private static let pageSize = 1_024

    /// - Throws: ``StorageError`` when the store cannot be read. What is wrong with the logs is in the report.
    static func run(_ store: any RelayStore) async throws -> CheckReport {
        try await store.read { reader in
            var problems: [CheckReport.Problem] = []
            var entries = 0
            let organisations = try reader.organisations()
            for organisation in organisations {
                for log in LogKind.allCases {
                    entries += try check(log, of: organisation, in: reader, problems: &problems)
                }
            }
            return CheckReport(organisations: organisations.count, entries: entries, problems: problems)
        }
    }

    private static func check(
        _ log: LogKind, of organisation: OrganisationID, in reader: any RelayReader,
        problems: inout [CheckReport.Problem]
    ) throws -> Int {
        func problem(_ code: String, _ message: String) {
            problems.append(.init(code: code, message: "\(LogName(organisation, log)): \(message)"))
        }
        guard let head = try reader.head(log, of: organisation) else {
            problem("head_missing", "there is no signed head")
            return 0
        }
        var tree = GrowingTree()
        var roster: Roster?
        var lastTime = Timestamp(milliseconds: 0)
        while tree.size < head.size {
            let page = try reader.entries(
                from: tree.size, count: min(pageSize, Int(head.size - tree.size)), in: log, of: organisation)
            guard !page.isEmpty else { break }
            for bytes in page {
                let index = tree.size
                tree.append(MerkleTree.leafHash(bytes))
                guard let entry = try? Entry(parsing: bytes) else {
                    problem("entry_malformed", "entry \(index) is not an entry")
                    continue
                }
                if entry.time < lastTime { problem("time_order", "entry \(index) is older than the one before") }
                lastTime = entry.time
                if log == .roster { replay(entry, at: index, organisation, &roster, problem) }
                if (index + 1).isMultiple(of: 256) {
                    try checkTiles(upTo: index + 1, tree, log, organisation, reader, problem)
                    tree.forget(keeping: 1_024)
                }
            }
        }
        if tree.size != head.size {
            problem("entries_missing", "\(head.size) entries were signed, \(tree.size) are stored")
        }
        if tree.size == head.size, tree.root != head.root {
            problem("root_differs", "the entries do not give the root that was signed")
        }
        return Int(tree.size)
    }

    private static func replay(
        _ entry: Entry, at index: UInt64, _ organisation: OrganisationID, _ roster: inout Roster?,
        _ problem: (String, String) -> Void
    ) {
        do {
            if roster == nil {
                roster = try Roster(genesis: entry, organisation: organisation)
            } else {
                try roster?.append(entry)
            }
        } catch {
            problem("rule_broken", "entry \(index) breaks a rule: \(Problems.logCode(of: error))")
        }
    }

    private static func checkTiles(
        upTo size: UInt64, _ tree: GrowingTree, _ log: LogKind, _ organisation: OrganisationID,
        _ reader: any RelayReader, _ problem: (String, String) -> Void
    ) throws {
        var level = 0
        while size.isMultiple(of: 1 << UInt64(8 * (level + 1))) {
            let index = size >> UInt64(8 * (level + 1)) - 1
            let expected = try (index * 256..<(index + 1) * 256).map {
                try tree.hash(of: Subtree(level: 8 * level, index: $0))
            }
            if try reader.fullTile(level: level, index: index, of: log, of: organisation) != HashTile.encode(expected) {
                problem("tile_differs", "tile \(level)/\(index) is not what the entries give")
            }
            level += 1
        }
    }
}
