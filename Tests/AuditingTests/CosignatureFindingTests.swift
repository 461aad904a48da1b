import Membership
import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

@testable import Auditing

/// What witnesses cosigned, held against the logs: who vouches for how much, and who lied.
@Suite struct CosignatureFindingTests {
    /// A practice whose logs two witnesses watch; a message was sent since.
    private static func world(demanded: UInt64 = 2) -> World {
        let world = World.practice()
        world.watch(by: "one", "two", demanded: demanded)
        world.wait(seconds: 60)
        world.deliver(world.send("first"), to: "bo")
        return world
    }

    private static func audit(
        _ world: World, _ notes: [[UInt8]], of log: LogKind = .activity, isPresent: Bool = true
    ) async throws -> AuditVerdict {
        try await world.audit(isPresent: isPresent) { $0.cosigned[log] = notes }
    }

    // MARK: Honest ones

    @Test func whoVouchesForHowMuchIsTold() async throws {
        let world = Self.world()
        let size = world.activity.size
        let verdict = try await world.audit { source in
            source.cosigned[.activity] = [
                world.cosigned(.activity, by: "one", secondsAgo: 5),
                world.cosigned(.activity, by: "two", size: size - 2, secondsAgo: 50),
                // Older words of the same, and a stranger's, count for nothing.
                world.cosigned(.activity, by: "one", size: 3, secondsAgo: 500),
                world.cosigned(.activity, by: "stranger"),
            ]
            // Under the checkpoint itself, as C2SP has it.
            source.checkpoints[.roster] = world.cosigned(.roster, by: "one", secondsAgo: 7)
        }
        #expect(verdict.findings.isEmpty)
        let standing = try #require(verdict.witnesses)
        #expect(standing.policy.demanded == 2 && standing.policy.keys.count == 2)
        #expect(standing.word(of: WitnessPerson("one").key, .activity)?.checkpoint.size == size)
        #expect(standing.word(of: WitnessPerson("two").key, .activity)?.checkpoint.size == size - 2)
        #expect(standing.word(of: WitnessPerson("one").key, .roster)?.checkpoint.size == world.roster.size)
        #expect(standing.word(of: WitnessPerson("two").key, .roster) == nil)
        // No witness was there when the logs were last written: as of the newest that is known.
        #expect(verdict.asOf == world.now)
    }

    @Test func whereNoWitnessIsNamedNothingIsSaid() async throws {
        let world = World.practice()
        let verdict = try await Self.audit(world, [world.cosigned(.activity, by: "one"), Array("noise\n".utf8)])
        #expect(verdict.findings.isEmpty)
        #expect(verdict.witnesses?.policy == WitnessPolicy.none)
    }

    /// A day after they were named, and not before; a note, for nobody broke a promise.
    @Test(arguments: [(23.9, 2, false), (24, 2, true), (100, 1, false), (100, 0, false)] as [(Double, UInt64, Bool)])
    func tooFewAreMissedAfterADay(_ hours: Double, _ demanded: UInt64, _ isMissed: Bool) async throws {
        let world = World.practice()
        world.watch(by: "one", "two", demanded: demanded)
        let now = world.now.adding(milliseconds: Int64(hours * 3_600_000))
        let verdict = try await world.audit(now: now) { source in
            for log in LogKind.allCases {
                let checkpoint = log == .roster ? world.roster.checkpoint : world.activity.checkpoint
                source.cosigned[log] = [WitnessPerson("one").cosigned(checkpoint, at: now.adding(seconds: -60))]
            }
        }
        guard isMissed else {
            #expect(verdict.findings.isEmpty)
            return
        }
        verdict.expect(
            .cosignaturesMissing, .note, log: nil, at: [], naming: "only 1 of the 2", "roster and activity", "tell your"
        )
    }

    /// An export is judged as of the newest time that it knows, however old it is when somebody reads it.
    @Test func anExportIsJudgedAsOfItsDay() async throws {
        let quiet = Self.world()
        // Nothing happened for three days, and the witnesses went on saying so.
        let later = try await quiet.audit(isPresent: false) { source in
            for log in LogKind.allCases {
                source.cosigned[log] = ["one", "two"].map { quiet.cosigned(log, by: $0, secondsAgo: -3 * 86_400) }
            }
        }
        #expect(later.findings.isEmpty)
        #expect(later.asOf == quiet.now.adding(seconds: 3 * 86_400).wholeSecond)

        let busy = World.practice()
        busy.watch(by: "one", "two", demanded: 2)
        let notes = LogKind.allCases.map { log in (log, ["one", "two"].map { busy.cosigned(log, by: $0) }) }
        busy.wait(seconds: 2 * 86_400)
        busy.deliver(busy.send("late"), to: "bo")
        let old = try await busy.audit(isPresent: false) { source in
            for (log, notes) in notes { source.cosigned[log] = notes }
        }
        old.expect(.cosignaturesMissing, .note, log: nil, at: [], naming: "only 0 of the 2")
        #expect(old.asOf == busy.now)
    }

