import Auditing
import Membership
import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

/// Signed heads against the logs: what a device was told of the present must have been true.
@Suite struct HeadFindingTests {
    private static func changed(
        _ head: Head, time: Timestamp? = nil, roster: Head.Tree? = nil, activity: Head.Tree? = nil,
        number: UInt64? = nil, hash: Digest? = nil
    ) -> Head {
        Head(
            organisation: head.organisation, time: time ?? head.time, roster: roster ?? head.roster,
            activity: activity ?? head.activity,
            device: head.device.map {
                Head.DeviceState(
                    device: $0.device, waiting: $0.waiting, lastNumber: number ?? $0.lastNumber,
                    runningHash: hash ?? $0.runningHash, oneTimeLeft: $0.oneTimeLeft)
            })
    }

    @Test func aHiddenRevocationIsAFalseHead() async throws {
        let world = World.practice()
        let before = world.head(for: "ivy")
        world.wait(seconds: 10)
        let index = world.roster.size
        world.revoke("tablet")
        world.wait(seconds: 50)
        let lie = Self.changed(world.head(for: "ivy"), roster: before.roster)
        try await world.audit(heads: [before, lie]).expect(
            .falseHead, log: .roster, at: [index], naming: "ivy", "\(lie.time)")
    }

    @Test func aWithheldTailIsAFalseHead() async throws {
        let world = World.practice()
        let before = world.head(for: "bo")
        world.wait(seconds: 10)
        let sent = world.send("first")
        world.wait(seconds: 50)
        let lie = Self.changed(before, time: world.now)
        try await world.audit(heads: [before, lie]).expect(.falseHead, at: [sent.index], naming: "bo")
    }

    @Test func aHeadOfTheVeryMomentNeedNotKnowOfIt() async throws {
        let world = World.practice()
        world.wait(seconds: 10)
        let head = world.head(for: "bo")
        world.send("first")
        world.commit(world.member("eve", roles: [.provider]), by: [.device("ana")])
        #expect(try await world.audit(heads: [head]).findings.isEmpty)
    }

    @Test func aDroppedQueueItemIsAFalseHead() async throws {
        let world = World.practice()
        let first = world.send("first")
        let honest = world.head(for: "bo")
        let queue = world.queues[.named("bo")]
        let dropped = world.send("dropped")
        world.queues[.named("bo")] = queue
        let shortened = world.head(for: "bo")
        world.send("third")
        let later = world.head(for: "bo")
        let verdict = try await world.audit(heads: [honest, shortened, later])
        verdict.expect(
            .falseHead, at: [dropped.index], naming: "bo",
            "1 more head says so")
        #expect(first.index < dropped.index)
    }

    @Test func itemsInAnotherOrderAreAFalseHead() async throws {
        let world = World.practice()
        let first = world.send("first")
        let second = world.send("second")
        world.queues[.named("bo")] = nil
        world.enqueue(second.index, for: .named("bo"))
        world.enqueue(first.index, for: .named("bo"))
        try await world.audit(heads: [world.head(for: "bo"), world.head(for: "tablet")])
            .expect(.falseHead, at: [first.index, second.index])
    }

