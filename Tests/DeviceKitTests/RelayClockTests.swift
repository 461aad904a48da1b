import Statements
import Testing

@testable import DeviceKit

/// The relay's time, as far as a device knows it.
@Suite struct RelayClockTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func ahead(_ seconds: Int64) -> Timestamp { now.adding(seconds: seconds) }

    /// A word that lay in the store for 9 s says nothing about clocks: receipts would be dated before what they receipt.
    @Test func anOldWordDoesNotSetTheClockBack() {
        let clock = RelayClock()
        clock.learn(atLeast: ahead(-9), here: now)
        #expect(clock.difference == 0)
        clock.learn(ahead(20), here: now)
        clock.learn(atLeast: ahead(11), here: now)
        #expect(clock.difference == 20_000)
    }

    @Test func whatNoWaitExplainsDoes() {
        let clock = RelayClock()
        clock.learn(atLeast: ahead(-90), here: now)
        #expect(clock.difference == -90_000)
        clock.learn(atLeast: ahead(-30), here: now)
        #expect(clock.difference == -30_000)
    }

    @Test func anAnswerOfJustNowIsBelievedEitherWay() {
        let clock = RelayClock()
        clock.learn(ahead(20), here: now)
        clock.learn(ahead(-20), here: now)
        #expect(clock.difference == -20_000)
        // The way of an answer is no difference.
        clock.learn(now.adding(milliseconds: -900), here: now)
        #expect(clock.difference == 0)
    }
}