    // MARK: Lies

    @Test(arguments: LogKind.allCases)
    func anotherHistoryConvictsTheRelayAlone(_ log: LogKind) async throws {
        let world = Self.world()
        let size = log == .roster ? world.roster.size : world.activity.size
        for smaller in [0, 2] as [UInt64] {
            let verdict = try await Self.audit(
                world,
                [
                    world.cosigned(log, by: "one", size: size - smaller, root: .of("fork")),
                    world.cosigned(log, by: "two"),
                ], of: log)
            verdict.expect(
                .cosignedOtherHistory, log: log, at: [size - smaller - 1], naming: "one.example/w", "the relay signed")
            #expect(verdict.witnesses?.word(of: WitnessPerson("one").key, log) == nil)
            #expect(verdict.witnesses?.word(of: WitnessPerson("two").key, log) != nil)
        }
    }

    @Test func aWitnessOfTwoHistoriesIsConvictedAndCountsForNothing() async throws {
        let world = Self.world()
        let size = world.activity.size
        let verdict = try await Self.audit(
            world,
            [
                world.cosigned(.activity, by: "one"),
                world.cosigned(.activity, by: "one", size: size - 1, root: .of("fork"), secondsAgo: 90),
            ])
        #expect(verdict.findings.map(\.code) == [.cosignedOtherHistory, .witnessContradicts])
        #expect(verdict.findings.allSatisfy { $0.severity == .brokenPromise && $0.entries == [size - 2] })
        #expect(verdict.findings[1].sentence.contains("one.example/w"))
        #expect(verdict.witnesses?.word(of: WitnessPerson("one").key, .activity) == nil)
    }

    /// A tree that both histories begin with says nothing against whoever vouched for it and then for one that goes on from it
    /// elsewhere: the relay went two ways, and the witness one of them.
    @Test(arguments: LogKind.allCases)
    func aWitnessThatFollowedTheOtherHistoryIsNotConvicted(_ log: LogKind) async throws {
        let world = Self.world()
        let size = log == .roster ? world.roster.size : world.activity.size
        let notes = [
            world.cosigned(log, by: "one", size: size - 1, secondsAgo: 90),
            world.cosigned(log, by: "one", root: .of("fork")),
        ]
        // Whichever is shown first.
        for notes in [notes, notes.reversed()] {
            let verdict = try await Self.audit(world, notes, of: log)
            verdict.expect(.cosignedOtherHistory, log: log, at: [size - 1], naming: "one.example/w", "the relay signed")
            #expect(verdict.witnesses?.word(of: WitnessPerson("one").key, log) == nil)
        }
    }

    /// The newest word may be of a small tree, and an older one of a large one: whatever it vouched for counts.
    @Test func anOlderWordOfALargerTreeConvicts() async throws {
        let world = Self.world()
        let size = world.activity.size
        let verdict = try await Self.audit(
            world,
            [
                world.cosigned(.activity, by: "one", size: size - 2, secondsAgo: 5),
                world.cosigned(.activity, by: "one", secondsAgo: 60),
                world.cosigned(.activity, by: "one", size: size - 1, root: .of("fork"), secondsAgo: 30),
            ])
        #expect(verdict.findings.map(\.code) == [.cosignedOtherHistory, .witnessContradicts])
    }

