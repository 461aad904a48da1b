import DeviceKit
import Statements
import Testing

@testable import TerminalClient

/// What rings, when again, and until when.
@Suite struct RingPlanTests {
    private let start = ContinuousClock.now
    private let wall = Timestamp(milliseconds: 1_700_000_000_000)

    private func ringing(
        _ number: UInt8, _ urgency: Urgency = .urgent, again: Int64? = 300, life: Int64 = 3_600
    ) -> RingPlan.Ringing {
        RingPlan.Ringing(
            message: MessageID(bytes: [UInt8](repeating: number, count: 16)), urgency: urgency, text: "",
            expires: wall.adding(seconds: life), again: again.map { .seconds($0) })
    }

    private func due(_ plan: inout RingPlan, _ seconds: Int64) -> [MessageID] {
        events(&plan, seconds).filter { $0.1 == .again }.map(\.0.message)
    }

    private func events(_ plan: inout RingPlan, _ seconds: Int64) -> [(RingPlan.Ringing, RingQueue.Event)] {
        plan.due(now: start.advanced(by: .seconds(seconds)), wall: wall.adding(seconds: seconds))
    }

    @Test func ringsAtOnceAndAgainByThePolicyUntilItIsAnswered() {
        var plan = RingPlan()
        let message = ringing(1)
        let first = plan.add(message, now: start, wall: wall)
        let repeated = plan.add(message, now: start, wall: wall)
        #expect(first && !repeated)
        #expect(due(&plan, 299) == [])
        #expect(due(&plan, 300) == [message.message])
        #expect(due(&plan, 301) == [])
        #expect(due(&plan, 600) == [message.message])
        let answered = plan.answered(message.message)
        #expect(answered == message)
        #expect(due(&plan, 3_000) == [])
        // More of it is proven later: it was answered.
        let later = plan.add(message, now: start, wall: wall)
        #expect(!later && plan.waiting == [])
    }

    @Test func anUrgencyWithoutARealertRingsOnce() {
        var plan = RingPlan()
        let rings = plan.add(ringing(1, .routine, again: nil), now: start, wall: wall)
        #expect(rings)
        #expect(due(&plan, 3_599) == [])
        #expect(plan.waiting.count == 1)
    }

    @Test func whatIsOverRingsNoMore() {
        var plan = RingPlan()
        let message = ringing(1, life: 400)
        _ = plan.add(message, now: start, wall: wall)
        #expect(due(&plan, 399) == [message.message])
        // Nobody has answered it, and nobody is told so.
        let over = events(&plan, 700)
        #expect(over.map(\.0) == [message] && over.map(\.1) == [.quiet])
        #expect(plan.waiting == [])
        let anew = plan.add(ringing(2, life: 0), now: start, wall: wall)
        #expect(!anew)
    }

    @Test func theMostUrgentRingsFirstAndASleepIsMadeUpForOnce() {
        var plan = RingPlan()
        let urgent = ringing(1, .urgent)
        let emergent = ringing(2, .emergent, again: 120)
        for message in [urgent, emergent] { _ = plan.add(message, now: start, wall: wall) }
        #expect(due(&plan, 3_000) == [emergent.message, urgent.message])
        #expect(due(&plan, 3_001) == [])
    }

    @Test func whatIsHandedOnIsQuietAndAnsweredByWhoeverTakesItUp() {
        var plan = RingPlan()
        let message = ringing(1)
        _ = plan.add(message, now: start, wall: wall)
        let open = plan.settle(message.message, .open)
        #expect(open == nil && plan.waiting == [message.message])
        let handedOn = plan.settle(message.message, .handedOn)
        #expect(handedOn?.0 == message && handedOn?.1 == .quiet && plan.waiting == [])
        // In vain: it rings anew, whatever was said of it before, and by the policy's times again.
        var anew = ringing(1)
        anew.isHandedOn = true
        let rings = plan.reopen(anew, now: start, wall: wall)
        let before = [AnswerStanding.handedOn, .answered].map { plan.settle(message.message, $0) != nil }
        #expect(rings && before == [false, false])
        #expect(due(&plan, 300) == [message.message])
        let late = plan.reopen(ringing(1, life: 0), now: start, wall: wall)
        #expect(!late && plan.waiting == [])
        _ = plan.add(ringing(2), now: start, wall: wall)
        let answered = plan.settle(ringing(2).message, .answered)
        #expect(answered?.1 == .answered)
    }

    /// What was sent from here is off its sender's list when they say so, or somebody answers: no expiry ends it.
    @Test func whatMustBeTelephonedRingsUntilThatIsDone() {
        var plan = RingPlan()
        let message = RingPlan.Ringing(
            message: ringing(1).message, urgency: .emergent, text: "", expires: nil, again: .seconds(120), isSent: true)
        let rings = plan.reopen(message, now: start, wall: wall)
        #expect(rings && plan.urgencies == [] && plan.urgenciesInVain == [.emergent])
        let settled = plan.settle(message.message, .answered)
        #expect(settled == nil)
        #expect(due(&plan, 1_000_000) == [message.message])
        plan.answered(message.message)
        #expect(due(&plan, 2_000_000) == [] && plan.urgenciesInVain == [])
    }

    // MARK: Texts

    @Test func nobodyIsAdvisedToDoWhatIsDone() {
        #expect(RingText.noDesktop(hasCommand: false).hasSuffix("look at this window, or use --command"))
        #expect(RingText.noDesktop(hasCommand: true).hasSuffix("look at this window"))
    }

    @Test func aNotificationSaysWhomToTelephone() {
        #expect(RingText.telephone(.sameDay, to: "Dr. <b>") == "CALL BY TELEPHONE: same day message to Dr. &lt;b&gt;.")
    }

    @Test func aNotificationSaysWhoAndHowUrgentAndNoMarkup() {
        #expect(RingText.alert(.emergent, from: "Front Desk") == "Emergent message from Front Desk.")
        #expect(RingText.alert(.sameDay, from: "<b>&") == "Same day message from &lt;b&gt;&amp;.")
        #expect(RingText.alert(.urgent, from: String(repeating: "a", count: 500)).count < 100)
        #expect(!RingText.alert(.urgent, from: "a\u{1B}[31mb").contains("\u{1B}"))
    }
}
