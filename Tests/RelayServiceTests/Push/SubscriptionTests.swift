import Foundation
import PushDelivery
import RelayAPI
import RelayStorage
import SQLiteStorage
import Sealing
import Secrets
import Statements
import Testing
import TransparencyLog
import WebPush

@testable import RelayService

/// How a device's subscriptions come, are proven, and go.
@Suite struct SubscriptionTests {
    private static func registration(_ endpoint: String = "https://push.example/1", seed: UInt8 = 1) -> PushRegistration
    {
        PushRegistration(
            transport: "web_push", endpoint: endpoint, p256dh: Base64URL.encode(publicKey),
            auth: Base64URL.encode([UInt8](repeating: seed, count: 16)))
    }

    private static let publicKey = P256PrivateKey().publicKey

    private func id(_ number: UInt8) -> SubscriptionID { SubscriptionID(bytes: [UInt8](repeating: number, count: 16)) }

    private func register(
        _ number: UInt8, _ registration: PushRegistration = registration(), at relay: PagedRelay
    ) async throws -> (subscription: StoredSubscription, challenge: PushChallenge) {
        let acceptance = try SubscriptionAcceptance(
            registration, id(number), device: relay.device, pager: relay.pager)
        return (try await relay.submit { try acceptance.write(to: &$0) }, acceptance.challenge)
    }

    private func prove(_ number: UInt8, _ secret: [UInt8], at relay: PagedRelay) async throws -> StoredSubscription {
        let proof = try SubscriptionProof(
            PushProof(secret: Base64.encode(secret)), id(number), device: relay.device)
        return try await relay.submit { try proof.write(to: &$0) }
    }

    private func refusal(_ body: () async throws -> Void) async -> Problem.Code? {
        do {
            try await body()
            return nil
        } catch { return (error as? Problem)?.code }
    }

    // MARK: Registering

    @Test func itIsAddedOnceAndNothingGoesThereButChallengesUntilOneCameBack() async throws {
        let relay = try await PagedRelay()
        try await relay.run {
            let (subscription, challenge) = try await register(1, at: relay)
            #expect(!subscription.takesPages)
            #expect(PushSubscription(subscription).state == .unproven)
            #expect(relay.key.address(of: subscription, of: relay.organisation)?.kind == .webPush)
            _ = try await register(1, at: relay)
            #expect(try await relay.events == ["added web_push"])
            // Another challenge took the first one's place.
            #expect(await refusal { _ = try await prove(1, challenge.secret, at: relay) } == .challengeOver)
        }
    }

    @Test func anAddressUnderAnotherIdMovesThere() async throws {
        let relay = try await PagedRelay()
        try await relay.run {
            _ = try await register(1, at: relay)
            _ = try await register(2, at: relay)
            #expect(try await relay.subscriptions.map(\.id) == [id(2)])
            #expect(try await relay.events == ["added web_push", "removed web_push", "added web_push"])
        }
    }

    @Test func anotherAddressUnderTheSameIdTakesItsPlaceUnproven() async throws {
        let relay = try await PagedRelay()
        try await relay.run {
            let (_, challenge) = try await register(1, at: relay)
            #expect(try await prove(1, challenge.secret, at: relay).takesPages)
            let (moved, _) = try await register(1, Self.registration("https://push.example/other"), at: relay)
            #expect(!moved.takesPages)
            #expect(try await relay.subscriptions == [moved])
        }
    }

    @Test func aDeviceHasNoMoreThanEight() async throws {
        let relay = try await PagedRelay()
        try await relay.run {
            for number in 1...8 as ClosedRange<UInt8> {
                _ = try await register(number, Self.registration("https://push.example/\(number)"), at: relay)
            }
            let refused = await refusal {
                _ = try await register(9, Self.registration("https://push.example/9"), at: relay)
            }
            #expect(refused == .quota)
            #expect(try await relay.subscriptions.count == 8)
            // One of them again, or in the place of one, is none more.
            _ = try await register(8, Self.registration("https://push.example/8"), at: relay)
            _ = try await register(8, Self.registration("https://push.example/eight"), at: relay)
        }
    }

