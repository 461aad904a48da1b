import Auditing
import Membership
import Secrets
import Statements
import Testing
import TransparencyLog

/// Manifests that the relay accepted against the rules.
@Suite struct ManifestFindingTests {
    /// What an honest manifest is changed into, and the rule that it breaks.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: RuleViolation.Code
        let change: @Sendable (World, inout ManifestDraft) -> Void

        init(
            _ description: String, _ code: RuleViolation.Code,
            _ change: @escaping @Sendable (World, inout ManifestDraft) -> Void
        ) {
            testDescription = description
            self.code = code
            self.change = change
        }
    }

    @Test(arguments: [
        Row("a binding of other fields", .wrongBinding) { _, draft in draft.binding = .of("another") },
        Row("a part of no size of the suite", .outOfBounds) { _, draft in
            draft.content = .init(size: 77, hash: .of("content"))
        },
        Row("a member to whom intake does not write", .notPermitted) { _, draft in draft.member = .named("udo") },
        Row("a longer life than the policy permits", .outOfBounds) { _, draft in
            draft.expires = draft.at.adding(seconds: 31 * 86_400)
        },
        Row("an old clock", .clock) { _, draft in draft.at = draft.at.adding(seconds: -301) },
        Row("no capsule", .wrongBinding) { _, draft in draft.capsule = nil },
        Row("a ghost device", .wrongRecipients) { _, draft in
            draft.recipients.append(
                .init(
                    device: .named("ghost"), step: 0, delaySeconds: 0, prekey: draft.recipients[0].prekey,
                    sealedKeyHash: .of("ghost")))
            draft.recipients.sort { $0.device < $1.device }
        },
        Row("a tree that the log never signed", .seenUnsigned) { world, draft in
            draft.seen = SeenBoth(
                roster: draft.seen.roster,
                activity: Seen(
                    size: draft.seen.activity.size, root: draft.seen.activity.root,
                    signature: [UInt8](repeating: 1, count: Seen.signatureByteCount)))
        },
        Row("a fork that the log signed", .seenContradicts) { world, draft in
            draft.seen = SeenBoth(
                roster: draft.seen.roster, activity: world.activity.sign(size: 3, root: .of("fork")).seen)
        },
        Row("a signed tree longer than the log at its place", .seenContradicts) { world, draft in
            draft.seen = SeenBoth(
                roster: draft.seen.roster,
                activity: world.activity.sign(size: world.activity.size + 1, root: .of("later")).seen)
        },
    ])
    func isFoundWithItsPlaceAndItsSender(_ row: Row) async throws {
        let world = World.practice()
        let sent = world.send("first") { row.change(world, &$0) }
        world.wait(seconds: 5)
        world.deliver(world.send("second"), to: "bo")
        let verdict = try await world.audit(opening: false)
        verdict.expect(.init(row.code), at: [sent.index], naming: "ivy")
        #expect(verdict.findings.first?.message == sent.message)
        #expect(verdict.messages.map(\.isSound) == [false, true])
    }

    @Test func aForgedSignatureIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first", by: "bo")
        try await world.audit().expect(.init(.badSignature), at: [sent.index])
    }

    @Test func aManifestUnderARosterThatIsNoLongerInForceIsFound() async throws {
        let world = World.practice()
        let seen = world.seen
        world.commit(world.member("eve", roles: [.provider]), by: [.device("ana")])
        let sent = world.send("first") { $0.seen = seen }
        try await world.audit().expect(.init(.stale), at: [sent.index])
    }

    @Test func aManifestOfARevokedSenderIsFound() async throws {
        let world = World.practice()
        world.enrol("desk", of: "ivy")
        world.revoke("desk")
        let sent = world.send("first", from: "desk")
        try await world.audit().expect(.init(.signerRevoked), at: [sent.index])
    }

    @Test func aSecondMessageOfOneIDIsFound() async throws {
        let world = World.practice()
        world.send("first")
        world.wait(seconds: 1)
        let second = world.send("second") { draft in
            draft.message = .named("first")
            draft.binding = draft.manifest.bindingText.hash
        }
        let verdict = try await world.audit()
        #expect(verdict.findings.first?.code == .init(.duplicate))
        #expect(verdict.findings.first?.entries == [second.index])
        #expect(verdict.messages.count == 1)
        #expect(verdict.days.first?.unexplained == 1)
    }
}
