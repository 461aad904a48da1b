import Auditing
import Membership
import Sealing
import SignerSupport
import Statements
import Testing

/// What the logs tell of one device.
@Suite struct DeviceStoryTests {
    private static func story(
        _ device: String, _ world: World, detail: AuditedMessage.Detail? = nil
    ) async throws -> DeviceStory {
        var audit = Audit()
        audit.organisation = world.organisation
        audit.detail = detail ?? .devices([.named(device)])
        let verdict = try await audit.run(world.source)
        let history = try #require(try await RosterHistory.read(world.source, organisation: world.organisation))
        return try DeviceStory(.named(device), verdict, history)
    }

    @Test func howFarEachMessageCameOnItIsTold() async throws {
        let world = World.practice()
        var expected: [DeviceStory.Holding] = []
        func sent(_ holding: DeviceStory.Holding, _ act: (Sent) -> Void) {
            act(world.send("\(holding)"))
            expected.append(holding)
            world.wait(seconds: 1)
        }
        sent(.notServed) { _ in }
        sent(.pushed) { world.log(.pushed(.named("bo"), $0.message, .webPush, attempt: 1, .accepted)) }
        sent(.served) { world.serve($0, to: "bo") }
        sent(.didNotOpen) {
            world.serve($0, to: "bo")
            world.receipt(.undecryptable, of: $0, by: "bo") { $0.reason = .noPrekey }
        }
        sent(.stored) { world.deliver($0, to: "bo") }
        sent(.shown) {
            world.deliver($0, to: "bo")
            world.receipt(.read, of: $0, by: "bo")
        }
        // What another device of the same person did is not this one's.
        let other = world.send("other", served: ["tablet"])
        world.receipt(.read, of: other, by: "tablet")
        expected.append(.notServed)
        let story = try await Self.story("bo", world)
        #expect(story.received.map(\.holding) == expected)
        #expect(story.received.filter(\.holding.isReadable).count == 5)
        #expect(story.sent.isEmpty)
        let last = try #require(story.lastAct)
        #expect((last.log, last.word) == (.activity, "read"))
        let read = try #require(story.received.first { $0.holding == .shown })
        #expect(read.first("read")?.logged == last.logged)
        #expect(story.lastServed?.logged == read.first("served")?.logged)
    }

    /// A message that was read although no `delivered` came before, and one that opened at the second try.
    @Test func theFurthestCounts() async throws {
        let world = World.practice()
        let first = world.send("first", served: ["bo"])
        world.receipt(.undecryptable, of: first, by: "bo") { $0.reason = .seal }
        world.receipt(.delivered, of: first, by: "bo")
        let second = world.send("second", served: ["bo"])
        world.receipt(.disclosed, of: second, by: "bo")
        let third = world.send("third", served: ["bo"])
        world.receipt(.acknowledged, of: third, by: "bo")
        #expect(try await Self.story("bo", world).received.map(\.holding) == [.stored, .shown, .stored])
    }

    /// A file that left in clear is told apart from a message that was read, and a person's deeds from the device's own.
    @Test func whatWasSavedAndWhatWasDoneSinceAMomentIsTold() async throws {
        let world = World.practice()
        let first = world.send("first", served: ["bo"])
        world.receipt(.delivered, of: first, by: "bo")
        let saved = world.receipt(.disclosed, of: first, by: "bo")
        let second = world.send("second", served: ["bo"])
        world.wait(seconds: 60)
        let moment = world.now
        world.receipt(.delivered, of: second, by: "bo")
        let read = world.receipt(.read, of: second, by: "bo")
        let late = world.receipt(.read, of: first, by: "bo")
        let story = try await Self.story("bo", world)
        #expect(story.received.map { $0.saves.map(\.index) } == [[saved], []])
        #expect(story.received.map { $0.deeds(since: moment).map(\.index) } == [[late], [read]])
        #expect(story.received[1].deeds(since: moment.adding(seconds: 1)).isEmpty)
    }

