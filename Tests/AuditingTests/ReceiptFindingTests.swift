import Auditing
import Membership
import Secrets
import SignerSupport
import Statements
import Testing
import TransparencyLog

@Suite struct ReceiptFindingTests {
    @Test func aForgedReceiptIsFoundAndHasNoEffect() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let index = world.receipt(.acknowledged, of: sent, by: "bo", signer: .device("ivy"))
        let verdict = try await world.audit()
        verdict.expect(.init(.badSignature), at: [index])
        #expect(verdict.messages.first?.state == .waiting)
    }

    @Test func aReceiptThatIsMissingInTheChainIsFoundOnce() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        world.receipt(.delivered, of: sent, by: "bo")
        // The relay took this one and never logged it.
        world.chains[.named("bo")] = (2, .of("a receipt that is not in the log"))
        let index = world.receipt(.acknowledged, of: sent, by: "bo")
        world.receipt(.closed, of: sent, by: "bo")
        let verdict = try await world.audit()
        verdict.expect(.init(.brokenChain), at: [index], naming: "bo")
        #expect(verdict.messages.first?.state == .closed)
    }

    @Test func handingOffAnswersAMessageAndWhatIsDoneBesidesMovesNothing() async throws {
        let world = World.practice()
        let sent = world.send("first", lifeSeconds: 600, served: ["bo"])
        for action in [ReceiptAction.delivered, .filed, .disclosed] { world.receipt(action, of: sent, by: "bo") }
        let handed = world.send("second", from: "bo", to: "ivy", lifeSeconds: 600, served: ["ivy"], carrying: sent)
        world.receipt(.handedOff, of: sent, by: "bo")
        world.receipt(.acknowledged, of: handed, by: "ivy")
        world.wait(seconds: 7_200)
        world.receipt(.disclosed, of: sent, by: "bo")
        let verdict = try await world.audit()
        #expect(verdict.findings.isEmpty)
        #expect(verdict.messages.first?.state == .handedOff)
        #expect(verdict.messages.first?.isAcknowledged == false)
        let day = try #require(verdict.days.first)
        #expect((day.handedOff, day.acknowledged, day.unexplained) == (1, 1, 0))
    }

    @Test func aReceiptOfAnotherManifestIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let index = world.receipt(.delivered, of: sent, by: "bo") { $0.manifest = .of("another") }
        try await world.audit().expect(.init(.wrongMessage), at: [index])
    }

    @Test func aReceiptOfADeviceThatIsNoRecipientIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let index = world.receipt(.acknowledged, of: sent, by: "udo")
        let verdict = try await world.audit()
        verdict.expect(.init(.wrongMessage), at: [index])
        #expect(verdict.messages.first?.isAcknowledged == false)
    }

    @Test func aReceiptOfAMessageThatIsNotLoggedIsFoundOnce() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let index = world.receipt(.delivered, of: sent, by: "bo") { $0.message = .named("dropped") }
        world.receipt(.delivered, of: sent, by: "bo")
        try await world.audit().expect(.unknownMessage, at: [index])
    }

    @Test func aReceiptOfARevokedDeviceIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo", "tablet"])
        world.receipt(.delivered, of: sent, by: "tablet")
        world.revoke("tablet")
        let index = world.receipt(.acknowledged, of: sent, by: "tablet")
        let verdict = try await world.audit()
        verdict.expect(.init(.signerRevoked), at: [index])
        #expect(verdict.messages.first?.state == .delivered)
    }

    @Test func aReceiptBeforeAnyServedEventIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["tablet"])
        let index = world.receipt(.delivered, of: sent, by: "bo")
        try await world.audit().expect(.notServed, at: [index], naming: "bo", "delivered")
    }

    @Test func aForkThatAReceiptCarriesIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let fork = world.roster.sign(size: 2, root: .of("fork")).seen
        let index = world.receipt(.delivered, of: sent, by: "bo") {
            $0.seen = SeenBoth(roster: fork, activity: $0.seen.activity)
        }
        try await world.audit().expect(.init(.seenContradicts), at: [index])
    }

    @Test func aReceiptsOwnTimeFarFromItsEntryIsNoted() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let index = world.receipt(.delivered, of: sent, by: "bo") { $0.at = world.now.adding(seconds: -301) }
        let verdict = try await world.audit()
        verdict.expect(.receiptTime, .note, at: [index])
        #expect(verdict.messages.first?.isSound == true)
        let other = World.practice()
        let near = other.send("first", served: ["bo"])
        other.receipt(.delivered, of: near, by: "bo") { $0.at = other.now.adding(seconds: -300) }
        #expect(try await other.audit().findings.isEmpty)
    }

    @Test func aRecipientWhoSaysThatTheCapsuleDiffersConvictsTheSenderOrItself() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let index = world.receipt(.delivered, of: sent, by: "bo") { $0.capsule = .differs }
        try await world.audit().expect(.capsuleDiffers, at: [sent.index, index], naming: "bo", "ivy")
    }

    /// The manifest says whether there is one: no recipient can have seen otherwise.
    @Test func aRecipientWhoDeniesACapsuleOrInventsOneIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let denied = world.receipt(.delivered, of: sent, by: "bo") { $0.capsule = CapsuleVerdict.none }
        try await world.audit().expect(.capsuleVerdictUntrue, at: [sent.index, denied], naming: "bo")
        for word in [CapsuleVerdict.agrees, .differs] {
            let other = World.practice()
            let bare = other.send("first", served: ["bo"]) { $0.capsule = nil }
            let invented = other.receipt(.delivered, of: bare, by: "bo") { $0.capsule = word }
            let findings = try await other.audit().findings.filter { $0.code == .capsuleVerdictUntrue }
            #expect(findings.map(\.entries) == [[bare.index, invented]])
        }
    }

    @Test func aRecipientWhoSaysThatTheCommitmentIsWrongConvictsTheSenderOrItself() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let index = world.receipt(.undecryptable, of: sent, by: "bo") { $0.reason = .commitment }
        try await world.audit().expect(.undecryptableCommitment, at: [sent.index, index], naming: "bo", "ivy")
    }

    @Test func aMessageThatDidNotOpenForAnotherReasonIsNoted() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        let index = world.receipt(.undecryptable, of: sent, by: "bo") { $0.reason = .seal }
        let verdict = try await world.audit()
        verdict.expect(.undecryptable, .note, at: [index], naming: "seal")
        #expect(verdict.messages.first?.state == .waiting)
    }
}
