import Foundation
import Membership
import PushDelivery
import RelayStorage
import Sealing
import Secrets
import Statements
import Synchronization
import Testing
import TransparencyLog

@testable import RelayService

/// When pages go out, when they do not, and what is noted of each attempt.
@Suite struct PageOutboxTests {
    // MARK: Until somebody acknowledges

    @Test func itRepeatsByTheUrgencysPolicyUntilTheMessageIsOver() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        try await relay.run {
            let message = try await relay.message(.urgent)
            try await relay.transport.wait(1)
            #expect(try await relay.waitForEvents(1) == ["pushed web_push 1 accepted"])
            #expect(
                try await relay.waitForJobs { $0.first?.attempts == 1 }.first?.due
                    == relay.clock.now.adding(seconds: 300))
            relay.advance(301)
            try await relay.transport.wait(2)
            #expect(try await relay.waitForEvents(2).last == "pushed web_push 2 accepted")
            try await relay.submit { try $0.pagesOver(message.id) }
            #expect(try await relay.jobs.isEmpty)
            // A later message shows that the outbox looked: nothing more came of the first.
            relay.advance(301)
            try await relay.message(.emergent)
            try await relay.transport.wait(3)
            #expect(try await relay.waitForEvents(3).last == "pushed web_push 1 accepted")
            #expect(relay.transport.pages.count == 3)
        }
    }

    /// On a busy machine the list of what is due may be older than the end of an attempt.
    @Test func whatWasLookedUpBeforeItsAttemptWasNotedIsNotSentAgain() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        try await relay.run(outbox: false) {
            try await relay.message(.urgent)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                let outbox = relay.makeOutbox(LateStore(relay.founded.store, repeats: 4))
                tasks.addTask { try await outbox.run() }
                #expect(try await relay.waitForEvents(1) == ["pushed web_push 1 accepted"])
                // A later message shows that the outbox looked.
                try await relay.message(.emergent)
                #expect(try await relay.waitForEvents(2).last == "pushed web_push 1 accepted")
                #expect(relay.transport.pages.count == 2)
                tasks.cancelAll()
            }
        }
    }

    @Test func aRoutineMessageIsPagedOnce() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        try await relay.run {
            try await relay.message(.routine)
            try await relay.transport.wait(1)
            _ = try await relay.waitForEvents(1)
            relay.advance(80_000)
            try await relay.message(.urgent)
            try await relay.transport.wait(2)
            #expect(relay.transport.pages.map(\.isUrgent) == [false, true])
        }
    }

    @Test func nothingGoesOutOnceTheMessagesTimeIsOver() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        try await relay.run {
            try await relay.message(.emergent, expiresAfter: 100)
            try await relay.transport.wait(1)
            #expect(relay.transport.pages[0].lifetime == 100)
            _ = try await relay.waitForEvents(1)
            relay.advance(121)
            #expect(try await relay.waitForJobs { $0.isEmpty }.isEmpty)
            #expect(relay.transport.pages.count == 1)
        }
    }

    @Test func acknowledgingEndsWhatWaitsForItsTurnAndWhatIsOnItsWay() async throws {
        let relay = try await PagedRelay(slots: 1)
        try await relay.subscribe()
        relay.transport.hold()
        try await relay.run {
            let first = try await relay.message()
            try await relay.transport.wait(1)
            let second = try await relay.message()
            try await eventually("the second one waits") { relay.attempts.begun == 2 }
            try await relay.submit { try $0.pagesOver(second.id) }
            // Ended before the first one's place is free: it must not be given that.
            try await eventually("the second one's end") { relay.attempts.over == 1 }
            relay.transport.hold(false)
            try await relay.submit { try $0.pagesOver(first.id) }
            // The one that was on its way was an attempt without an answer; the other never was one.
            #expect(try await relay.waitForEvents(1) == ["pushed web_push 1 later"])
            try await relay.message()
            try await relay.transport.wait(2)
            #expect(try await relay.waitForEvents(2).count == 2)
            #expect(relay.transport.pages.count == 2)
        }
    }

    @Test func whoHasTheMessageIsRemindedOfItAndNotToldOfItAgainAtOnce() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        try await relay.run(outbox: false) {
            let (urgent, routine) = (
                try await relay.message(.urgent, served: true), try await relay.message(.routine, served: true)
            )
            #expect(try await relay.jobs.allSatisfy { $0.due == relay.clock.now.adding(seconds: 10) })
            try await relay.submit { batch in
                for message in [urgent, routine] { try batch.pagesDelivered(message.id, to: relay.device) }
            }
            let jobs = try await relay.jobs
            #expect(jobs.map(\.message) == [urgent.id])
            #expect(jobs.map(\.due) == [relay.clock.now.adding(seconds: 300)])
        }
    }

    // MARK: Streams

    @Test func whatLeftOnAStreamIsPushedWhenNothingCameBack() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        try await relay.run {
            // What it finds when it starts it pushes at once: it is at work before a stream has anything.
            try await relay.message(.urgent)
            try await relay.transport.wait(1)
            #expect(try await relay.waitForEvents(1).count == 1)
            try await relay.message(.urgent, served: true)
            relay.advance(9)
            try await relay.message(.urgent)
            try await relay.transport.wait(2)
            #expect(try await relay.waitForEvents(2).count == 2)
            relay.advance(2)
            try await relay.transport.wait(3)
        }
    }

    @Test func afterARestartWhatWasLeftToStreamsIsPushedAtOnce() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        try await relay.run(outbox: false) { _ = try await relay.message(.urgent, served: true) }
        try await relay.run { try await relay.transport.wait(1) }
    }

    // MARK: Outcomes

    @Test func whatFailedIsTriedAgainSoonAndNoLaterThanItWouldRepeat() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        relay.transport.answer(.later(.serviceUnavailable, after: nil), .later(.timeout, after: nil))
        try await relay.run {
            try await relay.message(.urgent)
            try await relay.transport.wait(1)
            let first = try await relay.waitForJobs { $0.first?.failures == 1 }[0]
            #expect((500...1_000).contains(first.due.milliseconds - relay.clock.now.milliseconds))
            #expect(try await relay.subscriptions[0].failingSince == relay.clock.now)
            let since = relay.clock.now
            relay.advance(1)
            try await relay.transport.wait(2)
            let second = try await relay.waitForJobs { $0.first?.failures == 2 }[0]
            #expect((1_500...3_000).contains(second.due.milliseconds - relay.clock.now.milliseconds))
            #expect(try await relay.subscriptions[0].failingSince == since)
            relay.advance(3)
            try await relay.transport.wait(3)
            let third = try await relay.waitForJobs { $0.first?.failures == 0 }[0]
            #expect(third.due == relay.clock.now.adding(seconds: 300) && third.attempts == 3)
            #expect(try await relay.subscriptions[0].failingSince == nil)
            #expect(
                try await relay.events == [
                    "pushed web_push 1 later", "pushed web_push 2 later", "pushed web_push 3 accepted",
                ])
        }
    }

    @Test(arguments: [
        (PushOutcome.later(.rateLimited, after: 900), 900...905), (.later(.rateLimited, after: 7), 7...9),
        (.unauthorized(.credentials), 0...1), (.rejected(.malformed), 300...300),
    ])
    func whatAServiceAsksForIsNeverUndercut(_ outcome: PushOutcome, _ seconds: ClosedRange<Int64>) async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        relay.transport.answer(outcome)
        try await relay.run {
            try await relay.message(.urgent)
            try await relay.transport.wait(1)
            let job = try await relay.waitForJobs { $0.first?.attempts == 1 }[0]
            let wait = job.due.milliseconds - relay.clock.now.milliseconds
            #expect((seconds.lowerBound * 1_000...seconds.upperBound * 1_000).contains(wait))
            #expect(try await relay.subscriptions[0].dropped == nil)
        }
    }

    /// Nobody shall wait for the back-off of many failures longer than for the next repetition.
    @Test func theBackOffEndsAtTheRepetition() async throws {
        let relay = try await PagedRelay()
        let subscription = try await relay.subscribe()
        try await relay.run(outbox: false) {
            let message = try await relay.message(.emergent)
            let job = StoredPushJob(
                message: message.id, device: relay.device, subscription: subscription.id, urgency: .emergent,
                expires: message.expires, due: relay.clock.now, attempts: 40, failures: 40)
            _ = try await relay.submit {
                try PageResult(job: job, subscription: subscription, outcome: .later(.timeout, after: nil), random: 1)
                    .write(to: &$0)
            }
            #expect(try await relay.jobs[0].due == relay.clock.now.adding(seconds: 120))
        }
    }

    @Test func aServiceThatIsLeftAloneIsNoAttempt() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        relay.transport.answer(.later(.leftAlone, after: 30))
        try await relay.run {
            try await relay.message(.urgent)
            try await relay.transport.wait(1)
            let job = try await relay.waitForJobs { $0.first.map { $0.due > relay.clock.now } ?? false }[0]
            #expect(job.due == relay.clock.now.adding(seconds: 30) && job.attempts == 0)
            #expect(try await relay.events.isEmpty)
            relay.advance(31)
            try await relay.transport.wait(2)
            #expect(try await relay.waitForEvents(1) == ["pushed web_push 1 accepted"])
        }
    }

    // MARK: Subscriptions that are no more

    @Test func oneThatIsGoneIsDroppedWithItsPagesAndSaidToBe() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe(1)
        try await relay.subscribe(2)
        relay.transport.answer(.gone(.unsubscribed, at: nil))
        try await relay.run {
            try await relay.message(.urgent)
            let events = try await relay.waitForEvents(3)
            #expect(Set(events) == ["pushed web_push 1 gone", "dropped web_push", "pushed web_push 1 accepted"])
            let stored = try await relay.subscriptions
            #expect(stored.map { $0.dropped != nil }.filter { $0 }.count == 1)
            #expect(stored.first { $0.dropped != nil }?.sealedAddress == [])
            #expect(try await relay.waitForJobs { $0.count == 1 }.count == 1)
            // Counted when it is noted.
            try await eventually("the dropped one is counted") { relay.dropped.withLock { $0 } == 1 }
            try await relay.message(.urgent)
            try await relay.transport.wait(3)
            #expect(relay.transport.pages.count == 3)
        }
    }

    @Test func oneThatWasRegisteredAfterItWentStays() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        relay.transport.answer(.gone(.unsubscribed, at: Int(relay.clock.now.milliseconds / 1_000) - 60))
        try await relay.run {
            try await relay.message(.urgent)
            #expect(try await relay.waitForEvents(1) == ["pushed web_push 1 gone"])
            #expect(try await relay.subscriptions[0].dropped == nil)
            #expect(try await relay.jobs.count == 1)
        }
    }

    @Test func oneThatWasRegisteredAnewDuringTheAttemptIsNotJudgedByIt() async throws {
        let relay = try await PagedRelay()
        let old = try await relay.subscribe()
        relay.clock.advance(5)
        let new = try await relay.subscribe()
        try await relay.run(outbox: false) {
            let isDropped = try await relay.submit {
                try SubscriptionStanding(subscription: old, outcome: .gone(.unsubscribed, at: nil)).write(to: &$0)
            }
            #expect(!isDropped)
            #expect(try await relay.subscriptions == [new])
        }
    }

    /// The key may come back from a copy: until then the device sees that nothing comes, and nothing is dropped.
    @Test func anAddressThatDoesNotOpenIsNoPageAndStays() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe(1, key: PushKey(SecretBytes(random: 32)))
        try await relay.run {
            try await relay.message(.urgent)
            let jobs = try await relay.waitForJobs { $0.first.map { $0.due > relay.clock.now } ?? false }
            #expect(jobs.map(\.due) == [relay.clock.now.adding(seconds: 60)])
            let stored = try await relay.subscriptions[0]
            #expect(stored.failingSince != nil && stored.dropped == nil)
            #expect(try await relay.events.isEmpty && relay.transport.pages.isEmpty)
        }
    }

    @Test func anUnprovenSubscriptionGetsNoPage() async throws {
        let relay = try await PagedRelay()
        var unproven = try await relay.subscribe()
        unproven.proven = nil
        let stored = unproven
        try await relay.run {
            try await relay.submit { try $0.transaction.storeSubscription(stored, of: $0.organisation) }
            try await relay.message(.urgent)
            #expect(try await relay.jobs.isEmpty)
        }
    }

    /// Its event would stand in the log long after the revocation, as if the page had gone out then.
    @Test func whoIsRevokedOrSuspendedIsSentNothingThatIsOnItsWay() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        relay.transport.hold()
        try await relay.run {
            try await relay.message(.urgent)
            try await relay.transport.wait(1)
            try await relay.submit { $0.then(.end(relay.device, Problems.revoked, by: nil)) }
            #expect(try await relay.waitForEvents(1) == ["pushed web_push 1 later"])
        }
    }

    /// Even if the jobs were lost.
    @Test func whoIsActiveAgainIsPagedForWhatWaits() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        try await relay.run(outbox: false) {
            let message = try await relay.message(.routine)
            try await relay.submit {
                try $0.transaction.removePushJobs(of: message.id, to: nil, of: $0.organisation)
            }
            let state = relay.running.sequencer.published.current
            let member = try #require(state.view(at: relay.clock.now).member(relay.founded.admin.member))
            let text = MemberStatement(
                organisation: relay.organisation, seen: state.rosterHead.seen, at: relay.clock.now,
                replaces: member.statement, member: relay.founded.admin.member, name: member.name, roles: [.provider],
                status: .active
            ).text
            let admin = SigningKey(seed: relay.founded.adminSeed.duplicate())
            _ = try await relay.running.sequencer.accept(
                SignedNote(text: text, signedBy: admin, as: relay.device.description).bytes)
            #expect(try await relay.jobs.map(\.message) == [message.id])
        }
    }

    /// What an attempt came to that began before its device registered another address says nothing about that one's pages.
    @Test func anAttemptOfAnEarlierRegistrationMovesNoPage() async throws {
        let relay = try await PagedRelay()
        let old = try await relay.subscribe()
        relay.clock.advance(5)
        try await relay.run(outbox: false) {
            let message = try await relay.message(.routine)
            let job = try #require(try await relay.jobs.first)
            try await relay.subscribe()
            _ = try await relay.submit {
                try PageResult(job: job, subscription: old, outcome: .accepted).write(to: &$0)
            }
            #expect(try await relay.jobs == [job] && job.message == message.id)
        }
    }

    // MARK: Clocks

    /// Entries' times never go back: with them alone, nobody would be paged until the clock is where it was.
    @Test func aClockThatWasSetBackHoldsNoPageUp() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        try await relay.run {
            try await relay.message(.routine)
            try await relay.transport.wait(1)
            _ = try await relay.waitForEvents(1)
            relay.clock.advance(-3_600)
            try await relay.message(.routine)
            try await relay.transport.wait(2)
        }
    }

    /// A relay that has the transport no more does not ask for it all the time.
    @Test func withoutItsTransportAPageWaits() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        relay.transport.answer(.later(.noTransport, after: nil))
        try await relay.run {
            try await relay.message(.urgent)
            try await relay.transport.wait(1)
            let job = try await relay.waitForJobs { $0.first.map { $0.due > relay.clock.now } ?? false }[0]
            #expect(job.due >= relay.clock.now.adding(seconds: 60))
        }
    }

    // MARK: The bytes

    @Test func aPageIsTheMessagesOwnAndOnceItIsThereOnlyItsKeyIsRandom() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        try await relay.run {
            let message = try await relay.message(.emergent)
            try await relay.transport.wait(1)
            _ = try await relay.waitForEvents(1)
            try await relay.submit { batch in
                try batch.transaction.destroySealedKey(of: message, for: relay.device, of: batch.organisation)
                try batch.pagesDelivered(message.id, to: relay.device)
            }
            relay.advance(121)
            try await relay.transport.wait(2)
            let sent = relay.transport.pages
            let pages = sent.compactMap { Page(parsing: $0.body) }
            #expect(pages.count == 2)
            #expect(pages.allSatisfy { $0.message == message.id })
            #expect(pages[0].prekey == pages[1].prekey && pages[0].binding == pages[1].binding)
            #expect(pages[0].sealedAlert == pages[1].sealedAlert && pages[0].sealedKey != pages[1].sealedKey)
            #expect(sent[0].tag == sent[1].tag && sent[0].tag.utf8.count == 32)
            #expect(sent[0].lifetime == 86_400)
        }
    }

    // MARK: Restarts

    @Test func whatWasOnItsWayWhenTheRelayEndedGoesOutAgain() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        relay.transport.hold()
        // Sequencer and outbox end in the middle of the attempt.
        try await relay.run {
            try await relay.message(.urgent)
            try await relay.transport.wait(1)
        }
        relay.transport.hold(false)
        relay.clock.advance(2)
        try await relay.run { try await relay.transport.wait(2) }
    }

    @Test func aRevokedDeviceIsPagedNoMore() async throws {
        let relay = try await PagedRelay()
        try await relay.subscribe()
        try await relay.run {
            try await relay.message(.emergent)
            try await relay.transport.wait(1)
            _ = try await relay.waitForEvents(1)
            try await relay.submit { try $0.transaction.forgetKeys(of: relay.device, of: $0.organisation) }
            relay.advance(121)
            #expect(try await relay.jobs.isEmpty)
            #expect(relay.transport.pages.count == 1)
        }
    }
}
