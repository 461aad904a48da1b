import DeviceStorage
import Sealing
import Secrets
import Statements
import Testing

@testable import DeviceKit

@Suite struct PrekeyPlanTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    private static func fallback(daysOld: Int64) -> PrekeyRow {
        let created = now.adding(seconds: -daysOld * 86_400)
        return PrekeyRow(
            id: "fallback \(daysOld)", purpose: PrekeyPurpose.fallback.rawValue, created: created.milliseconds,
            expires: created.adding(seconds: PrekeyPlan.fallbackSeconds).milliseconds, state: .published,
            published: nil)
    }

    private static func isDue(_ days: [Int64]) -> Bool {
        DeviceSession.needsFallback(days.map { fallback(daysOld: $0) }, now: now)
    }

    /// However the week went by: between two commands, or on a stream that stays open.
    @Test func aFallbackIsDueAfterAWeek() {
        #expect(Self.isDue([]))
        #expect(!Self.isDue([6]))
        #expect(Self.isDue([7]))
        #expect(!Self.isDue([14, 7, 0]))
    }

    /// One that a wrong clock dated ahead is not counted on; and clocks that jump about make no keys without end.
    @Test func aFallbackFromTheFutureIsNone() {
        #expect(Self.isDue([-100]))
        #expect(!Self.isDue([-100, 0]))
        #expect(!Self.isDue((1...Int64(PrekeyPlan.fallbacksHeldAtMost)).map { -100 * $0 }))
    }

    /// What cannot be undone is done only when both clocks say so.
    @Test func clocksThatAreApartAgreeOnNothing() throws {
        let clock = RelayClock()
        let start = Timestamp.now()
        clock.learn(start.adding(seconds: 100 * 86_400))
        #expect(clock.apart != nil && clock.agreed == nil)
        clock.learn(start.adding(seconds: -100 * 86_400))
        #expect(clock.apart != nil && clock.agreed == nil)
        clock.learn(Timestamp.now().adding(seconds: 60))
        #expect(try #require(clock.agreed).milliseconds(since: .now()) <= 0)
        clock.learn(Timestamp.now().adding(seconds: -60))
        #expect(try #require(clock.agreed).milliseconds(since: .now()) < -50_000)
        #expect(clock.apart == nil)
    }

    /// Why nobody can be sealed to is said as it is.
    @Test func aFullQueueIsNoMissingPrekey() {
        let device = DeviceID(key: SigningKey().verifyingKey)
        let full = Manifest.Without(device: device, reason: .queueFull)
        let empty = Manifest.Without(device: device, reason: .noPrekey)
        #expect(DeviceSession.nobodyToSealTo([full, full]).code == "queue_full")
        #expect(DeviceSession.nobodyToSealTo([full, empty]).code == "no_prekey")
        #expect(DeviceSession.nobodyToSealTo([full, empty]).message.contains("full"))
        #expect(!DeviceSession.nobodyToSealTo([empty]).message.contains("full"))
    }
}
