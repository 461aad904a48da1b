import DeviceKit
import Statements
import Testing

@testable import TerminalClient

/// What a watcher rings for and says of what was sent from here, before somebody asks.
@Suite struct TelephonePlanTests {
    private let one = MessageID(bytes: [UInt8](repeating: 1, count: 16))
    private let two = MessageID(bytes: [UInt8](repeating: 2, count: 16))
    private let start = Timestamp(milliseconds: 1_700_000_000_000)

    @Test func whatComesOnTheListRingsAndWhatIsOffItNoMore() {
        var plan = TelephonePlan()
        let first = plan.look([one: "a"])
        let same = plan.look([one: "a"])
        let next = plan.look([two: "a"])
        let back = plan.look([one: "a", two: "a"])
        let other = plan.look([one: "a", two: "b"])
        #expect(first.new == [one] && first.over.isEmpty)
        #expect(same.new.isEmpty && same.over.isEmpty)
        #expect(next.new == [two] && next.over == [one])
        // What is new about it brings it back.
        #expect(back.new == [one] && back.over.isEmpty)
        // It is there for another reason.
        #expect(other.new == [two] && other.over.isEmpty)
    }

    private func isNews(
        _ plan: inout UndeliveredPlan, _ seconds: Int64, _ urgency: Urgency = .emergent, isWaiting: Bool = true,
        isAlarm: Bool = false
    ) -> Bool {
        plan.isNews(
            one, urgency, at: start, isWaiting: isWaiting, isAlarm: isAlarm, now: start.adding(seconds: seconds))
    }

    @Test func whatNoDeviceHasIsToldOnceAfterHalfAMinute() {
        var plan = UndeliveredPlan()
        let told = [29, 30, 31].map { isNews(&plan, $0) }
        #expect(told == [false, true, false])
    }

    @Test func whatIsDeliveredOrAlarmsOrCanWaitIsNotTold() {
        var plan = UndeliveredPlan()
        let told = [
            isNews(&plan, 40, isWaiting: false), isNews(&plan, 40, isAlarm: true), isNews(&plan, 40, .sameDay),
        ]
        #expect(told == [false, false, false])
        let urgent = isNews(&plan, 40, .urgent)
        #expect(urgent)
    }

    @Test func whatNoDeviceHasIsSaidWithTheNextStep() {
        let time = WallClock.here.moment(start, now: start)
        #expect(
            Desk.undelivered("Dr. Max", "EMERGENT", at: start, now: start)
                == "NOT YET WITH ANY DEVICE of Dr. Max: EMERGENT, sent \(time). If that stays so, TELEPHONE Dr. Max")
    }
}
