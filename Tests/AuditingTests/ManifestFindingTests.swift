import Auditing
import Membership
import Secrets
import SignerSupport
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

    /// A message that is handed on and on is wrong each time after the eighth, and what is kept of it grows no further.
    @Test func aChainThatIsTooLongGrowsNoFurther() async throws {
        let world = World.practice()
        var sent = world.send("0", lifeSeconds: 86_400)
        for number in 1...20 {
            world.wait(seconds: 1)
            sent = world.send("\(number)", lifeSeconds: 86_400, carrying: sent)
        }
        let verdict = try await world.audit()
        let refused = verdict.findings.filter { $0.code == .init(.badReference) }
        #expect(refused.count == 20 - ReferredMessage.maximumForwards)
        #expect(verdict.messages.map(\.senders.count).max() == ReferredMessage.maximumForwards + 1)
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
        Row("a reply to nothing", .badReference) { _, draft in draft.reference = .inReplyTo(.named("nothing")) },
        Row("a message carried on that nobody sent", .badReference) { _, draft in
            draft.reference = .forwardOf(.named("nothing"))
        },
        Row("an old clock", .clock) { _, draft in draft.at = draft.at.adding(seconds: -301) },
        Row("no capsule", .wrongBinding) { _, draft in draft.capsule = nil },
        Row("a ghost device", .wrongRecipients) { _, draft in
            draft.recipients.append(
                .init(
                    device: .named("ghost"), step: 0, delaySeconds: 0,
                    prekey: PrekeyID(prekeyText: Array("ghost".utf8)),
                    sealedKeyHash: .of("ghost")))
            draft.recipients.sort { $0.device < $1.device }
        },
        Row("a tree that the log never signed", .seenUnsigned) { world, draft in
            draft.seen = SeenBoth(
                roster: draft.seen.roster,
                activity: Seen(
                    size: draft.seen.activity.size, root: draft.seen.activity.root,
                    signature: SeenSignature(bytes: Array(repeating: 1, count: SeenSignature.byteCount))))
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

    @Test func aMessageThatAStrangerCarriesOnIsFound() async throws {
        let world = World.practice()
        world.join("eve", roles: [.provider])
        let sent = world.send("first", served: ["bo"])
        let stolen = world.send("second", from: "eve", to: "bo", carrying: sent)
        let verdict = try await world.audit()
        verdict.expect(.init(.badReference), at: [stolen.index], naming: "eve")
    }

    @Test func aMessageThatIsHandedOnTwiceIsFollowedByAllWhoSentIt() async throws {
        let world = World.practice()
        world.join("eve", roles: [.provider])
        let sent = world.send("first", served: ["bo"])
        world.receipt(.delivered, of: sent, by: "bo")
        let second = world.send("second", from: "bo", to: "eve", served: ["eve"], carrying: sent)
        world.receipt(.handedOff, of: sent, by: "bo")
        world.receipt(.delivered, of: second, by: "eve")
        let third = world.send("third", from: "eve", to: "bo", served: ["bo"], carrying: second)
        world.receipt(.handedOff, of: second, by: "eve")
        world.receipt(.delivered, of: third, by: "bo")
        world.receipt(.acknowledged, of: third, by: "bo")
        // The first sender is answered by the last who has it, and by who handed it on.
        let answer = world.send("answer", from: "bo", to: "ivy", served: ["ivy"], reference: .inReplyTo(third.message))
        world.receipt(.delivered, of: answer, by: "ivy")
        world.wait(seconds: 8_000)
        world.receipt(.read, of: answer, by: "ivy")
        let verdict = try await world.audit(heads: ["ivy", "bo", "tablet", "eve"].map { world.head(for: $0) })
        #expect(verdict.findings.isEmpty)
        #expect(verdict.messages.map(\.state) == [.handedOff, .handedOff, .acknowledged, .read])
        #expect(verdict.messages.map(\.senders.count) == [1, 2, 3, 1])
        #expect(verdict.days.map(\.arrivedReplies) == [1])
    }

    @Test func aHandOffWithoutAMessageThatCarriesItOnIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let index = world.receipt(.handedOff, of: sent, by: "bo")
        let verdict = try await world.audit()
        verdict.expect(.init(.badReference), at: [index], naming: "bo")
        #expect(verdict.messages.first?.state == .waiting)
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
