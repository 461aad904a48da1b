import DeviceKit
import Statements
import Testing

@testable import TerminalClient

/// What is acknowledged and not closed is brought up again: each time once.
@Suite struct TakenUpPlanTests {
    private let message = MessageID(bytes: [UInt8](repeating: 1, count: 16))
    private let start = Timestamp(milliseconds: 1_700_000_000_000)

    private func due(_ plan: inout TakenUpPlan, _ taken: TakenUp, _ seconds: Int64, reopen: UInt64 = 600) -> Bool {
        plan.isDue(message, taken, reopenSeconds: reopen, now: start.adding(seconds: seconds))
    }

    @Test func eachTimeOnce() {
        var plan = TakenUpPlan()
        plan.add(message)
        let taken = TakenUp(since: start, promisedAt: start.adding(seconds: 100))
        let seconds = (0...2_000).filter { due(&plan, taken, Int64($0)) }
        // The promise, the policy's time, and as much again.
        #expect(seconds == [100, 600, 1_200, 1_800])
        plan.add(message)
        #expect(!due(&plan, taken, 2_001))
    }

    @Test func aLaterPromiseCountsAnew() {
        var plan = TakenUpPlan()
        plan.add(message)
        #expect(due(&plan, TakenUp(since: start, promisedAt: start.adding(seconds: 100)), 100))
        let later = TakenUp(since: start, promisedAt: start.adding(seconds: 300))
        #expect(!due(&plan, later, 299))
        #expect(due(&plan, later, 300))
    }

    @Test func aPolicyThatSaysNeverRemindsOfPromisesAlone() {
        var plan = TakenUpPlan()
        plan.add(message)
        #expect(!due(&plan, TakenUp(since: start), 1_000_000, reopen: 0))
        #expect(!due(&plan, TakenUp(since: start), 1_000_000, reopen: .max))
        #expect(due(&plan, TakenUp(since: start, promisedAt: start.adding(seconds: 5)), 10, reopen: 0))
    }

    @Test func whatIsClosedIsForgotten() {
        var plan = TakenUpPlan()
        plan.add(message)
        let quiet = plan.remove(message)
        #expect(!quiet && plan.messages.isEmpty)
        #expect(!due(&plan, TakenUp(since: start), 1_000))
        plan.add(message)
        #expect(due(&plan, TakenUp(since: start), 1_000))
        let reminded = plan.remove(message)
        #expect(reminded)
    }
}