    /// Neither is the log at hand.
    @Test(arguments: [(0, true), (1, false)] as [(UInt64, Bool)])
    func twoForksConvictAWitnessWhenTheyAreOfOneSize(_ smaller: UInt64, _ isConvicted: Bool) async throws {
        let world = Self.world()
        let size = world.activity.size
        let verdict = try await Self.audit(
            world,
            [
                world.cosigned(.activity, by: "one", root: .of("fork")),
                world.cosigned(.activity, by: "one", size: size - smaller, root: .of("another"), secondsAgo: 30),
            ])
        #expect(
            verdict.findings.map(\.code) == [.cosignedOtherHistory, .cosignedOtherHistory]
                + (isConvicted ? [.witnessContradicts] : []))
    }

    /// By another key, of another text, twice: whoever shows it, it is none.
    @Test(arguments: ["another key", "another text", "twice", "unsigned", "unreadable"])
    func whatIsNoCosignatureIsFound(_ kind: String) async throws {
        let world = Self.world()
        let checkpoint = world.activity.checkpoint
        let one = WitnessPerson("one")
        let honest = one.cosignature(of: checkpoint, at: world.now).signature
        func line(_ bytes: [UInt8]) -> NoteSignature {
            NoteSignature(name: one.key.name, keyID: one.key.id, bytes: bytes)
        }
        let signatures: [NoteSignature] =
            switch kind {
            case "another key":
                [
                    checkpoint.signature,
                    line(WitnessPerson("two").cosignature(of: checkpoint, at: world.now).signature.bytes),
                ]
            case "another text":
                [
                    checkpoint.signature,
                    line(one.cosignature(of: world.roster.checkpoint, at: world.now).signature.bytes),
                ]
            case "twice": [checkpoint.signature, honest, honest]
            default: [honest]
            }
        let note =
            kind == "unreadable"
            ? Array("noise\n".utf8) : SignedNote(text: checkpoint.note.text, signatures: signatures).bytes
        let isUnread = kind == "unsigned" || kind == "unreadable"
        let verdict = try await Self.audit(world, [note])
        verdict.expect(
            .cosignatureInvalid, at: isUnread ? [] : [checkpoint.size - 1],
            naming: kind == "unreadable" ? "cannot be read" : "one.example/w")
    }

    /// What a witness saw before the relay was asked was logged.
    @Test func aShorterLogThanAWitnessSawIsFoundAtPresentAlone() async throws {
        let world = Self.world()
        let note = world.cosigned(.activity, by: "one", size: world.activity.size + 1, root: .of("cut off"))
        try await Self.audit(world, [note]).expect(.cosignedBeyond, at: [], naming: "taken away")
        try await Self.audit(world, [note], isPresent: false)
            .expect(.cosignedBeyond, .note, at: [], naming: "not compared")
    }

    /// Where the entries are not what was signed, that is told, and no witness is blamed for it.
    @Test func ofAnUnprovenLogNothingIsJudged() async throws {
        let world = Self.world()
        let verdict = try await world.audit { source in
            source.cosigned[.activity] = [world.cosigned(.activity, by: "one")]
            source.checkpoints[.activity] =
                world.activity.sign(size: world.activity.size, root: .of("other entries")).note.bytes
        }
        #expect(verdict.findings.map(\.code) == [.rootDiffers])
        #expect(verdict.witnesses == nil)
    }

    /// A relay that shows the honest cosignature again tomorrow has lied all the same.
    @Test func whatWasFoundIsToldEverAfter() async throws {
        let world = Self.world()
        let run = Run(world, store: MemoryAuditStore(isKept: true))
        var source = world.source
        let fork = world.cosigned(.activity, by: "one", root: .of("fork"))
        source.cosigned[.activity] = [fork]
        let first = try await run.audit(source).findings
        #expect(first.map(\.code) == [.cosignedOtherHistory] && first[0].sentence.hasPrefix("the relay signed"))
        world.wait(seconds: 60)
        world.deliver(world.send("second"), to: "bo")
        source = world.source
        source.cosigned[.activity] = [world.cosigned(.activity, by: "one", size: 9)]
        let verdict = try await run.audit(source)
        // It need not fit what is shown now, and says so; what it is and where stays.
        #expect(verdict.findings.map(\.code) == [.cosignedOtherHistory])
        #expect(verdict.findings[0].entries == first[0].entries)
        #expect(
            verdict.findings[0].sentence
                == "found earlier, of what the relay showed then: \(first[0].sentence)")
        // Of a prefix that an earlier run read: its root is kept.
        #expect(verdict.witnesses?.word(of: WitnessPerson("one").key, .activity)?.checkpoint.size == 9)
        // Shown again, it is found again.
        source.cosigned[.activity] = [fork]
        #expect(try await run.audit(source).findings == first)
    }
}

extension Timestamp {
    /// As a cosignature can say it.
    fileprivate var wholeSecond: Timestamp { Timestamp(milliseconds: milliseconds / 1_000 * 1_000) }
}
