import Statements
import Testing

@testable import Auditing

/// Percentiles, zones, periods.
@Suite struct ReportFigureTests {
    @Test func percentilesAreValuesThatOccurred() {
        let hundred = Distribution((1...100).map { Int64($0) }.shuffled())
        #expect(hundred.median == 50)
        #expect([90, 95, 99].map(hundred.percentile) == [90, 95, 99])
        #expect(hundred.maximum == 100)
        // The definition, counted out: the least value that at least so many of a hundred do not exceed.
        var numbers = SeededNumbers(7)
        for count in 1...60 {
            // Small ones of which many are the same, and from a millisecond to years, before an entry's own time too.
            let bound: Int64 = count % 2 == 0 ? 40 : 1 << Int64.random(in: 1...40, using: &numbers)
            let values = (0..<count).map { _ in Int64.random(in: -3..<bound, using: &numbers) }
            #expect(Distribution(values).maximum == values.max() && Distribution(values).count == count)
            for percent in Distribution.percents {
                let counted = values.sorted().first { value in
                    values.count { $0 <= value } * 100 >= percent * values.count
                }
                #expect(Distribution(values).percentile(percent) == counted, "\(values) \(percent)")
            }
        }
        #expect(Distribution([]).median == nil)
        #expect(Distribution([]).maximum == nil)
        #expect(Distribution([5]).percentile(99) == 5)
    }

    /// What bounds the memory of a percentile: no stretch is wider than a thousandth of what lies in it.
    @Test func stretchesAscendAndAreNarrow() {
        var last = DistributionTally.stretch(of: -5_000)
        for value in Int64(-4_999)...100_000 {
            let stretch = DistributionTally.stretch(of: value)
            #expect(stretch == last || stretch == last + 1, "\(value)")
            #expect(stretch == last + 1 || !(-1_000...2_048).contains(value), "small values are told apart")
            last = stretch
        }
        for value in [Int64(1) << 30, 1 << 45, Int64.max - 1] {
            #expect(DistributionTally.stretch(of: value) > DistributionTally.stretch(of: value - value / 500))
        }
        #expect(DistributionTally.stretch(of: .max) < 60_000)
    }

