import FuzzSupport
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

@testable import Auditing

/// An audit that goes on from what it kept finds what one from nothing finds, and forgets nothing that it found.
@Suite struct IncrementalAuditTests {
    // MARK: Splits

    @Test(arguments: [0, 1, 2, 3])
    func inAnyPartsTheLogSaysTheSame(_ seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let world = World.practice()
        LyingStory(world, isHonest: seed == 0).tell(steps: 70, &random)
        let whole = try await Run(world).audit(world.source)
        #expect((whole.findings.filter { $0.severity == .brokenPromise }.isEmpty) == (seed == 0))
        for _ in 0..<3 {
            let run = Run(world, store: MemoryAuditStore(isKept: true))
            var last: AuditVerdict?
            for size in Self.splits(of: world.activity.size, &random) {
                last = try await run.audit(world.source(upTo: size))
            }
            try Self.expectSame(#require(last), whole)
        }
    }

    /// Of several bundles: on one core and on many, in one run and in several that were cut off.
    @Test func howeverALongLogIsReadItSaysTheSame() async throws {
        var random = SplitMix64(seed: 9)
        let world = World.practice()
        LyingStory(world, isHonest: false).tell(steps: 640, &random)
        #expect(world.activity.size > 3 * 256)
        let whole = try await Run(world, cores: 1).audit(world.source)
        #expect(whole.verifications > 500)
        try Self.expectSame(try await Run(world, cores: 7).audit(world.source), whole)

        var swapped = world.source
        swapped.entries[.activity] = Array(world.activity.entries[256..<512] + world.activity.entries[..<256])
        swapped.entries[.activity]? += world.activity.entries[512...]
        #expect(try await Run(world).audit(swapped).findings.map(\.code).contains(.rootDiffers))
        let hole = try await Run(world).audit(HoleSource(source: world.source, hole: 1))
        #expect(hole.findings.contains { $0.code == .entriesMissing && $0.entries == [256] })
        #expect(hole.findings.allSatisfy { $0.log != .activity || ($0.entries.last ?? 0) <= 256 })

        let store = MemoryAuditStore(isKept: true)
        let run = Run(world, store: store, cores: 1)
        var positions: [UInt64] = []
        for limit in [1, 3, 1] {
            let source = BreakingSource(source: world.source, limit: limit)
            await #expect(throws: BreakingSource.Broken.self) { try await run.audit(source) }
            store.crash()
            var reader = RecordReader(store.value(.replay) ?? [0])
            positions.append(try reader.integer())
        }
        // Of what was in hand, some was judged and committed.
        #expect(positions == positions.sorted() && positions[2] > 0 && positions[2] < world.activity.size)
        try Self.expectSame(try await run.audit(world.source), whole)
        // And again, with nothing new.
        let again = try await run.audit(world.source)
        #expect(again.verifications == 0)
        try Self.expectSame(again, whole)
    }

    @Test func onlyWhatIsNewIsVerified() async throws {
        let world = World.practice()
        let run = Run(world, store: MemoryAuditStore(isKept: true))
        world.deliver(world.send("first"), to: "bo")
        let first = try await run.audit(world.source)
        world.wait(seconds: 1)
        world.deliver(world.send("second"), to: "bo")
        let second = try await run.audit(world.source)
        #expect(first.messageCount == 1 && second.messageCount == 2)
        #expect(first.continued == 0 && second.continued == first.activity?.size)
        // Two signatures of its own, the roster seen, and two trees.
        #expect(second.verifications == 5)
        #expect(second.ok && second.isWhole)
        #expect(second.capsulesOpened == 2)
    }

    // MARK: What was found stays found

    @Test func aLogThatDoesNotContinueIsFoundAndToldAgain() async throws {
        let world = World.practice()
        let sent = world.send("first")
        let run = Run(world, store: MemoryAuditStore(isKept: true))
        #expect(try await run.audit(world.source).ok)
        var changed = world.source
        let event = RelayEvent(
            organisation: world.organisation, kind: .fallback(.named("bo"), sent.message, world.auditKey.publicKey.id))
        changed.entries[.activity]?[0] = world.activity.entries[1]
        changed.entries[.activity]?.append(Entry(time: world.now, body: event.text).bytes)
        var tree = GrowingTree()
        for entry in changed.entries[.activity]! { tree.append(MerkleTree.leafHash(entry)) }
        changed.checkpoints[.activity] = world.activity.sign(size: tree.size, root: tree.root).note.bytes
        for isAgain in [false, true] {
            let verdict = try await run.audit(changed)
            #expect(verdict.findings.first?.code == .notContinued)
            #expect(verdict.findings.first?.sentence.hasPrefix("found earlier, ") == isAgain)
            #expect(!verdict.ok)
        }
        // The honest history, shown again, hides nothing.
        world.wait(seconds: 1)
        let honest = try await run.audit(world.source)
        #expect(honest.findings.map(\.code).contains(.notContinued))
        run.audit.isAnew = true
        #expect(try await run.audit(world.source).ok)
        run.audit.isAnew = false
        #expect(try await run.audit(world.source).ok)
    }

    @Test func aLogThatBecameShorterIsFound() async throws {
        let world = World.practice()
        world.send("first")
        let run = Run(world, store: MemoryAuditStore(isKept: true))
        #expect(try await run.audit(world.source).ok)
        let verdict = try await run.audit(world.source(upTo: world.activity.size - 1))
        #expect(verdict.findings.map(\.code) == [.notContinued])
        #expect(verdict.activity?.size == world.activity.size - 1)
    }

    /// What a relay takes away with the entries that show it stays found, and what they go on to show is told once.
    @Test func whatWasFoundInALogThatBecameShorterIsToldAgain() async throws {
        let world = World.practice()
        world.receipt(.delivered, of: world.send("first"), by: "bo")
        let before = world.activity.size
        world.wait(seconds: 1)
        let taken = world.receipt(.delivered, of: world.send("second"), by: "bo")
        let run = Run(world, store: MemoryAuditStore(isKept: true))
        #expect(try await run.audit(world.source).findings.map(\.entries) == [[before - 1], [taken]])
        for _ in 0..<2 {
            let findings = try await run.audit(world.source(upTo: before)).findings
            #expect(findings.map(\.code) == [.notContinued, .notServed, .notServed])
            #expect(findings.map(\.entries) == [[], [before - 1], [taken]])
        }
    }

    @Test func aRosterThatDoesNotContinueIsFound() async throws {
        let world = World.practice()
        let run = Run(world, store: MemoryAuditStore(isKept: true))
        #expect(try await run.audit(world.source).ok)
        var shorter = world.source
        shorter.entries[.roster]?.removeLast()
        shorter.checkpoints[.roster] =
            world.roster.sign(
                size: world.roster.size - 1, root: try world.roster.tree.root(size: world.roster.size - 1)
            )
            .note.bytes
        let verdict = try await run.audit(shorter)
        #expect(verdict.findings.first?.code == .notContinued)
        #expect(verdict.findings.first?.log == .roster)
    }

    @Test func entriesThatWereMissingAreToldOfWhenTheyCome() async throws {
        let world = World.practice()
        let run = Run(world, store: MemoryAuditStore(isKept: true))
        let before = world.activity.size
        #expect(try await run.audit(world.source).ok)
        world.deliver(world.send("first"), to: "bo")
        var hidden = world.source
        hidden.entries[.activity] = []
        #expect(try await run.audit(hidden).findings.map(\.code) == [.entriesMissing])
        let verdict = try await run.audit(world.source)
        verdict.expect(.entriesMissing, at: [before])
        #expect(verdict.messageCount == 1)
    }

    @Test func aCheckpointThatIsNotTheLogsAddsNothing() async throws {
        let world = World.practice()
        let run = Run(world, store: MemoryAuditStore(isKept: true))
        #expect(try await run.audit(world.source).ok)
        world.send("first")
        var forged = world.source
        forged.checkpoints[.activity] =
            SignedNote(
                text: world.activity.checkpoint.note.text, signedBy: Signer.key("thief"),
                as: world.genesis.origin(of: .activity)
            ).bytes
        let refused = try await run.audit(forged)
        #expect(refused.findings.map(\.code) == [.checkpointInvalid])
        #expect(refused.messageCount == 0)
        let verdict = try await run.audit(world.source)
        #expect(verdict.findings.map(\.code) == [.checkpointInvalid])
        #expect(verdict.messageCount == 1)
    }

    @Test func aFalseHeadIsToldAgainWithoutIt() async throws {
        let world = World.practice()
        let run = Run(world, store: MemoryAuditStore(isKept: true))
        let before = world.head(for: "bo")
        world.wait(seconds: 10)
        let sent = world.send("first")
        world.wait(seconds: 50)
        let lie = Head(
            organisation: before.organisation, time: world.now, roster: before.roster, activity: before.activity,
            device: before.device)
        run.audit.heads = [world.activity.sign(lie)]
        try await run.audit(world.source).expect(.falseHead, at: [sent.index], naming: "bo")
        run.audit.heads = []
        world.wait(seconds: 1)
        world.deliver(sent, to: "bo")
        try await run.audit(world.source).expect(.falseHead, at: [sent.index], naming: "bo")
    }

    /// Heads of one lie come by the hundred: those of another are not forgotten for them.
    @Test func everyLieIsToldAgainHoweverManyHeadsSayTheFirst() async throws {
        let world = World.practice()
        let run = Run(world, store: MemoryAuditStore(isKept: true))
        let before = world.head()
        world.wait(seconds: 10)
        let hidden = world.send("first")
        for milliseconds in 1...Int64(FindingList.limit + 5) {
            let lie = Head(
                organisation: before.organisation, time: world.now.adding(milliseconds: milliseconds),
                roster: before.roster, activity: before.activity, device: nil)
            run.audit.heads.append(world.activity.sign(lie))
        }
        world.wait(seconds: 10)
        run.audit.heads.append(world.activity.sign(world.head(for: "bo")))
        let queue = world.queues[.named("bo")]
        let dropped = world.send("dropped")
        world.queues[.named("bo")] = queue
        run.audit.heads.append(world.activity.sign(world.head(for: "bo")))
        for _ in 0..<2 {
            let findings = try await run.audit(world.source).findings
            #expect(findings.map(\.code) == [.falseHead, .falseHead])
            #expect(findings.map(\.entries) == [[hidden.index], [dropped.index]])
            #expect(findings.last?.sentence.contains("after item 1 ") == true)
            run.audit.heads = []
            world.wait(seconds: 1)
        }
    }

    @Test func aHeadOfALongerLogIsToldAgainWhenTheLogIsAsLong() async throws {
        let world = World.practice()
        let run = Run(world, store: MemoryAuditStore(isKept: true))
        let shown = world.source
        world.send("first")
        run.audit.heads = [world.activity.sign(world.head())]
        try await run.audit(shown).expect(.falseHead, at: [], naming: "now the relay shows")
        run.audit.heads = []
        try await run.audit(world.source).expect(.falseHead, at: [], naming: "now the relay shows")
    }

    @Test func headsOfQueuesAsTheyWereAreComparedLater() async throws {
        let world = World.practice()
        let run = Run(world, store: MemoryAuditStore(isKept: true))
        var heads: [Head] = []
        for name in ["first", "second", "third"] {
            world.deliver(world.send(name), to: "bo")
            heads += [world.head(for: "bo"), world.head(for: "ivy"), world.head(for: "tablet")]
            #expect(try await run.audit(world.source).ok)
            world.wait(seconds: 1)
        }
        let queue = world.queues[.named("ivy")]
        let dropped = world.send("fourth", served: ["bo"])
        let index = world.receipt(.delivered, of: dropped, by: "bo")
        world.queues[.named("ivy")] = queue
        run.audit.heads = heads.map { world.activity.sign($0) }
        #expect(try await run.audit(world.source).ok)
        run.audit.heads.append(world.activity.sign(world.head(for: "ivy")))
        try await run.audit(world.source).expect(.falseHead, at: [index], naming: "ivy")
    }

    @Test func whatWasFoundElsewhereIsKept() async throws {
        let world = World.practice()
        let run = Run(world, store: MemoryAuditStore(isKept: true))
        run.audit.earlier = [AuditFinding(.relayContradicts, "the relay said this and that")]
        #expect(try await run.audit(world.source).findings == run.audit.earlier)
        #expect(try await run.audit(world.source).findings == run.audit.earlier)
        let earlier = run.audit.earlier
        run.audit.earlier = []
        #expect(try await run.audit(world.source).findings == earlier.map(\.foundEarlier))
        #expect(try await run.audit(world.source).findings == earlier.map(\.foundEarlier))
    }

    // MARK: Looks

    /// What a commit writes does not grow with the looks that were committed before; they are all there afterwards, also
    /// when a run was cut off in between.
    @Test func looksAreOnlyAddedTo() async throws {
        let world = World.practice()
        let store = MemoryAuditStore(isKept: true)
        // On one core two bundles are in hand, and the first is committed when the third cannot be had.
        let run = Run(world, store: store, cores: 1)
        for _ in 0..<3 { world.look(by: "udo", .report, .none) }
        #expect(try await run.audit(world.source).ok)
        let size = try #require(store.value(.replay)).count
        for _ in 0..<700 {
            world.wait(seconds: 1)
            world.look(by: "udo", .report, .none)
        }
        let cut = BreakingSource(source: world.source, limit: 2)
        await #expect(throws: BreakingSource.Broken.self) { try await run.audit(cut) }
        store.crash()
        #expect((100..<700).contains(store.accesses(from: 0, limit: 1_000).count))
        let verdict = try await run.audit(world.source)
        #expect(verdict.ok && verdict.accessCount == 703)
        try Self.expectSame(verdict, try await Run(world).audit(world.source))
        // A longer number, and more of the tree's right edge.
        #expect(try #require(store.value(.replay)).count < size + 500)
        #expect(store.accesses(from: 0, limit: 1_000).map(\.number) == Array(0..<703))
    }

    // MARK: What cannot be used

    @Test func whatAnotherOrganisationKeptIsNotUsed() async throws {
        let world = World.practice()
        world.send("first")
        let store = MemoryAuditStore(isKept: true)
        #expect(try await Run(world, store: store).audit(world.source).ok)
        var kept = try #require(try KeptAudit(of: store, organisation: nil))
        kept.organisation = OrganisationID(bytes: Array(repeating: 1, count: 20))
        store.set(kept.record, as: .kept)
        store.commit()
        for expected in [[AuditFinding.Code.keptUnusable], []] {
            let verdict = try await Run(world, store: store).audit(world.source)
            #expect(verdict.findings.map(\.code) == expected)
            #expect(verdict.ok && verdict.messageCount == 1)
        }
    }

    @Test(arguments: AuditStoreValue.allCases)
    func whatWasChangedIsNotUsed(_ name: AuditStoreValue) async throws {
        let world = World.practice()
        world.send("first")
        let store = MemoryAuditStore(isKept: true)
        #expect(try await Run(world, store: store).audit(world.source).ok)
        let value = try #require(store.value(name))
        // The version, or a count, grows beyond what follows.
        store.set([0xFF, 0xFF, 0x01] + value.dropFirst(), as: name)
        store.commit()
        world.wait(seconds: 1)
        world.send("second")
        let verdict = try await Run(world, store: store).audit(world.source)
        #expect(verdict.findings.map(\.code) == [.keptUnusable])
        #expect(verdict.ok && verdict.messageCount == 2)
        #expect(try await Run(world, store: store).audit(world.source).findings.isEmpty)
    }

    /// Its messages say less than is counted now: they are read anew, and what no log shows again stays found.
    @Test func whatAnEarlierVersionFoundIsToldAgain() async throws {
        let world = World.practice()
        world.play("closed unread", to: "bo", [.delivered, .closed])
        let store = MemoryAuditStore(isKept: true)
        #expect(try await Run(world, store: store).audit(world.source).ok)
        var kept = try #require(try KeptAudit(of: store, organisation: nil))
        kept.findings = [AuditFinding(.relayContradicts, "found before")]
        store.set([2] + kept.record.dropFirst(), as: .kept)
        store.set([0xFF], as: .replay)
        store.commit()
        for continued in [0, world.activity.size] {
            let verdict = try await Run(world, store: store).audit(world.source)
            #expect(verdict.findings == kept.findings.map(\.foundEarlier))
            #expect(verdict.continued == continued && verdict.days.map { $0[.closedUnread] } == [1])
        }
    }

    /// The values are committed together: one that is gone was taken away.
    @Test(arguments: [AuditStoreValue.kept, .findings])
    func whatIsNotAllThereIsNotUsed(_ name: AuditStoreValue) async throws {
        let world = World.practice()
        world.send("first")
        let store = MemoryAuditStore(isKept: true)
        #expect(try await Run(world, store: store).audit(world.source).ok)
        store.set(nil, as: name)
        store.commit()
        for expected in [[AuditFinding.Code.keptUnusable], []] {
            let verdict = try await Run(world, store: store).audit(world.source)
            #expect(verdict.findings.map(\.code) == expected)
            #expect(verdict.ok && verdict.messageCount == 1)
        }
    }

    @Test func aMessageThatIsNoneAnyMoreMakesTheRunBeginAnew() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let store = MemoryAuditStore(isKept: true)
        #expect(try await Run(world, store: store).audit(world.source).ok)
        let stored = try #require(store.messages(from: 0, limit: 1).first)
        store.set(StoredMessage(number: 0, id: stored.id, record: Array(stored.record.dropLast())))
        store.commit()
        world.receipt(.delivered, of: sent, by: "bo")
        let verdict = try await Run(world, store: store).audit(world.source)
        #expect(verdict.findings.map(\.code) == [.keptUnusable])
        #expect(verdict.messages.map(\.state) == [.delivered])
    }

