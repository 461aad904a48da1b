import Auditing
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing

/// What is wrong with the roster log, and between the logs.
@Suite struct RosterFindingTests {
    /// Puts a statement into the roster log that its rules refuse.
    private static func force(_ statement: some StatementText, by signers: [Signer], in world: World) -> UInt64 {
        world.roster.append(Entry(time: world.now, body: SignedNote(statement.text, by: signers).bytes))
    }

    @Test func aStatementThatBreaksARuleIsFoundAndHasNoEffect() async throws {
        let world = World.practice()
        let index = Self.force(world.member("ghost", roles: [.provider]), by: [.device("bo")], in: world)
        world.putInForce()
        let verdict = try await world.audit()
        verdict.expect(.init(.notPermitted), log: .roster, at: [index])
        #expect(verdict.view?.member(.named("ghost")) == nil)
    }

    @Test func whatFollowsABrokenRuleIsStillJudgedInItsPlace() async throws {
        let world = World.practice()
        let index = Self.force(world.member("ghost", roles: [.provider]), by: [.device("bo")], in: world)
        world.putInForce()
        world.wait(seconds: 5)
        let event = world.putInForce()
        let verdict = try await world.audit()
        #expect(verdict.findings.map(\.code) == [.init(.notPermitted), .rosterEventFalse])
        #expect(verdict.findings.map(\.entries) == [[index], [event]])
    }

    @Test func aRosterEntryThatIsNoneIsFound() async throws {
        let world = World.practice()
        let index = world.roster.append(Array("noise".utf8))
        world.putInForce()
        let verdict = try await world.audit()
        #expect(
            verdict.findings.contains { $0.code == .init(.malformed) && $0.log == .roster && $0.entries == [index] })
        #expect(!verdict.ok)
    }

    @Test func anotherOrganisationThanTheOneThatIsKnownIsFound() async throws {
        let world = World.practice()
        var audit = Audit()
        audit.organisation = OrganisationID(genesisText: Array("another".utf8))
        let verdict = try await audit.run(world.source)
        verdict.expect(.init(.wrongOrganisation), log: .roster, at: [0])
        #expect(verdict.organisation == nil)
        #expect(!verdict.isWhole)
    }

    /// Of what does not begin as it must, a relay could show without end.
    @Test func behindWhatIsNotTheGenesisNothingIsAskedFor() async throws {
        let world = World.practice()
        for _ in 0..<600 { world.roster.append(Array("noise".utf8)) }
        var audit = Audit()
        audit.organisation = OrganisationID(genesisText: Array("another".utf8))
        let verdict = try await audit.run(world.source)
        #expect(verdict.findings.first?.code == .init(.wrongOrganisation))
        #expect(verdict.findings.count <= 256)
        #expect(try await RosterHistory.read(world.source, organisation: audit.organisation) == nil)
    }

    @Test func withoutAnExpectationTheGenesisNamesItself() async throws {
        let world = World.practice()
        let verdict = try await Audit().run(world.source)
        #expect(verdict.ok)
        #expect(verdict.organisation == world.organisation)
    }

    @Test func aRosterThatNoEventPutsInForceIsFound() async throws {
        let world = World.practice()
        let index = world.roster.size
        world.hide(world.revocation("tablet"), by: [.device("ana")])
        try await world.audit().expect(.rosterEventMissing, log: .roster, at: [index])
    }

    @Test func anActivityLogThatDoesNotBeginWithItsEventIsFound() async throws {
        let world = World(isFounded: false)
        world.log(.fallback(.named("ana"), .named("never sent"), world.auditKey.publicKey.id))
        let verdict = try await world.audit()
        verdict.expect(.rosterEventMissing, at: [0])
    }

    @Test func aFirstEventOfALargerRosterIsFound() async throws {
        let world = World(isFounded: false)
        world.hide(world.member("ivy", roles: [.intake]), by: [.device("ana")])
        world.putInForce()
        try await world.audit().expect(.rosterEventFalse, at: [0])
    }

    @Test func anEventOfAnotherRootIsFound() async throws {
        let world = World.practice()
        world.hide(world.member("eve", roles: [.provider]), by: [.device("ana")])
        let index = world.log(.roster(size: world.roster.size, root: .of("fork")))
        try await world.audit().expect(.rosterEventFalse, at: [index])
    }

    @Test func anEventOfTheSameRosterAgainIsFound() async throws {
        let world = World.practice()
        let index = world.putInForce()
        try await world.audit().expect(.rosterEventFalse, at: [index])
    }

    @Test func anEventOfARosterThatIsNotThereIsFound() async throws {
        let world = World.practice()
        let index = world.log(.roster(size: world.roster.size + 1, root: .of("more")))
        try await world.audit().expect(.rosterEventFalse, at: [index])
    }

    /// The relay kept a revocation to itself for a minute, and let a message go to the revoked device meanwhile.
    @Test func aRevocationThatWasHeldBackIsFound() async throws {
        let world = World.practice()
        let accepted = world.now
        world.wait(seconds: 30)
        let sent = world.send("to a thief", served: ["bo", "tablet"])
        world.wait(seconds: -30)
        let index = world.roster.size
        world.hide(world.revocation("tablet"), by: [.device("ana")])
        #expect(world.now == accepted)
        world.wait(seconds: 60)
        world.putInForce()
        world.notify(sent, of: world.log(.undeliverable(.named("tablet"), sent.message, .revoked)))
        try await world.audit().expect(.rosterEventLate, log: .roster, at: [index], naming: "\(accepted)")
    }
}