    /// Services end subscriptions by themselves, and devices make others: what is over takes nobody's place.
    @Test func whatWasDroppedMakesRoom() async throws {
        let relay = try await PagedRelay()
        try await relay.run {
            for number in 1...9 as ClosedRange<UInt8> {
                let (subscription, _) = try await register(
                    number, Self.registration("https://push.example/\(number)"), at: relay)
                _ = try await relay.submit {
                    try SubscriptionStanding(subscription: subscription, outcome: .gone(.unsubscribed, at: nil)).write(
                        to: &$0)
                }
            }
            let stored = try await relay.subscriptions
            #expect(stored.map(\.id) == (2...9).map { id($0) })
        }
    }

    /// The keys of a Web Push subscription are not its place: with other keys it is the same one.
    @Test func anEndpointWithOtherKeysUnderAnotherIdMovesThere() async throws {
        let relay = try await PagedRelay()
        try await relay.run {
            _ = try await register(1, Self.registration(seed: 1), at: relay)
            _ = try await register(2, Self.registration(seed: 2), at: relay)
            let stored = try await relay.subscriptions
            #expect(stored.map(\.id) == [id(2)])
        }
    }

    @Test(arguments: [
        (PushRegistration(transport: "carrier_pigeon", token: "x"), Problem.Code.malformed),
        (PushRegistration(transport: "apns", token: "00ff"), .noTransport),
        (PushRegistration(transport: "fcm", token: "x"), .noTransport),
        (PushRegistration(transport: "web_push", endpoint: "https://push.example/1"), .malformed),
        (
            PushRegistration(
                transport: "web_push", endpoint: "https://push.example/1", p256dh: Base64URL.encode(publicKey),
                auth: "AAAA"), .malformed
        ),
        (
            PushRegistration(
                transport: "web_push", endpoint: "https://push.example/1",
                p256dh: Base64URL.encode([4] + [UInt8](repeating: 1, count: 64)),
                auth: Base64URL.encode([UInt8](repeating: 1, count: 16))), .malformed
        ),
        (registration("http://push.example/1"), .endpointRefused),
        (registration("https://127.0.0.1/1"), .endpointRefused),
        (registration("https://[::1]/1"), .endpointRefused), (registration("https://2130706433/"), .endpointRefused),
        (registration("https://push.example:8443/"), .endpointRefused),
        (registration("https://user@push.example/"), .endpointRefused),
        (registration("https://push.example/" + String(repeating: "x", count: 1_000)), .endpointRefused),
    ])
    func whatIsNoAddressIsRefusedBeforeAnythingIsStored(_ registration: PushRegistration, _ code: Problem.Code)
        async throws
    {
        let relay = try await PagedRelay()
        try await relay.run {
            #expect(await refusal { _ = try await register(1, registration, at: relay) } == code)
            let stored = try await relay.subscriptions
            #expect(stored.isEmpty)
        }
    }

    // MARK: Proving

    @Test func itWorksOnceItsChallengeCameBackHoweverOften() async throws {
        let relay = try await PagedRelay()
        try await relay.run {
            let (_, challenge) = try await register(1, at: relay)
            for _ in 0..<2 {
                let proven = try await prove(1, challenge.secret, at: relay)
                #expect(proven.takesPages)
            }
            #expect(try await relay.events == ["added web_push", "proven web_push"])
            let now = try await relay.subscriptions[0]
            #expect(PushSubscription(now).state == .working)
        }
    }

    @Test func anotherSecretALateOneAndAStrangersAreRefused() async throws {
        let relay = try await PagedRelay()
        try await relay.run {
            let (_, challenge) = try await register(1, at: relay)
            #expect(await refusal { _ = try await prove(1, randomBytes(32), at: relay) } == .challengeOver)
            #expect(await refusal { _ = try await prove(1, [1, 2, 3], at: relay) } == .malformed)
            #expect(await refusal { _ = try await prove(2, challenge.secret, at: relay) } == .notFound)
            relay.clock.advance(86_401)
            #expect(await refusal { _ = try await prove(1, challenge.secret, at: relay) } == .challengeOver)
            #expect(try await relay.subscriptions.allSatisfy { !$0.takesPages })
        }
    }

    @Test func whatWaitsWhenItIsProvenIsPagedThere() async throws {
        let relay = try await PagedRelay()
        try await relay.run {
            let (urgent, routine) = (try await relay.message(.urgent), try await relay.message(.routine))
            let answered = try await relay.message(.emergent)
            try await relay.submit { try $0.transaction.markAnswered(answered.id, of: $0.organisation) }
            let (_, challenge) = try await register(1, at: relay)
            #expect(try await relay.jobs.isEmpty)
            _ = try await prove(1, challenge.secret, at: relay)
            let jobs = try await relay.jobs
            #expect(Set(jobs.map(\.message)) == [urgent.id, routine.id])
            #expect(jobs.allSatisfy { $0.due > relay.clock.now })
        }
    }

