import AuditStorage
import AuditSupport
import Auditing
import Foundation
import Secrets
import Statements
import Testing

/// What becomes of what an audit keeps when somebody changes it who has no key.
@Suite struct TamperingTests {
    // MARK: The store

    /// Every page of every kind, in every way: the store tells what it was told last, or that it is damaged. It never tells
    /// something else, and can always be used again.
    @Test func aPageIsTheOneThatWasWrittenLastOrIsNotRead() throws {
        let folder = Folder()
        let earlier = [Folder(), Folder()]
        for round in 0..<3 {
            try Self.write(round, to: try folder.store())
            if round < earlier.count { try folder.copy(to: earlier[round]) }
        }
        let kept = try folder.bytes
        let answers = try Self.answers(of: try folder.store())
        #expect(!answers.contains(Self.damaged))
        let changes = try Tampering.ofPages(in: folder.file, earlier: earlier.map(\.file)) + Tampering.ofTheFile
        #expect(changes.count > 100)
        for change in changes {
            try folder.set(kept)
            try change.perform(on: folder.file)
            var store: SQLiteAuditStore? = try folder.store()
            let told = try Self.answers(of: #require(store))
            #expect(told.contains(Self.damaged), "\(change)")
            for (said, before) in zip(told, answers) { #expect([Self.damaged, before].contains(said), "\(change)") }
            // A run that is cut off here has told nobody: the next one says the same.
            store = nil
            store = try folder.store()
            #expect(try Self.answers(of: #require(store)) == told, "\(change)")
            let history = folder.marks.history
            try store?.reset()
            #expect(try store?.value(.kept) == nil)
            try Self.write(0, to: #require(store))
            store = nil
            #expect(try folder.store().value(.kept) == [0, 1])
            folder.marks.history = history
        }
    }

    @Test func aFileThatIsNotTheLastOneIsTold() throws {
        let folder = Folder()
        var files: [Data?] = []
        for round in 0..<3 {
            try Self.write(round, to: try folder.store())
            files.append(try folder.bytes)
        }
        let newest = files.removeLast()
        let other = Folder()
        try Self.write(0, to: try other.store())
        files += [nil, Data(), try other.bytes, newest?.prefix(6_000)]
        let history = folder.marks.history
        for (number, file) in files.enumerated() {
            try folder.set(file)
            for _ in 0..<2 {
                let store = try folder.store()
                #expect(throws: AuditError(.storeDamaged, ""), "\(number)") { try store.value(.kept) }
            }
            var store: SQLiteAuditStore? = try folder.store()
            try store?.reset()
            try store?.set([5], as: .kept)
            try store?.commit()
            store = nil
            #expect(try folder.store().value(.kept) == [5])
            folder.marks.history = history
        }
        // One that the profile knows nothing of.
        try folder.set(newest)
        folder.marks.history = []
        for _ in 0..<2 {
            let store = try folder.store()
            #expect(throws: AuditError(.storeDamaged, "")) { try store.value(.kept) }
        }
    }

    /// Whatever a crash leaves around a commit, before it or after it, is the last one.
    @Test func aCommitThatWasCutOffIsNoLoss() throws {
        let folder = Folder()
        // The first commit, cut off before anything was written.
        try Self.write(0, to: try folder.store())
        let first = try folder.bytes
        folder.marks.history = Array(folder.marks.history.prefix(1))
        try folder.set(nil)
        #expect(try folder.store().value(.kept) == nil)
        try folder.set(first)
        #expect(try folder.store().value(.kept) == [0, 1])
        // A later one.
        try Self.write(1, to: try folder.store())
        let second = try folder.bytes
        folder.marks.history.removeLast()
        #expect(folder.marks.marks().count == 2)
        for (file, value) in [(first, [0, 1] as [UInt8]), (second, [1, 1])] {
            try folder.set(file)
            #expect(try folder.store().value(.kept) == value)
        }
    }

    // MARK: The audit

    /// Any page taken away, or put back as it was before: the next audit finds what one from nothing finds.
    @Test func noFindingIsLostAndNobodyIsConvicted() async throws {
        let world = World.practice()
        let folder = Folder()
        let earlier = Folder()
        let silent = world.send("silent")
        let delivered = world.send("delivered")
        for name in ["third", "fourth"] { world.deliver(world.send(name), to: "bo") }
        world.serve(delivered, to: "bo")
        let receipt = world.sign(.delivered, of: delivered, by: "bo")
        world.log(receipt, .delivered, of: delivered, by: "bo")
        let first = try await Self.audit(world, try folder.store())
        #expect(!first.findings.contains { $0.severity == .brokenPromise })
        try folder.copy(to: earlier)
        // Nobody says that it expired.
        world.wait(seconds: 4_000)
        let late = world.send("late")
        world.wait(seconds: 61)
        world.receipt(.read, of: delivered, by: "bo")
        let second = try await Self.audit(world, try folder.store())
        #expect(second.findings.contains { $0.code == .unansweredMissing && $0.entries == [silent.index] })
        let kept = try folder.bytes
        let history = folder.marks.history

        world.deliver(late, to: "bo")
        world.log(receipt, .delivered, of: delivered, by: "bo")
        world.revoke("tablet")
        world.wait(seconds: 1)
        world.send("last")
        let whole = try await Self.audit(world, MemoryAuditStore())
        #expect(whole.findings.map(\.code.rawValue).contains("duplicate"))
        var unusable = 0
        let changes = try Tampering.ofPages(in: folder.file, earlier: [earlier.file])
            .filter { $0.description.hasSuffix("away") || $0.description.hasSuffix("of 0") }
        for change in changes {
            try folder.set(kept)
            folder.marks.history = history
            try change.perform(on: folder.file)
            let verdict = try await Self.audit(world, try folder.store())
            #expect(verdict.findings.filter { $0.code != .keptUnusable } == whole.findings, "\(change)")
            #expect(verdict.states == whole.states, "\(change)")
            unusable += verdict.findings.count - whole.findings.count
        }
        #expect(unusable > 10)
    }

    // MARK: Support

    private static let damaged = "damaged"

    /// What is told, without what holds the store open.
    private struct Told {
        let findings: [AuditFinding]
        let states: [MessageState]
    }

    private static func audit(_ world: World, _ store: any AuditStore) async throws -> Told {
        var audit = Audit()
        audit.organisation = world.organisation
        audit.detail = .all
        audit.isPresent = true
        audit.heads = [world.activity.sign(world.head(for: "bo"))]
        let verdict = try await audit.run(world.source, capsules: world, store: store)
        return Told(findings: verdict.findings, states: verdict.messages.map(\.state))
    }

    private static func id(_ number: Int) -> [UInt8] { Array(repeating: UInt8(number), count: 16) }

    /// A little of everything, and a change to what was there.
    private static func write(_ round: Int, to store: SQLiteAuditStore) throws {
        let byte = UInt8(round)
        for (place, name) in [AuditStoreValue.kept, .findings, .replay].enumerated() {
            try store.set([byte, UInt8(place) + 1], as: name)
        }
        try store.set([byte], of: UInt64(round))
        try store.set([byte], of: 3)
        try store.add([
            StoredStatement(prefix: 5, entry: UInt64(round)), StoredStatement(prefix: 1 << 60, entry: UInt64(round)),
        ])
        for number in round * 5..<round * 5 + 5 {
            try store.set(StoredMessage(number: number, id: id(number), record: [byte, 7]))
        }
        try store.set(StoredMessage(number: 0, id: id(0), record: [byte]))
        try store.add((round * 40..<round * 40 + 40).map { StoredAccess(number: $0, record: [byte]) })
        try store.set(round, isWaiting: true, for: [1])
        if round > 0 { try store.set(round - 1, isWaiting: false, for: [1]) }
        try store.add(StoredQueuePart(first: UInt64(round), record: [byte]), to: [1])
        try store.commit()
    }

    /// All that can be asked, each answered by itself.
    private static func answers(of store: SQLiteAuditStore) throws -> [String] {
        var answers: [String] = []
        func ask<Answer>(_ question: () throws -> Answer) throws {
            do { answers.append(String(describing: try question())) } catch let error as AuditError {
                #expect(error.code == .storeDamaged)
                answers.append(damaged)
            }
        }
        for name in AuditStoreValue.allCases { try ask { try store.value(name) } }
        for chunk in UInt64(0)...4 { try ask { try store.entries(of: chunk) } }
        for prefix in [5, 6, 1 << 60] {
            try ask { try store.statements(with: [Int64(prefix)]).sorted { $0.entry < $1.entry } }
        }
        for number in 0...15 { try ask { try store.messages(with: [id(number)]) } }
        try ask { try store.messages(from: 0, limit: 99) }
        try ask { try store.messages(from: 9, limit: 1) }
        try ask { try store.accesses(from: 0, limit: 999) }
        try ask { try store.accesses(from: 100, limit: 2) }
        for device in [UInt8(1), 2] {
            try ask { try store.messages(waitingFor: [device]) }
            try ask { try store.queue(of: [device]) }
        }
        return answers
    }
}

extension Folder {
    var bytes: Data { get throws { try Data(contentsOf: URL(fileURLWithPath: file)) } }

    /// Makes the file what these bytes are, or takes it away.
    func set(_ bytes: Data?) throws {
        for name in [file, file + "-journal"] { try? FileManager.default.removeItem(atPath: name) }
        guard let bytes else { return }
        #expect(
            FileManager.default.createFile(atPath: file, contents: bytes, attributes: [.posixPermissions: 0o600]))
    }

    func copy(to other: Folder) throws {
        try FileManager.default.createDirectory(atPath: other.path, withIntermediateDirectories: false)
        try FileManager.default.copyItem(atPath: file, toPath: other.file)
    }
}
