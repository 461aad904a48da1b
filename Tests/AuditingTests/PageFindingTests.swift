import AuditSupport
import Auditing
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing

/// Pages: where they may go, until when, and where they must.
@Suite struct PageFindingTests {
    private static func page(
        _ world: World, _ sent: Sent, to device: String, _ transport: PageTransport = .webPush, attempt: UInt64 = 1
    ) -> UInt64 {
        world.log(.pushed(.named(device), sent.message, transport, attempt: attempt, .accepted))
    }

    private static func subscribe(_ world: World, _ device: String, _ transport: PageTransport = .webPush) {
        world.log(.subscription(.named(device), transport, .added))
        world.log(.subscription(.named(device), transport, .proven))
    }

    @Test func aPageToADeviceThatProvedNoSubscriptionIsFound() async throws {
        let world = World.practice()
        world.log(.subscription(.named("bo"), .webPush, .added))
        let index = Self.page(world, world.send("first"), to: "bo")
        try await world.audit().expect(.pushedUnsubscribed, at: [index], naming: "bo", "web_push")
    }

    @Test func aPageOverAnotherTransportIsFound() async throws {
        let world = World.practice()
        Self.subscribe(world, "bo", .apns)
        let index = Self.page(world, world.send("first"), to: "bo")
        try await world.audit().expect(.pushedUnsubscribed, at: [index])
    }

    @Test func aPageThatWasOnItsWayWhenItsSubscriptionEndedIsNoLie() async throws {
        let world = World.practice()
        Self.subscribe(world, "bo")
        let sent = world.send("first")
        world.log(.subscription(.named("bo"), .webPush, .dropped))
        world.wait(seconds: 60)
        _ = Self.page(world, sent, to: "bo")
        #expect(try await world.audit().findings.isEmpty)
        world.wait(seconds: 1)
        let index = Self.page(world, sent, to: "bo", attempt: 2)
        try await world.audit().expect(.pushedUnsubscribed, at: [index])
    }

    @Test func oneOfTwoSubscriptionsIsEnough() async throws {
        let world = World.practice()
        for _ in 0..<2 { Self.subscribe(world, "bo") }
        world.log(.subscription(.named("bo"), .webPush, .removed))
        world.wait(seconds: 100)
        _ = Self.page(world, world.send("first"), to: "bo")
        #expect(try await world.audit().findings.isEmpty)
    }

    @Test(arguments: [SubscriptionChange.proven, .removed, .dropped])
    func whatWasNeverAddedCannotChange(_ change: SubscriptionChange) async throws {
        let world = World.practice()
        let index = world.log(.subscription(.named("bo"), .fcm, change))
        try await world.audit().expect(.subscriptionUntrue, at: [index], naming: change.rawValue)
    }

    @Test(arguments: [ReceiptAction.acknowledged, .closed, .declined])
    func pagesEndAMinuteAfterTheAnswer(_ action: ReceiptAction) async throws {
        let world = World.practice()
        Self.subscribe(world, "tablet")
        let sent = world.send("first", served: ["bo"])
        world.receipt(action, of: sent, by: "bo")
        world.wait(seconds: 60)
        _ = Self.page(world, sent, to: "tablet")
        #expect(try await world.audit().findings.isEmpty)
        world.wait(seconds: 1)
        let index = Self.page(world, sent, to: "tablet", attempt: 2)
        try await world.audit().expect(.pagedAfterEnd, at: [index], naming: "bo")
    }

    @Test func readingAMessageEndsNoPages() async throws {
        let world = World.practice()
        Self.subscribe(world, "tablet")
        let sent = world.send("first", served: ["bo"])
        world.receipt(.read, of: sent, by: "bo")
        world.wait(seconds: 100)
        _ = Self.page(world, sent, to: "tablet")
        #expect(try await world.audit().findings.isEmpty)
    }

    @Test func theDeliveryOfAReplyEndsItsPages() async throws {
        let world = World.practice()
        Self.subscribe(world, "ivy")
        let sent = world.send("first", served: ["bo"])
        world.receipt(.acknowledged, of: sent, by: "bo")
        let reply = world.send("reply", from: "bo", to: "ivy", served: ["ivy"], reference: .inReplyTo(sent.message))
        world.receipt(.delivered, of: reply, by: "ivy")
        world.wait(seconds: 61)
        let index = Self.page(world, reply, to: "ivy")
        try await world.audit().expect(.pagedAfterEnd, at: [index])
    }

    @Test func aPageToASuspendedMembersDeviceIsFoundUnlessItWasOnItsWay() async throws {
        let world = World.practice()
        Self.subscribe(world, "bo")
        let sent = world.send("first")
        world.commit(world.member("bo", roles: [.provider], status: .suspended), by: [.device("ana")])
        world.wait(seconds: 60)
        _ = Self.page(world, sent, to: "bo")
        #expect(try await world.audit().findings.isEmpty)
        // Said again: the suspension began with the first word of it.
        world.commit(world.member("bo", roles: [], status: .suspended), by: [.device("ana")])
        world.wait(seconds: 1)
        let index = Self.page(world, sent, to: "bo", attempt: 2)
        try await world.audit().expect(.servedToRevoked, at: [index], naming: "suspended")
        world.commit(world.member("bo", roles: [.provider]), by: [.device("ana")])
        world.wait(seconds: 100)
        _ = Self.page(world, sent, to: "bo", attempt: 3)
        #expect(try await world.audit().findings.count == 1)
    }

    // MARK: Pages that did not go out

    /// Urgent messages are paged every 300 seconds; 70 more are the relay's, and a minute of log time.
    @Test func aPageThatWasKeptBackIsNoted() async throws {
        let world = World.practice()
        Self.subscribe(world, "bo")
        let sent = world.send("first")
        world.wait(seconds: 370)
        world.serve(sent, to: "bo")
        world.wait(seconds: 60)
        world.serve(sent, to: "tablet")
        #expect(try await world.audit().findings.isEmpty)
        world.wait(seconds: 1)
        world.log(.subscription(.named("tablet"), .apns, .added))
        try await world.audit().expect(.notPaged, .note, at: [sent.index], naming: "bo")
    }

    @Test func aPageThatCameStartsTheTimeAnew() async throws {
        let world = World.practice()
        Self.subscribe(world, "bo")
        let sent = world.send("first")
        for attempt in 1...5 {
            world.wait(seconds: 300)
            _ = Self.page(world, sent, to: "bo", attempt: UInt64(attempt))
        }
        world.wait(seconds: 200)
        world.serve(sent, to: "tablet")
        #expect(try await world.audit().findings.isEmpty)
    }

    @Test func nothingIsOwedToWhomNoPageReachesOrWhoHasAnswered() async throws {
        let world = World.practice()
        world.log(.subscription(.named("bo"), .webPush, .added))
        Self.subscribe(world, "tablet")
        let first = world.send("first", served: ["bo", "tablet"])
        world.receipt(.acknowledged, of: first, by: "bo")
        world.send("second", urgency: .routine)
        world.wait(seconds: 1_000)
        world.serve(first, to: "bo")
        world.wait(seconds: 100)
        world.log(.subscription(.named("udo"), .apns, .added))
        #expect(try await world.audit().findings.isEmpty)
    }
}