    @Test func whatItsMemberTurnedDownIsNotPagedThere() async throws {
        let relay = try await PagedRelay()
        try await relay.run {
            let message = try await relay.message(.urgent)
            let state = relay.running.sequencer.published.current
            let text = Receipt(
                organisation: relay.organisation,
                seen: SeenBoth(roster: state.rosterHead.seen, activity: state.activityHead.seen), message: message.id,
                manifest: message.manifest, device: relay.device, action: .declined, reason: .notMine, capsule: nil,
                at: relay.clock.now, number: 1, previous: nil, steps: Digest.sha256([])
            ).text
            let note = SignedNote(
                text: text, signedBy: SigningKey(seed: relay.founded.adminSeed.duplicate()),
                as: relay.device.description)
            _ = try await relay.submit { try $0.appendActivity(note, message: message.id, isSought: true).index }
            let (_, challenge) = try await register(1, at: relay)
            _ = try await prove(1, challenge.secret, at: relay)
            let jobs = try await relay.jobs
            #expect(jobs.isEmpty)
        }
    }

    /// However much is open that nobody was asked to answer.
    @Test func nothingThatWaitsIsLeftOut() async throws {
        let relay = try await PagedRelay()
        try await relay.run {
            for _ in 0..<257 { try await relay.message(.routine, expiresAfter: 3_600) }
            let last = try await relay.message(.emergent)
            let (_, challenge) = try await register(1, at: relay)
            _ = try await prove(1, challenge.secret, at: relay)
            let organisation = relay.organisation
            let jobs = try await relay.founded.store.read {
                try $0.pushJobs(of: last.id, to: relay.device, of: organisation)
            }
            #expect(jobs.count == 1)
        }
    }

    @Test func theRelayTellsWhatBecameOfTheChallenge() async throws {
        let relay = try await PagedRelay()
        try await relay.run {
            let cases: [(PushOutcome, PushTried.Outcome, PushSubscription.State)] = [
                (.accepted, .accepted, .unproven), (.later(.unreachable, after: nil), .unreachable, .unproven),
                (.rejected(.addressNotPermitted), .notPermitted, .unproven),
                (.rejected(.tooLarge), .refused, .unproven),
                (.later(.leftAlone, after: 30), .leftAlone, .unproven),
                (.gone(.unsubscribed, at: nil), .gone, .dropped),
                (.unauthorized(.credentials), .unauthorized, .unproven),
            ]
            for (outcome, word, state) in cases {
                let (subscription, challenge) = try await register(1, at: relay)
                relay.transport.answer(outcome)
                let tried = try await relay.pager.challenge(challenge, through: subscription, in: relay.running)
                #expect(tried.outcome == word)
                #expect(tried.subscription.state == state)
            }
            let sent = try #require(relay.transport.pages.last)
            #expect(sent.body.count == Page.byteCount && PushChallenge(parsing: sent.body)?.subscription == id(1))
            #expect(sent.isUrgent)
        }
    }

    // MARK: Going

    @Test func whatIsRemovedIsGoneAndRemovingItAgainIsNothing() async throws {
        let relay = try await PagedRelay()
        try await relay.run {
            let (_, challenge) = try await register(1, at: relay)
            _ = try await prove(1, challenge.secret, at: relay)
            try await relay.message(.urgent)
            for _ in 0..<2 { try await relay.submit { try $0.removeSubscription(id(1), of: relay.device) } }
            #expect(try await relay.subscriptions.isEmpty)
            #expect(try await relay.events.filter { $0 == "removed web_push" }.count == 1)
            #expect(try await relay.waitForJobs { $0.isEmpty }.isEmpty)
        }
    }

    @Test func oneThatWasDroppedCanBeRegisteredAnew() async throws {
        let relay = try await PagedRelay()
        try await relay.run {
            let (subscription, _) = try await register(1, at: relay)
            _ = try await relay.submit {
                try SubscriptionStanding(subscription: subscription, outcome: .gone(.unsubscribed, at: nil)).write(
                    to: &$0)
            }
            let (_, challenge) = try await register(1, at: relay)
            #expect(try await prove(1, challenge.secret, at: relay).takesPages)
            #expect(
                try await relay.events == ["added web_push", "dropped web_push", "added web_push", "proven web_push"])
        }
    }
}
