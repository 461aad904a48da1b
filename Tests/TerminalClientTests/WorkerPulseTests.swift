import Testing

@testable import TerminalClient

/// A worker that does nothing any more is noticed; time in which nobody looked is none of its.
@Suite struct WorkerPulseTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func aSilentOneIsNoticedAfterHalfAMinute() {
        var pulse = WorkerPulse(at: start)
        let over = (1...40).first { pulse.isOver(at: at($0)) }
        #expect(over == 31)
    }

    @Test func oneThatBeatsIsNot() {
        var pulse = WorkerPulse(at: start)
        let over = (1...400).first { second in
            if second.isMultiple(of: 29) { pulse.beat() }
            return pulse.isOver(at: at(second))
        }
        #expect(over == nil)
    }

    @Test func whoeverSleptForAnHourGivesItItsTime() {
        var pulse = WorkerPulse(at: start)
        let first = pulse.isOver(at: at(3_600))
        let next = pulse.isOver(at: at(3_620))
        #expect(!first && !next)
    }
}
