import Statements
import Testing

@testable import RelayService

@Suite struct LimitTests {
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_800_000_000_000 + seconds * 1_000) }

    @Test func anAddressHasItsBurstAndThenItsRate() {
        let limiter = RateLimiter(perSecond: 2, burst: 5)
        #expect((0..<5).allSatisfy { _ in limiter.permits("a", at: at(0)) })
        #expect(!limiter.permits("a", at: at(0)))
        #expect(limiter.permits("b", at: at(0)))
        #expect(limiter.permits("a", at: at(1)))
        #expect(limiter.permits("a", at: at(1)))
        #expect(!limiter.permits("a", at: at(1)))
    }

    @Test func anUnusedBucketHoldsNoMoreThanItsBurst() {
        let limiter = RateLimiter(perSecond: 10, burst: 3)
        #expect(limiter.permits("a", at: at(0)))
        let permitted = (0..<10).filter { _ in limiter.permits("a", at: at(3_600)) }
        #expect(permitted.count == 3)
    }

    @Test func aSenderHasItsMessagesAnHour() {
        let quota = HourlyQuota<DeviceID>()
        let (one, two) = (
            DeviceID(bytes: Array(repeating: 1, count: 20)), DeviceID(bytes: Array(repeating: 2, count: 20))
        )
        #expect((0..<3).allSatisfy { quota.take(one, limit: 3, at: at($0)) })
        #expect(!quota.take(one, limit: 3, at: at(10)))
        #expect(quota.take(two, limit: 3, at: at(10)))
        #expect(quota.take(one, limit: 3, at: at(3_601)))
    }
}
