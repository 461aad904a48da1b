import Statements
import Testing

@testable import TerminalClient

/// What rings because a page said so.
@Suite struct PageRingingTests {
    private let start = ContinuousClock.now
    private let wall = Timestamp(milliseconds: 1_000_000)
    private let message = MessageID(bytes: [UInt8](repeating: 1, count: 16))

    private func ringing(isPaged: Bool, again: Duration? = .seconds(60)) -> RingPlan.Ringing {
        RingPlan.Ringing(
            message: message, urgency: .emergent, text: isPaged ? "paged" : "here",
            expires: wall.adding(seconds: 3_600),
            again: again, isPaged: isPaged)
    }

    @Test func aPageRingsOnceAndItsMessageDoesNotRingAnew() {
        let plan = Plan()
        #expect(plan.add(ringing(isPaged: true), now: start, wall: wall))
        #expect(!plan.add(ringing(isPaged: true), now: start, wall: wall))
        #expect(!plan.add(ringing(isPaged: false), now: start + .seconds(10), wall: wall))
        // It goes on as what it is, at the time that it would have rung again.
        #expect(plan.due(now: start + .seconds(59), wall: wall).isEmpty)
        #expect(plan.due(now: start + .seconds(60), wall: wall).map(\.0.text) == ["here"])
        #expect(plan.withdraw(message) == nil)
    }

    /// Nobody has to answer a reply, and a page does not say that it is one.
    @Test func aReplyThatWasPagedDoesNotRingAgain() {
        let plan = Plan()
        #expect(plan.add(ringing(isPaged: true), now: start, wall: wall))
        #expect(!plan.add(ringing(isPaged: false, again: nil), now: start, wall: wall))
        #expect(plan.due(now: start + .seconds(600), wall: wall).isEmpty)
    }

    @Test func whatIsNotConfirmedIsQuietAndRingsWhenItComesAfterAll() {
        let plan = Plan()
        #expect(plan.add(ringing(isPaged: true), now: start, wall: wall))
        #expect(plan.withdraw(message)?.text == "paged")
        #expect(plan.waiting.isEmpty && plan.withdraw(message) == nil)
        #expect(plan.add(ringing(isPaged: false), now: start, wall: wall))
    }

    @Test func aPageOfWhatWasAnsweredIsQuiet() {
        let plan = Plan()
        #expect(plan.add(ringing(isPaged: false), now: start, wall: wall))
        plan.answered(message)
        #expect(!plan.add(ringing(isPaged: true), now: start, wall: wall))
    }

    @Test func remarksAreCountedAndNotRepeated() {
        let limit = Limit()
        #expect(limit.words("a", at: start) == "a")
        #expect(limit.words("b", at: start + .seconds(1)) == nil)
        #expect(limit.words("c", at: start + .seconds(4)) == nil)
        #expect(limit.words("d", at: start + .seconds(5))?.contains("and 2 more") == true)
        #expect(limit.words("e", at: start + .seconds(11)) == "e")
    }

    @Test func errandsAreDoneOnceEach() async {
        let errands = PageErrands()
        for _ in 0..<5 { errands.add(.connect) }
        #expect(errands.take().count == 1)
        #expect(errands.take().isEmpty)
        for await _ in errands.signals { break }
    }
}

/// The plan, as what a test can ask in one sentence.
private final class Plan {
    private var plan = RingPlan()

    var waiting: [MessageID] { plan.waiting }

    func add(_ ringing: RingPlan.Ringing, now: ContinuousClock.Instant, wall: Timestamp) -> Bool {
        plan.add(ringing, now: now, wall: wall)
    }
    func due(now: ContinuousClock.Instant, wall: Timestamp) -> [(RingPlan.Ringing, RingQueue.Event)] {
        plan.due(now: now, wall: wall)
    }
    func withdraw(_ message: MessageID) -> RingPlan.Ringing? { plan.withdraw(message) }
    func answered(_ message: MessageID) { plan.answered(message) }
}

/// The same of remarks.
private final class Limit {
    private var limit = RemarkLimit()

    func words(_ remark: String, at now: ContinuousClock.Instant) -> String? { limit.words(remark, at: now) }
}
