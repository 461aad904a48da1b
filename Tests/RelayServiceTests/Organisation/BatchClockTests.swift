import Statements
import Synchronization
import Testing

@testable import RelayService

@Suite struct BatchClockTests {
    /// A clock that a test turns.
    private final class Hands: Sendable {
        private let time = Mutex<Int64>(1_000)
        var now: Timestamp { Timestamp(milliseconds: time.withLock { $0 }) }
        func set(_ milliseconds: Int64) { time.withLock { $0 = milliseconds } }
    }

    @Test func entryTimesNeverDecreaseWhenTheWallClockJumpsBack() {
        let hands = Hands()
        let clock = BatchClock(after: Timestamp(milliseconds: 0)) { hands.now }
        let first = clock.beginBatch(after: Timestamp(milliseconds: 0))
        clock.endBatch()
        hands.set(10)
        #expect(clock.beginBatch(after: first) == first)
    }

    @Test func aHeadIsNeverLaterThanABatchThatItDoesNotKnow() {
        let hands = Hands()
        let clock = BatchClock(after: Timestamp(milliseconds: 0)) { hands.now }
        let batch = clock.beginBatch(after: Timestamp(milliseconds: 0))
        hands.set(5_000)
        #expect(clock.headTime() <= batch)
        clock.endBatch()
        #expect(clock.headTime() == Timestamp(milliseconds: 5_000))
    }

    @Test func aBatchIsNeverEarlierThanAHeadThatWasGiven() {
        let hands = Hands()
        let clock = BatchClock(after: Timestamp(milliseconds: 0)) { hands.now }
        hands.set(9_000)
        let head = clock.headTime()
        hands.set(2_000)
        #expect(clock.beginBatch(after: Timestamp(milliseconds: 0)) >= head)
    }

    /// A relay that was stopped, its clock set back, and started again.
    @Test func aHeadIsNeverEarlierThanAnEntryThatItKnows() {
        let hands = Hands()
        let clock = BatchClock(after: Timestamp(milliseconds: 7_000)) { hands.now }
        #expect(clock.headTime() == Timestamp(milliseconds: 7_000))
        hands.set(8_000)
        #expect(clock.headTime() == Timestamp(milliseconds: 8_000))
    }
}
