import DeviceKit
import Statements
import Testing

/// Acknowledged is not done: when it is brought up again.
@Suite struct TakenUpTests {
    private let since = Timestamp(milliseconds: 1_700_000_000_000)

    private func seconds(_ taken: TakenUp, after last: Int64?, reopen: UInt64 = 600) -> Int64? {
        taken.comesBack(after: last.map { since.adding(seconds: $0) }, reopenSeconds: reopen)
            .map { $0.milliseconds(since: since) / 1000 }
    }

    @Test func whatIsPromisedComesFirstAndThePolicysTimeComesAnyway() {
        let taken = TakenUp(since: since, promisedAt: since.adding(seconds: 100))
        #expect(seconds(taken, after: nil) == 100)
        #expect(seconds(taken, after: 99) == 100)
        #expect(seconds(taken, after: 100) == 600)
        #expect(seconds(taken, after: 599) == 600)
        #expect(seconds(taken, after: 600) == 1_200)
        // A promise for later does not put the policy off.
        let later = TakenUp(since: since, promisedAt: since.adding(seconds: 5_000))
        #expect(seconds(later, after: nil) == 600)
        #expect(seconds(later, after: 4_900) == 5_000)
    }

    @Test func withoutAPolicysTimeAPromiseAlone() {
        #expect(seconds(TakenUp(since: since), after: nil, reopen: 0) == nil)
        #expect(seconds(TakenUp(since: since, promisedAt: since.adding(seconds: 9)), after: nil, reopen: 0) == 9)
        #expect(seconds(TakenUp(since: since), after: nil, reopen: .max) == 1 << 32)
    }

    /// Its sender is told to telephone after ten minutes.
    @Test func aCallAtOnceIsDueInTenMinutes() {
        let taken = TakenUp(since: since, callsNowSince: since)
        #expect(taken.callBy == since.adding(seconds: 600))
        #expect(seconds(taken, after: nil, reopen: 0) == 600)
        #expect(seconds(taken, after: 600, reopen: 0) == nil)
        #expect(TakenUp(since: since).callBy == nil)
    }
}
