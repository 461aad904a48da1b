import Auditing
import Membership
import Secrets
import SignerSupport
import Statements
import Testing

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
            "1 more heads")
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
        let lie =
            log == .roster
            ? Self.changed(head, time: early, roster: fork) : Self.changed(head, time: early, activity: fork)
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
        try await world.audit(heads: [longer], isPresent: false).expect(.headBeyond, .note, log: nil, at: [])
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

    @Test func aFileOfKeptHeadsIsReadAsStatusWritesIt() throws {
        let world = World.practice()
        let notes = [world.head(), world.head(for: "bo")].map { world.activity.sign($0) }
        let file = notes.flatMap { $0 + [UInt8(ascii: "\n")] }
        #expect(KeptHeads(parsing: file)?.notes == notes)
        #expect(KeptHeads(parsing: [])?.notes == [])
        #expect(KeptHeads(parsing: Array(file.dropLast(2))) == nil)
        #expect(KeptHeads(parsing: Array("no notes".utf8)) == nil)
        #expect(KeptHeads(parsing: Array("no notes\n".utf8)) == nil)
    }
}
