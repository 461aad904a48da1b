import Auditing
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import Testing

/// What an honest relay's logs say, and that nothing is wrong with them.
@Suite struct HonestLogTests {
    /// A day at the practice: every kind of statement and event, and a signed head after each step.
    private static func story() -> (world: World, heads: [Head]) {
        let world = World.practice()
        var heads: [Head] = []
        func look() {
            heads += [world.head(), world.head(for: "ivy"), world.head(for: "bo"), world.head(for: "tablet")]
        }
        func then(seconds: Int64 = 7, _ step: () -> Void) {
            world.wait(seconds: seconds)
            step()
            look()
        }
        var sent: [String: Sent] = [:]
        then { world.log(.subscription(.named("tablet"), .webPush, .added)) }
        then { world.log(.subscription(.named("tablet"), .webPush, .proven)) }
        then { sent["answered"] = world.send("answered", served: ["bo"]) }
        then { world.log(.pushed(.named("tablet"), sent["answered"]!.message, .webPush, attempt: 1, .accepted)) }
        then { world.receipt(.delivered, of: sent["answered"]!, by: "bo") }
        then { world.deliver(sent["answered"]!, to: "tablet") }
        then {
            for action in [ReceiptAction.read, .declined, .acknowledged, .closed] {
                world.receipt(action, of: sent["answered"]!, by: action == .declined ? "tablet" : "bo")
            }
        }
        then {
            world.log(.fallback(.named("tablet"), .named("expired"), world.auditKey.publicKey.id))
            sent["expired"] = world.send("expired", served: ["bo"])
        }
        then { sent["partly"] = world.send("partly", without: "tablet") }
        then { sent["reply"] = world.send("reply", from: "bo", to: "ivy", served: ["ivy"]) }
        then {
            world.receipt(.undecryptable, of: sent["expired"]!, by: "bo") { $0.reason = .noPrekey }
            world.receipt(.delivered, of: sent["expired"]!, by: "bo")
        }
        then { world.revoke("tablet") }
        then { world.deliver(sent["partly"]!, to: "bo") }
        then { world.receipt(.acknowledged, of: sent["partly"]!, by: "bo") }
        then(seconds: 3_600) {
            world.unanswered(sent["expired"]!)
            world.unanswered(sent["reply"]!)
        }
        then { sent["open"] = world.send("open") }
        then { world.commit(world.member("bo", roles: [.provider], status: .suspended), by: [.device("ana")]) }
        then { world.commit(world.member("bo", roles: [.provider]), by: [.device("ana")]) }
        return (world, heads)
    }

    @Test func nothingIsWrongWithIt() async throws {
        let (world, heads) = Self.story()
        let verdict = try await world.audit(heads: heads)
        #expect(verdict.findings.map(\.code) == [.undecryptable])
        #expect(verdict.ok)
        #expect(verdict.isWhole)
        #expect(verdict.organisation == world.organisation)
        #expect(verdict.roster == .init(size: world.roster.size, root: world.roster.root))
        #expect(verdict.activity == .init(size: world.activity.size, root: world.activity.root))
        #expect(verdict.heads == heads.count)
        #expect(verdict.capsulesOpened == 5)
        #expect(verdict.capsulesClosed == 0)
    }

    @Test func aMessagesStateIsTheFurthestOfItsReceipts() async throws {
        let verdict = try await Self.story().world.audit()
        #expect(
            verdict.messages.map(\.state) == [.closed, .delivered, .acknowledged, .waiting, .waiting])
        #expect(verdict.messages.map(\.isUnanswered) == [false, true, false, true, false])
        #expect(verdict.messages.filter { !$0.isSound }.isEmpty)
        #expect(verdict.messages[2].without.map(\.device) == [.named("tablet")])
        let first = try #require(verdict.messages.first)
        #expect(first.senderMember == .named("ivy"))
        #expect(first.member == .named("bo"))
        let tablet = try #require(verdict.messages[1].recipients.first { $0.device == .named("tablet") })
        #expect(tablet.isUndeliverable && !tablet.isServed && !tablet.isDelivered)
        let phone = try #require(verdict.messages[1].recipients.first { $0.device == .named("bo") })
        #expect(!phone.isUndeliverable && phone.isServed && phone.isDelivered)
    }

    @Test func aMessagesHistoryIsToldInTheOrderOfTheLog() async throws {
        let verdict = try await Self.story().world.audit()
        let facts = verdict.messages[0].facts
        #expect(
            facts.map(\.word) == [
                "served", "pushed", "delivered", "served", "delivered", "read", "declined", "acknowledged", "closed",
            ])
        #expect(facts.map(\.index) == facts.map(\.index).sorted())
        #expect(facts.allSatisfy { $0.member == .named("bo") && $0.at == $0.logged })
        // The fallback prekey went out before the message was there.
        #expect(verdict.messages[1].facts.first?.word == "fallback")
        #expect(verdict.messages[1].facts.map(\.word).contains("undeliverable"))
        #expect(verdict.messages[1].facts.last?.word == "unanswered")
        #expect(verdict.messages[1].facts.last?.device == nil)
    }

    @Test func factsAreKeptOnlyOfTheMessagesThatAreAskedFor() async throws {
        let world = Self.story().world
        var audit = Audit()
        audit.detail = .beginning(MessageID.named("partly").description)
        let verdict = try await audit.run(world.source)
        #expect(verdict.messages.filter { !$0.facts.isEmpty }.map(\.message) == [.named("partly")])
        #expect(verdict.findings.map(\.code) == [.undecryptable])
        #expect(verdict.capsulesClosed == 5)
    }

    @Test func everyMessageIsSomewhere() async throws {
        let verdict = try await Self.story().world.audit()
        let day = try #require(verdict.days.first)
        #expect(verdict.days.count == 1)
        #expect(day.day == "2026-11-23")
        #expect(day.manifests == 5)
        #expect((day.closed, day.acknowledged, day.open) == (1, 1, 1))
        #expect((day.unanswered, day.undeliverable, day.unexplained) == (2, 0, 0))
    }

    @Test func aLogOfManyBundlesIsReadWhole() async throws {
        let world = World.practice()
        for number in 0..<90 {
            world.wait(seconds: 1)
            let sent = world.send("message \(number)", lifeSeconds: 86_400, served: ["bo", "tablet"])
            world.receipt(.delivered, of: sent, by: "bo")
            world.receipt(.delivered, of: sent, by: "tablet")
        }
        #expect(world.activity.size > 256)
        let verdict = try await world.audit(heads: [world.head(for: "bo"), world.head(for: "ivy")])
        #expect(verdict.findings.isEmpty)
        #expect(verdict.messages.count == 90)
    }

    @Test func aMessageThatCanReachNobodyAnyMoreIsCountedSo() async throws {
        let world = World.practice()
        world.send("lost")
        world.wait(seconds: 1)
        world.revoke("tablet")
        world.wait(seconds: 1)
        world.revoke("bo")
        let verdict = try await world.audit()
        #expect(verdict.findings.isEmpty)
        #expect(verdict.days.first?.undeliverable == 1)
        #expect(verdict.days.first?.unexplained == 0)
    }
}
