import DeviceKit
import Statements
import Testing

@testable import TerminalClient

/// Which messages an auditor asks for: all that is given must hold.
@Suite struct MessageFilterTests {
    private let noor = MemberID.random()
    private let desk = MemberID.random()
    private let at = ScreenStage.start

    private func admits(
        _ filter: MessageFilter, _ urgency: Urgency = .urgent, isUnanswered: Bool = false
    ) -> Bool {
        filter.admits(to: noor, from: desk, urgency, isUnanswered: isUnanswered, at: at)
    }

    @Test func withoutAFilterAllAreListed() {
        #expect(admits(MessageFilter()) && admits(MessageFilter(), .routine, isUnanswered: true))
    }

    @Test func eachFilterAdmitsWhatItNames() {
        #expect(admits(MessageFilter(to: noor)) && !admits(MessageFilter(to: desk)))
        #expect(admits(MessageFilter(from: desk)) && !admits(MessageFilter(from: noor)))
        #expect(admits(MessageFilter(urgency: .urgent)) && !admits(MessageFilter(urgency: .emergent)))
        let unanswered = MessageFilter(isUnanswered: true)
        #expect(admits(unanswered, isUnanswered: true) && !admits(unanswered))
    }

    /// From the one moment on, and before the other.
    @Test func theSpanIsHalfOpen() {
        #expect(admits(MessageFilter(since: at)) && !admits(MessageFilter(since: at.adding(seconds: 1))))
        #expect(!admits(MessageFilter(until: at)) && admits(MessageFilter(until: at.adding(seconds: 1))))
    }

    @Test func allThatIsGivenMustHold() {
        #expect(admits(MessageFilter(to: noor, from: desk, urgency: .urgent)))
        #expect(!admits(MessageFilter(to: noor, from: desk, urgency: .routine)))
        #expect(!admits(MessageFilter(to: noor, from: noor, urgency: .urgent)))
    }
}