    @Test func aKeyThatCameLaterOpensWhatWasLeftClosed() async throws {
        let world = World.practice()
        world.send("first")
        let store = MemoryAuditStore(isKept: true)
        let run = Run(world, store: store)
        let closed = try await run.audit.run(world.source, store: store)
        #expect((closed.capsulesOpened, closed.capsulesClosed) == (0, 1))
        let opened = try await run.audit(world.source)
        #expect((opened.capsulesOpened, opened.capsulesClosed) == (1, 0))
        #expect(opened.findings.isEmpty)
    }

    // MARK: Support

    /// Sizes at which the log is looked at, the last its own.
    private static func splits(of size: UInt64, _ random: inout SplitMix64) -> [UInt64] {
        let sizes = (0..<Int.random(in: 1...6, using: &random)).map { _ in UInt64.random(in: 1...size, using: &random) }
        return Set(sizes + [size]).sorted()
    }

    private static func expectSame(
        _ verdict: AuditVerdict, _ other: AuditVerdict, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(verdict.findings == other.findings, sourceLocation: sourceLocation)
        #expect(verdict.days == other.days, sourceLocation: sourceLocation)
        #expect(verdict.unsoundCount == other.unsoundCount, sourceLocation: sourceLocation)
        #expect(verdict.messageCount == other.messageCount, sourceLocation: sourceLocation)
        #expect(verdict.activity == other.activity, sourceLocation: sourceLocation)
        #expect(verdict.messages.map(\.record) == other.messages.map(\.record), sourceLocation: sourceLocation)
        #expect(verdict.capsulesOpened == other.capsulesOpened, sourceLocation: sourceLocation)
        #expect(
            try verdict.accesses().map(\.record) == other.accesses().map(\.record), sourceLocation: sourceLocation)
        var records: [[UInt8]] = []
        try verdict.forEachMessage { records.append($0.record) }
        #expect(records == verdict.messages.map(\.record), sourceLocation: sourceLocation)
    }
}

