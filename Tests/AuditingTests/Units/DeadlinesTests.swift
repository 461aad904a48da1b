import FuzzSupport
import Statements
import Testing

@testable import Auditing

@Suite struct DeadlinesTests {
    private static func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

    @Test func aMessageIsDueAMinuteAfterTheLogFirstPassesItsExpiry() {
        var deadlines = Deadlines()
        deadlines.add(7, expires: Self.time(100))
        #expect(deadlines.advance(to: Self.time(99)) == [])
        #expect(deadlines.advance(to: Self.time(120)) == [])
        #expect(deadlines.advance(to: Self.time(180)) == [])
        #expect(deadlines.advance(to: Self.time(181)) == [7])
        #expect(deadlines.advance(to: Self.time(999)) == [])
    }

    @Test func messagesComeDueInTheOrderOfTheirExpiries() {
        var deadlines = Deadlines()
        var random = SplitMix64(seed: 20_261_123)
        let expiries = (0..<500).map { _ in Int64.random(in: 0..<10_000, using: &random) }
        for (message, expiry) in expiries.enumerated() { deadlines.add(message, expires: Self.time(expiry)) }
        var due: [Int] = []
        for second in stride(from: Int64(0), through: 10_200, by: 1) { due += deadlines.advance(to: Self.time(second)) }
        #expect(due.count == expiries.count)
        #expect(due.map { expiries[$0] } == expiries.sorted())
    }
}