    @Test func aDroppedReceiptIsAFalseHeadForTheSender() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let queue = world.queues[.named("ivy")]
        let index = world.receipt(.delivered, of: sent, by: "bo")
        world.queues[.named("ivy")] = queue
        try await world.audit(heads: [world.head(for: "ivy")]).expect(.falseHead, at: [index], naming: "ivy")
    }

    @Test(arguments: LogKind.allCases)
    func anotherRootIsAFalseHead(_ log: LogKind) async throws {
        let world = World.practice()
        let head = world.head()
        let fork = Head.Tree(size: 2, root: .of("fork"))
        let early = World.start
        func first(_ log: TestLog) -> Head.Tree { .init(size: 1, root: MerkleTree.leafHash(log.entries[0])) }
        let lie =
            log == .roster
            ? Self.changed(head, time: early, roster: fork, activity: first(world.activity))
            : Self.changed(head, time: early, roster: first(world.roster), activity: fork)
        try await world.audit(heads: [lie]).expect(.falseHead, log: log, at: [1], naming: "two histories")
    }

    @Test func oneLieIsToldOnceHoweverManyHeadsSayIt() async throws {
        let world = World.practice()
        let before = world.head()
        world.wait(seconds: 10)
        let sent = world.send("first")
        let lies = (1...200).map { Self.changed(before, time: world.now.adding(seconds: $0)) }
        try await world.audit(heads: lies).expect(.falseHead, at: [sent.index], naming: "199 more")
    }

    @Test func aLongerLogThanTheRelayShowsNowIsAFalseHead() async throws {
        let world = World.practice()
        let head = world.head()
        let longer = Self.changed(head, activity: .init(size: head.activity.size + 5, root: .of("cut off")))
        try await world.audit(heads: [longer]).expect(.falseHead, at: [], naming: "now the relay shows")
    }

    @Test func aLongerLogThanAnExportHoldsIsNoLie() async throws {
        let world = World.practice()
        let head = world.head()
        let longer = Self.changed(head, activity: .init(size: head.activity.size + 5, root: .of("later")))
        try await world.audit(heads: [longer], isPresent: false).expect(
            .headBeyond, .note, log: nil, at: [], naming: "1 head is of a longer", "it was not compared")
    }

    @Test(arguments: LogKind.allCases)
    func aHeadThatIsOlderThanWhatItKnowsIsFalse(_ log: LogKind) async throws {
        let world = World.practice()
        world.wait(seconds: 10)
        if log == .roster {
            world.commit(world.member("eve", roles: [.provider]), by: [.device("ana")])
        } else {
            world.send("first")
        }
        let head = world.head()
        func earlier(by seconds: Int64) -> Head {
            Self.changed(
                head, time: world.now.adding(seconds: -seconds),
                activity: log == .roster ? .init(size: 1, root: MerkleTree.leafHash(world.activity.entries[0])) : nil)
        }
        func isFound(_ verdict: AuditVerdict) -> Bool {
            let size = log == .roster ? world.roster.size : world.activity.size
            return verdict.findings.contains { $0.code == .falseHead && $0.log == log && $0.entries == [size - 1] }
        }
        // The relay reads its clock before what it says.
        #expect(try await !isFound(world.audit(heads: [earlier(by: 60)])))
        #expect(try await isFound(world.audit(heads: [earlier(by: 61)])))
    }

    @Test(arguments: LogKind.allCases)
    func headsOfALongerLogConvictTheRelayWhenNoLogHasBoth(_ log: LogKind) async throws {
        let world = World.practice()
        let head = world.head()
        func longer(by count: UInt64, root: String, seconds: Int64 = 0) -> Head {
            let size = log == .roster ? head.roster.size : head.activity.size
            let tree = Head.Tree(size: size + count, root: .of(root))
            let time = world.now.adding(seconds: seconds)
            return log == .roster
                ? Self.changed(head, time: time, roster: tree) : Self.changed(head, time: time, activity: tree)
        }
        func lies(_ heads: [Head]) async throws -> [AuditFinding] {
            try await world.audit(heads: heads, isPresent: false).findings.filter { $0.severity == .brokenPromise }
        }
        let first = longer(by: 5, root: "one")
        #expect(try await lies([first, longer(by: 5, root: "one", seconds: 9)]).isEmpty)
        #expect(try await lies([first, longer(by: 7, root: "two", seconds: 9)]).isEmpty)
        let fork = try await lies([first, longer(by: 5, root: "two")])
        #expect(fork.map(\.code) == [.falseHead] && fork[0].log == log && fork[0].sentence.contains("two histories"))
        #expect(try await lies([first, longer(by: 3, root: "two", seconds: 60)]).isEmpty)
        let shorter = try await lies([first, longer(by: 3, root: "two", seconds: 61)])
        #expect(shorter.map(\.code) == [.falseHead] && shorter[0].sentence.contains("earlier head"))
    }

    @Test func whatTheRelayNeverSignedIsNoHead() async throws {
        let world = World.practice()
        var audit = Audit()
        let forged = SignedNote(
            text: world.head().text, signedBy: Signer.key("thief"), as: world.genesis.origin(of: .activity))
        audit.heads = [forged.bytes, Array("noise\n".utf8), world.activity.sign(world.head())]
        let verdict = try await audit.run(world.source)
        verdict.expect(.headUnsigned, .note, log: nil, at: [], naming: "2 notes")
        #expect(verdict.heads == 1)
    }

    /// Of 16 MiB there would be millions of notes, each with a memory of its own.
    @Test func notesThatAreTooShortForOneAreNoFile() {
        for note in ["\n\n", "a\n\nb\n\n", String(repeating: "a", count: 90) + "\n\nb\n\n"] {
            #expect(KeptHeads(parsing: [[UInt8]](repeating: Array(note.utf8), count: 3).flatMap { $0 }) == nil)
        }
    }

    @Test func aFileOfKeptHeadsIsReadAsStatusWritesIt() throws {
        let world = World.practice()
        let notes = [world.head(), world.head(for: "bo")].map { world.activity.sign($0) }
        let file = notes.flatMap { $0 + [UInt8(ascii: "\n")] }
        #expect(KeptHeads(parsing: file)?.notes == notes)
        #expect(KeptHeads(parsing: [])?.notes == [])
        #expect(KeptHeads(parsing: Array(file.dropLast(2))) == nil)
        #expect(KeptHeads(parsing: Array("no notes".utf8)) == nil)
        #expect(KeptHeads(parsing: Array("no notes\n".utf8)) == nil)
        // An empty line at another place would shift every note behind it.
        let lineFeed = [UInt8(ascii: "\n")]
        for shifted in [lineFeed + file + lineFeed, notes[0] + lineFeed + lineFeed + notes[1] + lineFeed] {
            #expect(KeptHeads(parsing: shifted) == nil)
        }
        #expect(KeptHeads(parsing: file)?.areHeads == true)
        #expect(KeptHeads(parsing: Array("# of the desk\n".utf8) + file)?.areHeads == false)
    }
}
