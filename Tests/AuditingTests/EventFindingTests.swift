import Auditing
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing

/// What the relay says that it did, and what it had to say and did not.
@Suite struct EventFindingTests {
    // MARK: served

    @Test func sealedBytesThatWentToAStrangerAreFound() async throws {
        let world = World.practice()
        let sent = world.send("first")
        let index = world.serve(sent, to: "udo")
        try await world.audit().expect(.servedToStranger, at: [index], naming: "udo")
    }

    @Test func sealedBytesThatWentToARevokedDeviceAreFound() async throws {
        let world = World.practice()
        let sent = world.send("first")
        world.revoke("tablet")
        let index = world.serve(sent, to: "tablet")
        try await world.audit().expect(.servedToRevoked, at: [index], naming: "\(DeviceID.named("tablet"))")
    }

    @Test func aNoticeGoesToTheSendersDevicesOnly() async throws {
        let world = World.practice()
        let sent = world.send("first")
        world.log(.served(.named("ivy"), sent.message, .notice))
        #expect(try await world.audit().findings.isEmpty)
        let index = world.log(.served(.named("bo"), sent.message, .notice))
        try await world.audit().expect(.servedToStranger, at: [index])
    }

    // MARK: undeliverable

    @Test func aDeviceThatWasLeftOutWithoutAnEventIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first") { draft in
            let left = draft.recipients.removeLast()
            draft.without = [.init(device: left.device, reason: .noPrekey)]
            draft.binding = draft.manifest.bindingText.hash
        }
        world.wait(seconds: 1)
        world.deliver(world.send("second"), to: "bo")
        try await world.audit(opening: false).expect(.undeliverableMissing, at: [sent.index])
    }

    @Test func aMessageThatWaitedForARevokedDeviceIsGivenUpAloud() async throws {
        let world = World.practice()
        let sent = world.send("first")
        let index = world.activity.size
        world.commit(world.revocation("tablet"), by: [.device("ana")])
        try await world.audit().expect(
            .undeliverableMissing, at: [sent.index, index], naming: "\(DeviceID.named("tablet"))")
    }

    @Test func aDeliveredMessageIsNotGivenUp() async throws {
        let world = World.practice()
        let sent = world.send("first")
        world.deliver(sent, to: "tablet")
        world.revoke("tablet")
        #expect(try await world.audit().findings.isEmpty)
        let index = world.log(.undeliverable(.named("tablet"), sent.message, .revoked))
        try await world.audit().expect(.undeliverableUntrue, at: [index])
    }

    @Test(arguments: [RelayEvent.UndeliverableReason.revoked, .noPrekey, .queueFull])
    func givingUpWithoutACauseIsFound(_ reason: RelayEvent.UndeliverableReason) async throws {
        let world = World.practice()
        let sent = world.send("first")
        let index = world.log(.undeliverable(.named("tablet"), sent.message, reason))
        try await world.audit().expect(.undeliverableUntrue, at: [index], naming: reason.rawValue)
    }

    @Test func givingUpForAnotherReasonThanTheManifestNamesIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first") { draft in
            let left = draft.recipients.removeLast()
            draft.without = [.init(device: left.device, reason: .noPrekey)]
            draft.binding = draft.manifest.bindingText.hash
        }
        let left = try #require([DeviceID.named("bo"), .named("tablet")].max())
        let index = world.log(.undeliverable(left, sent.message, .queueFull))
        let verdict = try await world.audit(opening: false)
        #expect(verdict.findings.map(\.code) == [.undeliverableUntrue, .undeliverableMissing])
        #expect(verdict.findings.first?.entries == [index])
    }

    // MARK: unanswered

    @Test func aMessageThatExpiredInSilenceIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first")
        world.wait(seconds: 3_600)
        world.send("second")
        world.wait(seconds: 61)
        world.send("third")
        let verdict = try await world.audit()
        verdict.expect(.unansweredMissing, at: [sent.index])
        #expect(verdict.days.first?.unexplained == 1)
        #expect(verdict.days.first?.open == 2)
    }

    @Test func aMessageThatExpiredInSilenceAtTheEndIsFoundByHeads() async throws {
        let world = World.practice()
        let sent = world.send("first")
        world.wait(seconds: 3_600)
        let first = world.head(for: "bo")
        world.wait(seconds: 60)
        let second = world.head(for: "bo")
        world.wait(seconds: 1)
        let third = world.head()
        // One sign of life shows that the relay is there again, and gives it its minute.
        #expect(try await world.audit(heads: [third]).findings.isEmpty)
        #expect(try await world.audit(heads: [first, second]).findings.isEmpty)
        let verdict = try await world.audit(heads: [third, first])
        verdict.expect(.unansweredMissing, at: [sent.index], naming: "\(third.time)")
        #expect(verdict.days.first?.unexplained == 1)
        #expect(verdict.messages.map(\.isSound) == [false])
    }

    /// Said late, it is late: what heads showed once is told by every later audit.
    @Test func aSilenceThatHeadsShowedIsKept() async throws {
        let world = World.practice()
        let store = MemoryAuditStore(isKept: true)
        let sent = world.send("first")
        world.wait(seconds: 3_600)
        var audit = Audit()
        audit.organisation = world.organisation
        audit.heads = [world.activity.sign(world.head())]
        world.wait(seconds: 61)
        audit.heads.append(world.activity.sign(world.head()))
        let found = try await audit.run(world.source, capsules: world, store: store)
        found.expect(.unansweredMissing, at: [sent.index])
        world.unanswered(sent)
        audit.heads = []
        let later = try await audit.run(world.source, capsules: world, store: store)
        later.expect(.unansweredMissing, at: [sent.index])
    }

    @Test func theRelayHasAMinuteOfLogTimeToSayIt() async throws {
        let world = World.practice()
        let sent = world.send("first")
        world.wait(seconds: 3_600)
        world.send("second")
        world.wait(seconds: 60)
        world.send("third")
        #expect(try await world.audit().findings.isEmpty)
        world.unanswered(sent)
        world.wait(seconds: 600)
        world.send("fourth")
        #expect(try await world.audit().findings.isEmpty)
    }

    @Test func aRelayThatWasDownOverTheExpiryOwesItsWordOnceItIsBack() async throws {
        let world = World.practice()
        let sent = world.send("first")
        world.wait(seconds: 3 * 3_600)
        world.send("second")
        world.wait(seconds: 2)
        world.unanswered(sent)
        world.wait(seconds: 600)
        world.send("third")
        #expect(try await world.audit().findings.isEmpty)
    }

    @Test func anAnswerInTheLastMinuteNeedsNoEvent() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        world.wait(seconds: 3_601)
        world.receipt(.acknowledged, of: sent, by: "bo")
        world.wait(seconds: 600)
        world.send("second")
        #expect(try await world.audit().findings.isEmpty)
    }

    @Test func aDeclinedMessageIsUnansweredAllTheSame() async throws {
        let world = World.practice()
        let sent = world.send("first", served: ["bo"])
        world.receipt(.declined, of: sent, by: "bo")
        world.wait(seconds: 3_600)
        world.unanswered(sent)
        #expect(try await world.audit().findings.isEmpty)
    }

    @Test func sayingItTooEarlyTwiceOrOfAnAnsweredMessageIsFound() async throws {
        let early = World.practice()
        let first = early.send("first")
        early.wait(seconds: 3_599)
        let tooEarly = early.unanswered(first)
        try await early.audit().expect(.unansweredUntrue, at: [tooEarly], naming: "\(first.expires)")

        let twice = World.practice()
        let second = twice.send("second")
        twice.wait(seconds: 3_600)
        twice.unanswered(second)
        let again = twice.unanswered(second)
        try await twice.audit().expect(.unansweredUntrue, at: [again])

        for action in [ReceiptAction.acknowledged, .closed] {
            let answered = World.practice()
            let third = answered.send("third", served: ["bo"])
            answered.receipt(action, of: third, by: "bo")
            answered.wait(seconds: 3_600)
            let untrue = answered.unanswered(third)
            try await answered.audit().expect(.unansweredUntrue, at: [untrue], naming: "answered before")
        }
    }

    // MARK: Others

    @Test func anEventAboutAMessageThatIsNotLoggedIsFound() async throws {
        let kinds: [RelayEvent.Kind] = [
            .served(.named("bo"), .named("dropped"), .envelope),
            .undeliverable(.named("bo"), .named("dropped"), .revoked), .unanswered(.named("dropped")),
            .pushed(.named("bo"), .named("dropped"), .apns, attempt: 1, .accepted),
        ]
        for kind in kinds {
            let world = World.practice()
            let index = world.log(kind)
            try await world.audit().expect(.unknownMessage, at: [index])
        }
    }

    @Test func aFallbackPrekeyOfNoDeviceIsFound() async throws {
        let world = World.practice()
        let index = world.log(.fallback(.named("ghost"), .named("first"), world.auditKey.publicKey.id))
        try await world.audit().expect(.unknownDevice, at: [index])
    }

    @Test func aSubscriptionOfNoDeviceIsFound() async throws {
        let world = World.practice()
        let index = world.log(.subscription(.named("ghost"), .fcm, .added))
        try await world.audit().expect(.unknownDevice, at: [index])
    }

    /// A page holds sealed bytes: it goes to whom the message was sealed, as long as that device is live.
    @Test func aPageToSomebodyElseIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first")
        let index = world.log(.pushed(.named("ivy"), sent.message, .webPush, attempt: 1, .accepted))
        try await world.audit().expect(.servedToStranger, at: [index])
    }

    @Test func aPageToARevokedDeviceIsFoundUnlessItWasOnItsWay() async throws {
        let world = World.practice()
        for change in [SubscriptionChange.added, .proven] {
            world.log(.subscription(.named("tablet"), .webPush, change))
        }
        let sent = world.send("first")
        world.log(.pushed(.named("tablet"), sent.message, .webPush, attempt: 1, .later))
        world.revoke("tablet")
        world.wait(seconds: 60)
        world.log(.pushed(.named("tablet"), sent.message, .webPush, attempt: 2, .accepted))
        world.wait(seconds: 1)
        let index = world.log(.pushed(.named("tablet"), sent.message, .webPush, attempt: 3, .accepted))
        try await world.audit().expect(.servedToRevoked, at: [index])
    }

    @Test func anEventOfAnotherOrganisationIsFound() async throws {
        let world = World.practice()
        let sent = world.send("first")
        let other = OrganisationID(genesisText: Array("another".utf8))
        let index = world.log(.served(.named("bo"), sent.message, .envelope), organisation: other)
        try await world.audit().expect(.init(.wrongOrganisation), at: [index])
    }
}
