import Foundation
import Secrets
import Statements
import Synchronization
import SystemPackage
import Testing

@testable import RelayService

@Suite(.timeLimit(.minutes(40))) struct HeadLockTests {
    let directory: TemporaryDirectory
    var path: FilePath { directory("head.lock") }

    static let one = OrganisationID(bytes: [UInt8](repeating: 1, count: 20))
    static let two = OrganisationID(bytes: [UInt8](repeating: 2, count: 20))
    static let roster = LogName(one, .roster)
    static let activity = LogName(one, .activity)

    init() throws { directory = try TemporaryDirectory() }

    static func root(_ byte: UInt8) -> Digest { Digest.sha256([byte]) }

    static func head(_ size: UInt64, root byte: UInt8 = 1, checkpoint: [UInt8] = Array("note\n".utf8)) -> LockedHead {
        LockedHead(size: size, root: root(byte), checkpoint: checkpoint)
    }

    static func table(_ heads: [(LogName, LockedHead)]) -> HeadLockTable {
        var table = HeadLockTable()
        for (log, head) in heads { _ = table.record(head, of: log) }
        return table
    }

    // MARK: The file's form

    @Test func aTableReadsBackAsItWasWritten() throws {
        let long = [UInt8](repeating: 0x61, count: 10_000)
        let table = Self.table([
            (LogName(Self.two, .activity), Self.head(9)), (Self.activity, Self.head(7, root: 3, checkpoint: long)),
            (Self.roster, Self.head(1)),
        ])
        #expect(try HeadLockTable(parsing: table.bytes) == table)
        #expect(try HeadLockTable(parsing: HeadLockTable().bytes).heads.isEmpty)
        let lines = String(decoding: table.bytes, as: UTF8.self).split(separator: "\n")
        #expect(lines.first == "nightbell.head-lock/v1")
        #expect(
            lines.filter { $0.hasPrefix("log ") }.map { $0.split(separator: " ")[2] } == [
                "roster", "activity", "activity",
            ])
        #expect(lines.last?.hasPrefix("sum ") == true)
    }

    @Test func everyChangedByteAndEveryPrefixIsRefused() throws {
        let bytes = Self.table([(Self.roster, Self.head(1)), (Self.activity, Self.head(2))]).bytes
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= 1
            #expect(throws: StatementError.self) { try HeadLockTable(parsing: changed) }
            #expect(throws: StatementError.self) { try HeadLockTable(parsing: Array(bytes[..<position])) }
        }
        #expect(throws: StatementError.self) { try HeadLockTable(parsing: bytes + Array("\n".utf8)) }
    }

    @Test func otherWaysToWriteTheSameTableAreRefused() throws {
        func summed(_ text: String) -> [UInt8] {
            Array(text.utf8) + Array("sum \(Digest.sha256(Array(text.utf8)))\n".utf8)
        }
        let type = "nightbell.head-lock/v1\n"
        let log = { (kind: String) in "log \(Self.one) \(kind) 1 \(Self.root(1))\nnote YQ==\n" }
        #expect(try HeadLockTable(parsing: summed(type + log("roster") + log("activity"))).heads.count == 2)
        for text in [
            type + log("activity") + log("roster"), type + log("roster") + log("roster"), type + log("other"),
            type + "log \(Self.one) roster 01 \(Self.root(1))\nnote YQ==\n",
            type + "log \(Self.one) roster 1 \(Self.root(1))\n",
            type + "log \(Self.one) roster 1 \(Self.root(1))\nnote YQ==\nnote Yg==\n",
            type + "log \(Self.one) roster 1 \(Self.root(1))\nnote \n", "nightbell.head-lock/v2\n", type + "more 1\n",
        ] {
            #expect(throws: StatementError.self, "\(text)") { try HeadLockTable(parsing: summed(text)) }
        }
    }

    @Test func anOlderHeadNeverReplacesANewerOne() {
        var table = HeadLockTable()
        let taken = [Self.head(5), Self.head(4, root: 2), Self.head(5, root: 2), Self.head(6)]
            .map { table.record($0, of: Self.roster) }
        #expect(taken == [true, false, false, true])
        #expect(table.heads[Self.roster]?.size == 6)
    }

    // MARK: Comparing

    @Test(arguments: [
        // locked size and root, stored size and root at the locked size, what it means
        (UInt64(5), UInt64(5), UInt8(1), HeadLockVerdict.ok),
        (5, 9, 1, .ok),
        (5, 4, 1, .storeOlder(roster, locked: 5, stored: 4)),
        (5, 0, 1, .storeOlder(roster, locked: 5, stored: 0)),
        (5, 5, 2, .storeForked(roster, size: 5)),
        (5, 9, 2, .storeForked(roster, size: 5)),
    ])
    func aStoreIsComparedWithWhatWasSigned(
        locked: UInt64, stored: UInt64, rootAtLockedSize: UInt8, verdict: HeadLockVerdict
    ) {
        let tree = StoredTree(size: stored, rootAtLockedSize: stored < locked ? nil : Self.root(rootAtLockedSize))
        #expect(
            HeadLockComparison.compare(locked: [Self.roster: Self.head(locked)], stored: [Self.roster: tree]) == verdict
        )
    }

    @Test func aLogThatIsGoneIsAnOlderStoreAndANewOneIsWell() {
        let tree = StoredTree(size: 5, rootAtLockedSize: Self.root(1))
        let locked = [Self.roster: Self.head(5), Self.activity: Self.head(8)]
        #expect(
            HeadLockComparison.compare(locked: locked, stored: [Self.roster: tree])
                == .storeOlder(Self.activity, locked: 8, stored: 0))
        let fresh = StoredTree(size: 2, rootAtLockedSize: nil)
        #expect(
            HeadLockComparison.compare(
                locked: [Self.roster: Self.head(5)], stored: [Self.roster: tree, LogName(Self.two, .roster): fresh])
                == .ok)
        #expect(HeadLockComparison.compare(locked: [:], stored: [Self.roster: fresh]) == .ok)
    }

    @Test func aMissingLockIsWellOnlyWhileNothingIsStored() {
        #expect(HeadLockComparison.compare(locked: nil, stored: [:]) == .ok)
        let empty = StoredTree(size: 0, rootAtLockedSize: nil)
        #expect(HeadLockComparison.compare(locked: nil, stored: [Self.roster: empty]) == .ok)
        let full = StoredTree(size: 1, rootAtLockedSize: nil)
        #expect(HeadLockComparison.compare(locked: nil, stored: [Self.roster: full]) == .lockMissing)
    }

    @Test func refusalsNameTheLogAndTheNextStep() {
        #expect(HeadLockVerdict.ok.refusal == nil)
        let older = HeadLockVerdict.storeOlder(Self.roster, locked: 5, stored: 4).refusal
        #expect(older?.code == .storeOlder && older?.exitCode == 65)
        #expect(older?.message.contains("\(Self.one)/roster") == true)
        #expect(HeadLockVerdict.storeForked(Self.roster, size: 5).refusal?.code == .storeForked)
        #expect(HeadLockVerdict.lockMissing.refusal?.code == .headLockMissing)
    }

    // MARK: Keeping it

    @Test func whatIsWrittenIsLoadedAtTheNextStart() throws {
        let lock = try HeadLock(path, logger: silent)
        lock.record(Self.head(1), of: Self.roster)
        lock.record(Self.head(3), of: Self.activity)
        lock.record(Self.head(2), of: Self.roster)
        #expect(try HeadLock.load(path) == nil)
        #expect(lock.write())
        #expect(try HeadLock.load(path) == [Self.roster: Self.head(2), Self.activity: Self.head(3)])
        #expect(try permissions(of: path) == 0o600)

        let next = try HeadLock(path, logger: silent)
        next.record(Self.head(1), of: Self.roster)
        next.record(Self.head(4), of: Self.activity)
        #expect(next.write())
        #expect(try HeadLock.load(path) == [Self.roster: Self.head(2), Self.activity: Self.head(4)])
    }

    @Test func nothingNewIsNothingWritten() throws {
        let lock = try HeadLock(path, logger: silent)
        lock.record(Self.head(1), of: Self.roster)
        #expect(lock.write())
        try FileManager.default.removeItem(atPath: path.string)
        lock.record(Self.head(1), of: Self.roster)
        #expect(lock.write())
        #expect(try HeadLock.load(path) == nil)
    }

    @Test func theServiceWritesWhatWasRecordedWhileItRuns() async throws {
        let lock = try HeadLock(path, logger: silent, pause: {})
        let path = path
        try await whileRunning(lock) {
            for size in 1...3 as ClosedRange<UInt64> {
                lock.record(Self.head(size), of: Self.roster)
                while try HeadLock.load(path)?[Self.roster] != Self.head(size) {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
    }

    @Test func aStopWritesWhatIsStillOutstanding() async throws {
        // The pause never ends by itself: only the stop can bring the write about.
        let lock = try HeadLock(path, logger: silent, pause: { try await Task.sleep(for: .seconds(3600)) })
        try await whileRunning(lock) { lock.record(Self.head(4), of: Self.activity) }
        #expect(try HeadLock.load(path) == [Self.activity: Self.head(4)])
    }

    @Test func aFileThatCannotBeWrittenIsSaidAndTriedAgain() throws {
        let folder = directory("later")
        let lock = try HeadLock(folder.appending("head.lock"), logger: silent)
        lock.record(Self.head(1), of: Self.roster)
        #expect(!lock.write())
        #expect(lock.hasFailed)
        try DurableFile.makeDirectory(folder)
        #expect(lock.write())
        #expect(!lock.hasFailed)
        #expect(try HeadLock.load(folder.appending("head.lock"))?.count == 1)
    }

    @Test func whatACrashLeavesIsTheOldFileOrTheNew() throws {
        let lock = try HeadLock(path, logger: silent)
        lock.record(Self.head(1), of: Self.roster)
        #expect(lock.write())
        // Killed while the next table was written beside the file.
        let next = Self.table([(Self.roster, Self.head(2))]).bytes
        for count in [0, next.count / 2, next.count] {
            try Data(next.prefix(count)).write(to: URL(filePath: DurableFile.temporary(for: path).string))
            #expect(try HeadLock.load(path) == [Self.roster: Self.head(1)])
        }
        let restarted = try HeadLock(path, logger: silent)
        restarted.record(Self.head(2), of: Self.roster)
        #expect(restarted.write())
        #expect(try HeadLock.load(path) == [Self.roster: Self.head(2)])
        #expect(try DurableFile.names(in: directory.path) == ["head.lock"])
    }

    @Test func aDamagedFileStopsTheStart() throws {
        try directory.write("nightbell.head-lock/v1\n", to: "head.lock")
        #expect(code { try HeadLock.load(path) } == .headLockMalformed)
        #expect(code { try HeadLock(path, logger: silent) } == .headLockMalformed)
    }
}
