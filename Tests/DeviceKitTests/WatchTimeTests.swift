import Statements
import Testing

@testable import DeviceKit

/// What time alone tells a watcher.
@Suite struct WatchTimeTests {
    private let start = ContinuousClock.now
    private let head = Timestamp(milliseconds: 1_700_000_000_000)

    private func after(_ seconds: Int) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }

    @Test func aStreamWithoutHeadsIsGivenUpAfterTwoAndAHalfMinutes() {
        var silence = HeadSilence(at: start)
        let early = silence.endsStream(at: after(149))
        let late = silence.endsStream(at: after(150))
        #expect(!early)
        #expect(late)
        // The next stream has its own time.
        silence.streamOpened(at: after(151))
        let fresh = silence.endsStream(at: after(300))
        #expect(!fresh)
    }

    @Test func headsEveryMinuteAreNoSilence() {
        var silence = HeadSilence(at: start)
        for minute in 1...60 {
            silence.look(at: head.adding(seconds: Int64(minute) * 60), now: after(minute * 60))
            let ends = silence.endsStream(at: after(minute * 60 + 59))
            let banner = silence.takeBanner(at: after(minute * 60 + 59))
            #expect(!ends && banner == nil)
        }
    }

    @Test func theSameHeadAgainIsNoNews() {
        var silence = HeadSilence(at: start)
        silence.look(at: head, now: start)
        silence.look(at: head, now: after(140))
        let ends = silence.endsStream(at: after(150))
        #expect(ends)
    }

    @Test func fiveMinutesAreToldAndEveryFiveAgain() {
        var silence = HeadSilence(at: start)
        let told = [299, 300, 301, 599, 600].map { silence.takeBanner(at: after($0)) }
        #expect(told == [nil, 300, nil, nil, 600])
        silence.look(at: head, now: after(610))
        let over = silence.takeBanner(at: after(900))
        #expect(over == nil)
    }

    @Test func streamAfterStreamWithoutOneIsAFinding() {
        var silence = HeadSilence(at: start)
        for stream in 1...3 {
            #expect(!silence.isFinding)
            silence.streamOpened(at: after(stream * 200 - 150))
            let ends = silence.endsStream(at: after(stream * 200))
            #expect(ends)
        }
        #expect(silence.isFinding)
        silence.look(at: head, now: after(700))
        #expect(!silence.isFinding)
    }

    /// Asked every hour, looked at every minute and behind every answer.
    @Test func witnessesAreAskedForEveryHour() {
        var watch = WitnessWatch()
        let asks = [0, 1, 3_599, 3_600, 3_601].map { watch.asks(at: after($0)) }
        #expect(asks == [true, false, false, true, false])
        let looks = [3_601, 3_602, 3_660, 3_661].map { watch.looks(at: after($0)) }
        #expect(looks == [true, false, false, true])
        let (asksAgain, looksAgain) = (watch.asks(at: after(7_200)), watch.looks(at: after(7_200)))
        #expect(asksAgain && looksAgain)
    }

    @Test func missingWitnessesAreNewsOnceAndOnceMoreWhenTheyVouchAgain() {
        var watch = WitnessWatch()
        let news = [nil, "1 of 2", "0 of 2", nil, nil, "1 of 2"].map { watch.isNews($0) }
        #expect(news == [false, true, false, true, false, true])
    }

    @Test func postingPausesLongerEachTimeAndNotForever() {
        var pause = PostingPause()
        #expect(pause.isOver(at: start))
        pause.failed(at: start)
        #expect(!pause.isOver(at: start))
        #expect(pause.isOver(at: after(1)))
        for _ in 1...20 { pause.failed(at: start) }
        #expect(!pause.isOver(at: after(59)))
        #expect(pause.isOver(at: after(60)))
        pause.succeeded()
        #expect(pause.isOver(at: start))
    }

    /// What was learnt on another way is fetched at once, whether the pause had begun or not.
    @Test(.timeLimit(.minutes(40))) func aPauseEndsWhenSomethingIsKnownToWait() async throws {
        let wakes = Wakes()
        wakes.note()
        try await wakes.pause(milliseconds: 600_000)
        try await wakes.pause(milliseconds: 600_000) { wakes.note() }
    }

    /// A deadline that passes while the link is down is told then, and not at the next try.
    @Test func whatOnlyTimeBringsIsLookedAtWhileTheLinkIsDown() async throws {
        var looks = 0
        try await Wakes().pause(milliseconds: 1_100) { looks += 1 }
        #expect(looks == 3)
    }

    // MARK: Deadlines

    private func message(
        _ id: MessageID, answered: Bool = false, patience: UInt64? = 300, life: Int64 = 3_600
    ) -> AnswerDeadlines.Message {
        AnswerDeadlines.Message(
            id: id, at: head, expires: head.adding(seconds: life), isAnswered: answered, patienceSeconds: patience)
    }

    @Test func anUnansweredMessageIsToldOnceAtItsDeadline() {
        var deadlines = AnswerDeadlines(began: head)
        let id = MessageID.make(at: head)
        let told = [0, 299, 300, 301, 4_000].map {
            deadlines.isOverdue(message(id), at: head.adding(seconds: $0))
        }
        #expect(told == [false, false, true, false, false])
        #expect(deadlines.isSettled(id))
    }

    @Test func whatNoDeviceHasInTimeIsToldBeforeTheAnswerIsLate() {
        var deadlines = AnswerDeadlines(began: head)
        let id = MessageID.make(at: head)
        func tell(_ seconds: Int64, delivered: Bool) -> Bool {
            deadlines.isOverdue(
                AnswerDeadlines.Message(
                    id: id, at: head, expires: head.adding(seconds: 3_600), isAnswered: false, isDelivered: delivered,
                    patienceSeconds: 300, deliverySeconds: 120), at: head.adding(seconds: seconds))
        }
        let told = [119, 120, 121].map { tell($0, delivered: false) }
        #expect(told == [false, true, false])
        // It came after all, and nobody answers: that is told as well, once.
        let later = [299, 300, 301].map { tell($0, delivered: true) }
        #expect(later == [false, true, false])
    }

    @Test func whatIsAnsweredOrWasOverBeforeIsNotTold() {
        // It began half a day after the one was over.
        var deadlines = AnswerDeadlines(began: head.adding(seconds: 100 + 43_200))
        let answered = deadlines.isOverdue(
            message(MessageID.make(at: head), answered: true), at: head.adding(seconds: 44_000))
        let over = deadlines.isOverdue(
            message(MessageID.make(at: head), life: 100), at: head.adding(seconds: 44_000))
        // While it was locked, nobody was told.
        let since = deadlines.isOverdue(
            message(MessageID.make(at: head), life: 101), at: head.adding(seconds: 44_000))
        #expect(!answered && !over && since)
    }

    @Test func whatIsNotSealedYetIsLateAfterTheStep() {
        var deadlines = AnswerDeadlines(began: head)
        let draft = AnswerDeadlines.Message(
            id: MessageID.make(at: head), at: head, expires: nil, isAnswered: false, patienceSeconds: 300)
        let told = [299, 300].map { deadlines.isOverdue(draft, at: head.adding(seconds: $0)) }
        #expect(told == [false, true])
    }

    @Test func withoutAStepTheExpiryIsTheDeadlineAndNothingIsLaterThanIt() {
        var deadlines = AnswerDeadlines(began: head)
        let routine = MessageID.make(at: head)
        let short = MessageID.make(at: head)
        let told = [3_599, 3_600].map {
            deadlines.isOverdue(message(routine, patience: nil), at: head.adding(seconds: $0))
        }
        let early = deadlines.isOverdue(message(short, life: 60), at: head.adding(seconds: 60))
        #expect(told == [false, true])
        #expect(early)
    }
}
