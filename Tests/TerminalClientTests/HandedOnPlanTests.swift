import Statements
import Testing

@testable import TerminalClient

/// Whoever handed a message on answers for it until somebody takes it up.
@Suite struct HandedOnPlanTests {
    private let message = MessageID(bytes: [UInt8](repeating: 1, count: 16))
    private let start = Timestamp(milliseconds: 1_700_000_000_000)
    private let policy = Policy()

    private func forward(_ state: String, at seconds: Int64 = 0) -> CarriedOn {
        let at = start.adding(seconds: seconds)
        return CarriedOn(to: "Dr. Noor", state: state, since: at, at: at, expires: at.adding(seconds: 86_400))
    }

    private func look(_ plan: inout HandedOnPlan, _ forward: CarriedOn?, _ seconds: Int64) -> RingQueue.Event? {
        plan.look(message, .emergent, forward, policy, now: start.adding(seconds: seconds))
    }

    /// 5 minutes, by the standard policy.
    private var patience: Int64 { Int64(policy.alerts[.emergent]!.nextStepSeconds) }

    @Test func itRingsWhenNobodyTakesItUpInTimeAndIsAnsweredWhenSomebodyDoes() {
        var plan = HandedOnPlan()
        let events = [0, patience - 1, patience, patience + 1].map { look(&plan, forward("delivered"), $0) }
        #expect(events == [nil, nil, .ring, nil])
        #expect(plan.ringing == [.emergent])
        let taken = [patience + 2, patience + 3].map { look(&plan, forward("acknowledged"), $0) }
        #expect(taken == [.answered, nil])
        #expect(plan.ringing.isEmpty && !plan.follows(message))
    }

    @Test func aNoRingsAtOnceAndTheNextHandIsWaitedFor() {
        var plan = HandedOnPlan()
        let declined = [forward("read"), forward("declined", at: 20)].map { look(&plan, $0, 20) }
        #expect(declined == [nil, .ring])
        // Handed to somebody else: quiet, until that one is late as well.
        let next = [60, 60 + patience].map { look(&plan, forward("waiting", at: 60), $0) }
        #expect(next == [.quiet, .ring])
        // Closed by whoever handed it on.
        let closed = look(&plan, nil, 400)
        #expect(closed == .answered)
    }

    @Test func whatWasTakenUpBeforeIsNobodysNews() {
        var plan = HandedOnPlan()
        let events = ["acknowledged", "handed_off", "closed"].map { look(&plan, forward($0), 1_000) }
        #expect(events == [nil, nil, nil])
    }
}