    @Test func daysAndHoursAreThoseOfTheZoneAlsoWhenClocksAreSet() throws {
        let chicago = try #require(ReportZone("America/Chicago"))
        func time(_ text: String) -> Timestamp { Timestamp(Array(text.utf8))! }
        // On 8 March 2026 the hour from 02:00 is missing there, on 1 November the one from 01:00 comes twice.
        #expect(chicago.start(ofDay: "2026-03-08") == time("2026-03-08T06:00:00.000Z"))
        #expect(chicago.start(ofDay: "2026-03-08", plusDays: 1) == time("2026-03-09T05:00:00.000Z"))
        #expect(chicago.start(ofDay: "2026-11-01", plusDays: 1) == time("2026-11-02T06:00:00.000Z"))
        var clock = ZoneClock(chicago)
        for (utc, day, hour) in [
            ("2026-03-08T05:59:59.999Z", "2026-03-07", 23), ("2026-03-08T06:00:00.000Z", "2026-03-08", 0),
            ("2026-03-08T07:59:59.999Z", "2026-03-08", 1), ("2026-03-08T08:00:00.000Z", "2026-03-08", 3),
            ("2026-11-01T06:30:00.000Z", "2026-11-01", 1), ("2026-11-01T07:30:00.000Z", "2026-11-01", 1),
            ("2026-11-01T08:00:00.000Z", "2026-11-01", 2),
        ] {
            #expect(clock.day(time(utc)) == day, "\(utc)")
            #expect(clock.hour(time(utc)) == hour, "\(utc)")
        }
        #expect(chicago.minute(time("2026-11-01T07:30:00.000Z")) == "2026-11-01 01:30")
        // A time of the day is the last one that has passed, also over night and where an hour is missing.
        #expect(
            chicago.last(hour: 6, minute: 30, now: time("2026-11-01T12:30:00.000Z")) == time("2026-11-01T12:30:00.000Z")
        )
        #expect(
            chicago.last(hour: 6, minute: 31, now: time("2026-11-01T12:30:00.000Z")) == time("2026-10-31T11:31:00.000Z")
        )
        #expect(
            chicago.last(hour: 23, minute: 0, now: time("2026-03-08T12:00:00.000Z")) == time("2026-03-08T05:00:00.000Z")
        )
        #expect(
            ReportZone.utc.last(hour: 0, minute: 0, now: time("2026-03-08T00:00:00.000Z"))
                == time("2026-03-08T00:00:00.000Z"))
        // Half an hour off, and a day that begins at one o'clock.
        let kolkata = try #require(ReportZone("Asia/Kolkata"))
        #expect(kolkata.start(ofDay: "2026-01-01") == time("2025-12-31T18:30:00.000Z"))
        let beirut = try #require(ReportZone("Asia/Beirut"))
        #expect(beirut.start(ofDay: "2026-03-29") == time("2026-03-28T22:00:00.000Z"))
        for name in [
            "", "Nowhere", "America/Nowhere", "UTC+1", "EST", "GMT", "GMT+0100", "/UTC", "../../etc/localtime",
            "America/Chicago\n", String(repeating: "A", count: 65),
        ] {
            #expect(ReportZone(name) == nil, "\(name)")
        }
    }

    @Test func aPeriodHasItsFirstDayAndItsLast() throws {
        let period = try #require(ReportPeriod(from: "2026-11-01", to: "2026-11-30", zone: .utc))
        #expect(period.start.description == "2026-11-01T00:00:00.000Z")
        #expect(period.end.description == "2026-12-01T00:00:00.000Z")
        #expect(period.contains(period.start) && !period.contains(period.end))
        let moments = try #require(
            ReportPeriod(from: "2026-11-01T06:00:00.000Z", to: "2026-11-01T07:00:00.000Z", zone: .utc))
        #expect(moments.end.milliseconds(since: moments.start) == 3_600_000)
        #expect(ReportPeriod(from: "2026-11-01T06:00:00Z", to: "2026-11-01T07:00:00Z", zone: .utc) == moments)
        for (from, to) in [
            ("2026-11-02", "2026-11-01"), ("2026-02-30", "2026-03-01"), ("2026-1-1", "2026-03-01"), ("", ""),
            ("2026-11-01T00:00:00", "2026-11-02"), ("2026-11-01T00:00:00X", "2026-11-02"),
            ("2026-11-01T00:00:00.0Z", "2026-11-02"), ("2026-11-01T06:00:00.000Z", "2026-11-01T06:00:00.000Z"),
            ("yesterday", "today"),
        ] {
            #expect(ReportPeriod(from: from, to: to, zone: .utc) == nil, "\(from) \(to)")
        }
        // A day there is not a day here.
        let day = try #require(ReportPeriod(from: "2026-03-08", to: "2026-03-08", zone: ReportZone("America/Chicago")!))
        #expect(day.end.milliseconds(since: day.start) == 23 * 3_600_000)
    }

    @Test func spansAreRoundedToWhatIsShown() {
        let words = [
            0: "0.0 s", 49: "0.0 s", 50: "0.1 s", 999: "1.0 s", 4_076: "4.1 s", 6_776: "6.8 s", 9_949: "9.9 s",
            9_950: "10 s", 10_000: "10 s", 59_499: "59 s", 59_500: "1 min", 60_000: "1 min", 200_000: "3 min 20 s",
            3_599_499: "59 min 59 s", 3_599_500: "1 h", 3_600_000: "1 h", 7_500_000: "2 h 05 min",
            86_369_999: "23 h 59 min", 86_370_000: "1 d 0 h", 86_400_000: "1 d 0 h", 273_600_000: "3 d 4 h",
            // Of a log whose times decrease.
            -4_076: "-4.1 s", -7_500_000: "-2 h 05 min",
        ]
        for (milliseconds, text) in words { #expect(SpanText.words(milliseconds: Int64(milliseconds)) == text) }
        #expect(SpanText.seconds(milliseconds: 61_007) == "61.007")
        #expect(SpanText.seconds(milliseconds: -1_500) == "-1.500")
    }

    @Test func idsAreCutWhereTheyAreStillUnique() {
        func length(_ listed: [String], among all: [String]) -> Int {
            var length = UniqueLength(listed)
            for id in all { length.meet(id) }
            return length.length
        }
        #expect(length([], among: ["msg-aaaaaaaaaa", "msg-aaaaaaaaab"]) == 12)
        #expect(length(["msg-aaaaaaaaaa", "msg-baaaaaaaaa"], among: ["msg-aaaaaaaaaa", "msg-baaaaaaaaa"]) == 12)
        let three = ["msg-aaaaaaaaaac", "msg-b", "msg-aaaaaaaaaab"]
        #expect(length(three, among: three) == 15)
        // One that is not listed is told apart as well.
        for other in ["msg-aaaaaaaaaaaa", "msg-aaaaaaaaaaad", "msg-aaaaaaaaaaab"] {
            #expect(length(["msg-aaaaaaaaaaac"], among: ["msg-b", other, "msg-aaaaaaaaaaac"]) == 16)
        }
    }

    @Test func anAxisReachesAsFarAsWhatIsOnIt() {
        #expect(TimeScale(minimum: 0, maximum: 0).ticks.map(\.label) == ["≤ 0.1 s", "1 s", "10 s", "1 min"])
        // A tenth of a second is not drawn where a second is.
        let short = TimeScale(minimum: 100, maximum: 900)
        #expect(short.place(100) == 0 && short.place(300) > 0 && short.place(1_000) > short.place(300))
        #expect(TimeScale(minimum: 0, maximum: 600_001).ticks.last?.label == "1 h")
        #expect(TimeScale(minimum: 61_000, maximum: 62_000).ticks.map(\.label) == ["1 min", "10 min", "1 h", "6 h"])
        let beyond = TimeScale(minimum: .max, maximum: .max)
        #expect(beyond.ticks.count == 4 && beyond.place(.max) == 1 && beyond.place(0) == 0)
        let scale = TimeScale(minimum: 1_500, maximum: 90_000_000)
        #expect(scale.ticks.last?.label == "1 week")
        #expect(scale.place(0) == 0 && scale.place(1_000) == 0 && scale.place(604_800_000) == 1)
        #expect(scale.place(Int64.max) == 1)
        let places = [1_000, 5_000, 60_000, 3_600_000].map { scale.place($0) }
        #expect(places == places.sorted() && Set(places).count == 4)
        #expect([drawn(0), drawn(1.25), drawn(99.96)] == ["0.0", "1.3", "100.0"])
    }
}
