import Auditing
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

extension World {
    /// Signs and logs a look.
    @discardableResult
    func look(
        _ kind: AccessKind = .patient, _ subject: Access.Subject? = nil, by device: String = "udo",
        signer: Signer? = nil, seen: SeenBoth? = nil, at: Timestamp? = nil
    ) -> UInt64 {
        let query = Access.Subject.query(key: .auditKey(auditKey.publicKey.id), hash: .of("question"))
        let access = Access(
            organisation: organisation, seen: seen ?? self.seen, signer: .device(.named(device)), kind: kind,
            subject: subject ?? query, reason: .investigation, at: at ?? now)
        return activity.append(
            Entry(time: now, body: SignedNote(access.text, by: [signer ?? .device(device)]).bytes))
    }
}

/// Looks in the log: kept when they are in order, found when they are not.
@Suite struct AccessFindingTests {
    @Test func looksInOrderAreToldAndNoFinding() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let first = world.look()
        world.wait(seconds: 9)
        let second = world.look(.evidence, .message(sent.message))
        let verdict = try await world.audit()
        #expect(verdict.findings.isEmpty)
        let accesses = try verdict.accesses()
        #expect(accesses.map(\.index) == [first, second])
        #expect(accesses.map(\.access.kind) == [.patient, .evidence])
        #expect(accesses.allSatisfy { $0.isSound && $0.member == .named("udo") })
        #expect(accesses.last?.logged == world.now)
        // It is nobody's queue, and no fact about the message: who looks is the auditors' matter.
        #expect(verdict.messages.first?.facts.map(\.word) == ["served"])
    }

    @Test(arguments: ["bo", "ana"]) func aLookOfWhoIsNoAuditorIsFound(_ name: String) async throws {
        let world = World.practice()
        let index = world.look(by: name)
        let verdict = try await world.audit()
        verdict.expect(.init(.notPermitted), at: [index], naming: name)
        #expect(try verdict.accesses().first?.isSound == false)
    }

    @Test func aForgedLookIsFound() async throws {
        let world = World.practice()
        let index = world.look(signer: .device("bo"))
        try await world.audit().expect(.init(.badSignature), at: [index], naming: "udo")
    }

    @Test func aLookOfARevokedAuditorIsFound() async throws {
        let world = World.practice()
        world.revoke("udo")
        let index = world.look()
        try await world.audit().expect(.init(.signerRevoked), at: [index])
    }

    @Test func aLookAtNoMessageIsFound() async throws {
        let world = World.practice()
        let index = world.look(.message, .message(.named("never sent")))
        try await world.audit().expect(.init(.badReference), at: [index])
    }

    @Test func aLookUnderAKeyOfNobodyIsFound() async throws {
        let world = World.practice()
        let key = EncapsulationPrivateKey.named("own").publicKey.id
        let index = world.look(.patient, .query(key: .auditKey(key), hash: .of("question")))
        try await world.audit().expect(.init(.unknown), at: [index])
    }

    @Test func aLookFarFromItsTimeIsFound() async throws {
        let world = World.practice()
        let index = world.look(at: world.now.adding(seconds: -301))
        try await world.audit().expect(.init(.clock), at: [index])
    }

    @Test func aForkThatALookCarriesIsFound() async throws {
        let world = World.practice()
        let fork = world.roster.sign(size: 2, root: .of("fork")).seen
        let index = world.look(seen: SeenBoth(roster: fork, activity: world.seen.activity))
        try await world.audit().expect(.init(.seenContradicts), at: [index])
    }

    @Test func aLookThatStandsTwiceIsFound() async throws {
        let world = World.practice()
        let seen = world.seen
        world.look(seen: seen)
        let again = world.look(seen: seen)
        try await world.audit().expect(.init(.duplicate), at: [again])
    }
}
