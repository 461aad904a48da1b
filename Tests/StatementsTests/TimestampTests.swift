import FuzzSupport
import Statements
import Testing

@Suite struct TimestampTests {
    private func parse(_ text: String) -> Timestamp? { Timestamp(Array(text.utf8)) }

    /// Milliseconds by `date -u -d … +%s`.
    @Test(
        arguments: [
            ("1970-01-01T00:00:00.000Z", 0), ("1970-01-01T00:00:00.001Z", 1),
            ("2000-02-29T12:00:00.000Z", 951_825_600_000),
            ("2024-02-29T23:59:59.999Z", 1_709_251_199_999), ("2026-11-23T03:07:09.250Z", 1_795_403_229_250),
            ("2100-03-01T00:00:00.000Z", 4_107_542_400_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int64)]) func readsAndWritesKnownTimes(_ text: String, _ milliseconds: Int64) throws
    {
        let time = try #require(parse(text))
        #expect(time.milliseconds == milliseconds)
        #expect(time.description == text)
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test(arguments: [
        "2026-02-30T00:00:00.000Z", "2026-02-29T00:00:00.000Z", "1900-02-29T00:00:00.000Z", "2100-02-29T00:00:00.000Z",
        "2026-04-31T00:00:00.000Z", "2026-00-01T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-01-00T00:00:00.000Z",
        "2026-01-32T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "0000-01-01T00:00:00.000Z", "2026-01-01T24:00:00.000Z",
        "2026-01-01T00:60:00.000Z", "2026-01-01T00:00:60.000Z", "2016-12-31T23:59:60.000Z", "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.00Z", "2026-01-01T00:00:00.0000Z", "2026-01-01T00:00:00,000Z", "2026-01-01 00:00:00.000Z",
        "2026-01-01t00:00:00.000z", "2026-01-01T00:00:00.000+00:00", "2026-01-01T00:00:00.000", "20260101T000000.000Z",
        "+026-01-01T00:00:00.000Z", "2026-1-01T00:00:00.0000Z", "2026-01-01T00:00:00.00\u{661}Z", "", "none",
    ]) func refusesEveryOtherForm(_ text: String) { #expect(parse(text) == nil) }

    @Test func everyDayOfFourCenturiesComesBack() throws {
        var days = 0
        // 400 years have 146,097 days; every seventh, and the days around each February's end.
        for day in stride(from: Int64(10_957), through: 10_957 + 146_097, by: 7) {
            let time = Timestamp(milliseconds: day * 86_400_000 + 86_399_999)
            #expect(parse(time.description) == time)
            days += 1
        }
        #expect(days > 20_000)
        for year in 1970...2400 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            #expect((parse("\(year)-02-29T00:00:00.000Z") != nil) == isLeap)
            let last = try #require(parse("\(year)-02-\(isLeap ? 29 : 28)T23:59:59.999Z"))
            #expect(last.adding(milliseconds: 1).description == "\(year)-03-01T00:00:00.000Z")
        }
    }

    @Test func staysWithinWhatTheTextCanSay() {
        #expect(Timestamp(milliseconds: -1).milliseconds == 0)
        #expect(Timestamp(milliseconds: .min).description == "1970-01-01T00:00:00.000Z")
        #expect(Timestamp(milliseconds: .max).description == "9999-12-31T23:59:59.999Z")
        let time = Timestamp(milliseconds: 5_000)
        for seconds: Int64 in [Int64.max, Int64.max / 1000 + 1, 1 << 53] {
            #expect(time.adding(seconds: seconds).description == "9999-12-31T23:59:59.999Z")
            #expect(time.adding(seconds: -seconds).milliseconds == 0)
        }
        #expect(time.adding(milliseconds: .max).description == "9999-12-31T23:59:59.999Z")
        #expect(time.adding(milliseconds: .min).milliseconds == 0)
        #expect(time.adding(seconds: .min).milliseconds == 0)
        #expect(time.adding(seconds: 2).milliseconds == 7_000)
        #expect(time.adding(milliseconds: -2).milliseconds == 4_998)
        #expect(time.milliseconds(since: Timestamp(milliseconds: 7_000)) == -2_000)
    }

    @Test func textsSortLikeTimes() {
        var random = RandomStatements("times")
        for _ in 0..<300 {
            let (a, b) = (random.time(), random.time())
            #expect((a < b) == a.description.utf8.lexicographicallyPrecedes(b.description.utf8))
        }
    }

    @Test func nowIsAfterThisWasWritten() {
        let now = Timestamp.now()
        #expect(now > Timestamp(milliseconds: 1_700_000_000_000))
        #expect(parse(now.description) == now)
    }
}
