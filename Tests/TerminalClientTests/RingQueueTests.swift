import Statements
import Testing

@testable import TerminalClient

/// For what the program of `--command` runs, and in which order.
@Suite struct RingQueueTests {
    private func run(_ number: Int, _ urgency: Urgency = .urgent, _ event: RingQueue.Event = .ring) -> RingQueue.Run {
        let bytes = [UInt8](repeating: 0, count: 14) + [UInt8(number >> 8), UInt8(number & 0xFF)]
        return RingQueue.Run(event: event, urgency: urgency, message: MessageID(bytes: bytes))
    }

    /// Adds runs, of which none may be left out.
    private func add(_ runs: [RingQueue.Run], to queue: inout RingQueue) -> [RingQueue.Run] {
        runs.compactMap { run in
            let (start, leftOut) = queue.add(run)
            #expect(leftOut == nil)
            return start
        }
    }

    @Test func anEmergentMessageNeverWaitsForALesserOne() {
        var queue = RingQueue()
        let (lesser, emergent) = (run(1, .routine), run(2, .emergent))
        #expect(add([lesser, emergent], to: &queue) == [lesser, emergent])
        #expect(queue.waiting == [])
        // Nor a lesser one for it.
        let second = run(3, .emergent)
        #expect(add([second, run(4)], to: &queue) == [])
        #expect(queue.ended(lesser) == run(4))
        #expect(queue.ended(emergent) == second)
    }

    /// Nobody must answer a reply: it takes no place from a message that somebody must.
    @Test func repliesWaitForMessages() {
        var queue = RingQueue()
        var (first, second) = (run(1, .emergent), run(2, .emergent))
        (first.needsAnswer, second.needsAnswer) = (false, false)
        #expect(add([first, second], to: &queue) == [first])
        #expect(add([run(3, .routine), run(4, .emergent)], to: &queue) == [run(4, .emergent)])
        #expect(queue.ended(first) == run(3, .routine))
        #expect(queue.ended(run(3, .routine)) == second)
    }

    @Test func theMostUrgentGoesFirstThenTheNewThenTheEarlier() {
        var queue = RingQueue()
        let running = run(1)
        #expect(add([running], to: &queue) == [running])
        let expected = [run(5, .urgent), run(6, .urgent), run(4, .urgent, .again), run(3, .sameDay), run(2, .routine)]
        #expect(add([expected[4], expected[3], expected[2], expected[0], expected[1]], to: &queue) == [])
        var order: [RingQueue.Run] = []
        var next = queue.ended(running)
        while let run = next {
            order.append(run)
            next = queue.ended(run)
        }
        #expect(order == expected)
        // And then its place is free.
        #expect(add([running], to: &queue) == [running])
    }

    @Test func whatWaitsAlreadyIsNotAddedAgain() {
        var queue = RingQueue()
        let (first, second) = (run(1), run(2))
        #expect(add([first, second, second, run(2, .urgent, .again), second], to: &queue) == [first])
        #expect(queue.waiting == [second, run(2, .urgent, .again)])
        // What runs is over when it rings again.
        #expect(add([run(1, .urgent, .again)], to: &queue) == [])
        #expect(queue.waiting.count == 3)
    }

    @Test func anAnswerStopsWhatRingsAndNothingStandsInItsWay() {
        var queue = RingQueue()
        #expect(add([run(1), run(2), run(3)], to: &queue) == [run(1)])
        let answers = [run(1, .urgent, .answered), run(2, .urgent, .answered)]
        #expect(add(answers, to: &queue) == [answers[0]])
        #expect(queue.waiting.contains(answers[1]))
        #expect(!queue.waiting.contains(run(2)))
        #expect(queue.ended(run(1)) == run(3))
        #expect(queue.ended(answers[0]) == answers[1])
        #expect(queue.ended(answers[1]) == nil)
    }

    @Test func whatIsQuietRingsNoMoreUnlessItRingsAnew() {
        var queue = RingQueue()
        let quiet = [run(1, .urgent, .quiet), run(2, .urgent, .quiet)]
        #expect(add([run(1), run(2), quiet[0]], to: &queue) == [run(1), quiet[0]])
        #expect(add([quiet[1]], to: &queue) == [])
        #expect(queue.waiting == [quiet[1]])
        // In its place and not after it: whoever hears both must not end silent.
        #expect(add([run(2)], to: &queue) == [])
        #expect(queue.waiting == [run(2)])
    }

    @Test func tooManyAreLeftOutTheLeastUrgentFirstAndNeverAnAnswer() {
        var queue = RingQueue()
        #expect(add([run(0)], to: &queue) == [run(0)])
        #expect(add((1...RingQueue.longest).map { run($0, .sameDay) }, to: &queue) == [])
        #expect(queue.add(run(500, .routine)).leftOut == run(500, .routine))
        #expect(queue.add(run(501, .urgent)).leftOut == run(RingQueue.longest, .sameDay))
        #expect(queue.waiting.count == RingQueue.longest)
        let answers = (600..<900).map { run($0, .routine, .answered) }
        #expect(add(answers, to: &queue) == [answers[0]])
        var answered = [answers[0]]
        while let next = queue.ended(answered.last!) { answered.append(next) }
        #expect(answered == answers)
        #expect(queue.waiting.count == RingQueue.longest)
    }
}