/// Audits of one organisation, over one store.
final class Run {
    var audit = Audit()
    private let world: World
    private let store: any AuditStore

    init(_ world: World, store: any AuditStore = MemoryAuditStore(), cores: Int? = nil) {
        self.world = world
        self.store = store
        audit.organisation = world.organisation
        audit.detail = .all
        audit.isPresent = true
        audit.cores = cores
        // Shorter than any log of a test.
        audit.flushLength = 64
        audit.commitLength = 128
    }

    func audit(_ source: some LogSource) async throws -> AuditVerdict {
        try await audit.run(source, capsules: world, store: store)
    }
}

/// Gives so many bundles of the activity log, and then breaks.
private final class BreakingSource: LogSource {
    struct Broken: Error {}

    private let source: MemorySource
    private var left: Int

    init(source: MemorySource, limit: Int) {
        self.source = source
        left = limit
    }

    func checkpoint(of log: LogKind) async throws -> [UInt8]? { try await source.checkpoint(of: log) }

    func bundle(_ path: TilePath, of log: LogKind) async throws -> [UInt8]? {
        if log == .activity {
            guard left > 0 else { throw Broken() }
            left -= 1
        }
        return try await source.bundle(path, of: log)
    }
}

/// Has a bundle that is none, among others that are.
private struct HoleSource: LogSource {
    let source: MemorySource
    let hole: UInt64

    func checkpoint(of log: LogKind) async throws -> [UInt8]? { try await source.checkpoint(of: log) }

    func bundle(_ path: TilePath, of log: LogKind) async throws -> [UInt8]? {
        let bytes = try await source.bundle(path, of: log)
        return log == .activity && path.index == hole ? bytes.map { Array($0.dropLast()) } : bytes
    }
}

extension World {
    /// As the relay showed the log when it had so many entries.
    func source(upTo size: UInt64) -> MemorySource {
        var source = source
        source.entries[.activity] = Array(activity.entries[..<Int(size)])
        source.checkpoints[.activity] =
            activity.sign(size: size, root: try! activity.tree.root(size: size)).note.bytes
        return source
    }
}