    /// Each time counts: what went out once more went to whoever had the device then.
    @Test func whatWasLetOutAndWhatWasOpenedIsTold() async throws {
        let world = World.practice()
        let first = world.send("first")
        let page = world.log(.pushed(.named("bo"), first.message, .webPush, attempt: 1, .accepted))
        let served = world.serve(first, to: "bo")
        world.receipt(.delivered, of: first, by: "bo")
        let read = world.receipt(.read, of: first, by: "bo")
        world.receipt(.acknowledged, of: first, by: "bo")
        let saved = world.receipt(.disclosed, of: first, by: "bo")
        let again = world.serve(first, to: "bo")
        world.serve(first, to: "tablet")
        let told = try #require(try await Self.story("bo", world).received.first)
        #expect(told.releases.map(\.index) == [page, served, again])
        #expect(told.openings.map(\.index) == [read, saved])
        // What became of a message that it sent is no part of one that was sealed to it.
        world.log(.served(.named("ivy"), first.message, .notice))
        #expect(try await Self.story("ivy", world).received.isEmpty)
    }

    @Test func whichPrekeyAndWhatCouldNotBeSealedIsTold() async throws {
        let world = World.practice()
        let prekey = world.auditKey.publicKey.id
        world.log(.fallback(.named("bo"), .named("first"), prekey))
        world.send("first", served: ["bo"])
        world.send("second", served: ["bo"])
        let left = world.send("third", without: "bo")
        let story = try await Self.story("bo", world)
        #expect(story.received.map(\.isFallback) == [true, false])
        #expect(story.without.map(\.message) == [left.message])
        #expect(story.without.first?.reason == .noPrekey)
    }

    @Test func whatItSentAndSignedAndWhatWasFoundOfItIsTold() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let lie = world.receipt(.delivered, of: sent, by: "bo", signer: .device("tablet"))
        world.wait(seconds: 5)
        let ivy = try await Self.story("ivy", world)
        #expect(ivy.sent.map(\.message) == [sent.message])
        #expect(ivy.lastAct?.word == "manifest")
        // It is about what she sent, and names him.
        #expect(ivy.findings.map(\.entries) == [[lie]])
        #expect(try await Self.story("bo", world).findings.map(\.entries) == [[lie]])
        #expect(try await Self.story("udo", world).findings.isEmpty)
        let look = world.look()
        let udo = try await Self.story("udo", world)
        #expect(udo.looks.map(\.index) == [look])
        #expect(udo.lastAct?.index == look)
        #expect(udo.lastServed == nil)
        // Ana signed nothing but the roster.
        let ana = try await Self.story("ana", world)
        #expect((ana.lastAct?.log, ana.lastAct?.word) == (.roster, "admins"))
    }

    @Test func theRostersEntriesKeepTheirSigners() async throws {
        let world = World.practice()
        world.revoke("bo")
        let history = try #require(try await RosterHistory.read(world.source, organisation: world.organisation))
        let revoked = try #require(history.view.device(.named("bo"))?.revoked)
        #expect(history.signers(of: revoked.place.index) == ["\(DeviceID.named("ana"))"])
        #expect(history.versions(of: .named("udo")).map(\.statement.roles) == [[.auditor]])
        #expect(history.lines.count == Int(world.roster.size))
        var source = world.source
        source.checkpoints[.roster] = nil
        #expect(try await RosterHistory.read(source, organisation: world.organisation) == nil)
    }

    /// Facts of others are not kept: a question about one device does not hold everybody's in memory.
    @Test func onlyTheFactsThatAreAskedForAreKept() async throws {
        let world = World.practice()
        let first = world.send("first", served: ["bo", "tablet"])
        world.send("second", served: ["bo"])
        var audit = Audit()
        audit.organisation = world.organisation
        audit.detail = .devices([.named("tablet")])
        var kept: [[DeviceID?]] = []
        try await audit.run(world.source).forEachMessage { kept.append($0.facts.map(\.device)) }
        #expect(kept == [[.named("tablet")], []])
        audit.detail = .messages([first.message])
        kept = []
        try await audit.run(world.source).forEachMessage { kept.append($0.facts.map(\.device)) }
        #expect(kept == [[.named("bo"), .named("tablet")], []])
    }
}
