import Statements
import Testing

@testable import DeviceKit

/// The relay's time, as far as a device knows it.
@Suite struct RelayClockTests {
    private func ahead(_ seconds: Int64) -> Timestamp { Timestamp.now().adding(seconds: seconds) }

    /// A word that lay in the store for 9 s says nothing about clocks: receipts would be dated before what they receipt.
    @Test func anOldWordDoesNotSetTheClockBack() {
        let clock = RelayClock()
        clock.learn(atLeast: ahead(-9))
        #expect(clock.difference == 0)
        clock.learn(ahead(20))
        clock.learn(atLeast: ahead(11))
        #expect(clock.difference > 19_000)
    }

    @Test func whatNoWaitExplainsDoes() {
        let clock = RelayClock()
        clock.learn(atLeast: ahead(-90))
        #expect(clock.difference < -89_000)
        clock.learn(atLeast: ahead(-30))
        #expect(clock.difference > -31_000)
    }

    @Test func anAnswerOfJustNowIsBelievedEitherWay() {
        let clock = RelayClock()
        clock.learn(ahead(20))
        clock.learn(ahead(-20))
        #expect(clock.difference < -19_000)
        // The way of an answer is no difference.
        clock.learn(Timestamp.now().adding(milliseconds: -900))
        #expect(clock.difference == 0)
    }
}
