import Statements
import Testing

@testable import TerminalClient

/// What whoever waits for an audit is shown.
@Suite struct ProgressBarTests {
    private func text(
        _ done: UInt64, of size: UInt64, from first: UInt64 = 0, after seconds: Double, columns: Int = 100
    ) -> String {
        ProgressBar(log: .activity, done: done, size: size, first: first, seconds: seconds).text(columns: columns)
    }

    @Test func doneTotalRateAndTimeLeftAreShown() {
        #expect(
            text(50_000, of: 200_000, after: 10)
                == "[######                  ] activity  50000 of 200000 entries, 25 %, 5000/s, 0:30 left")
    }

    @Test func whatWasDoneBeforeThisRunIsNoPartOfTheRate() {
        #expect(text(150_000, of: 200_000, from: 100_000, after: 10).hasSuffix(" 75 %, 5000/s, 0:10 left"))
    }

    @Test func theFirstSecondPromisesNothing() {
        #expect(text(256, of: 200_000, after: 0.2).hasSuffix("] activity  256 of 200000 entries, 0 %"))
    }

    @Test func longWaitsAreToldInHours() {
        #expect(text(1_000, of: 10_000_000, after: 1).hasSuffix(", 1000/s, 2 h 46 min left"))
    }

    @Test func aNarrowTerminalGetsWordsThatFitAndNoBar() {
        let narrow = text(50_000, of: 200_000, after: 10, columns: 70)
        #expect(narrow.hasPrefix("activity  50000 of 200000"))
        #expect(text(50_000, of: 200_000, after: 10, columns: 20).count == 19)
    }

    @Test func theEndIsFull() {
        #expect(text(10, of: 10, after: 0).hasPrefix("[########################] "))
    }
}
