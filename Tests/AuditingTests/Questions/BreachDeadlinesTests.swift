import Auditing
import Testing

/// The arithmetic of 45 CFR 164.404 to 164.410.
@Suite struct BreachDeadlinesTests {
    /// 60 calendar days from a day, and from the end of its year.
    @Test(arguments: [
        ("2026-11-30", "2027-01-29", "2027-03-01"),  // over the end of the year
        ("2027-12-31", "2028-02-29", "2028-02-29"),  // into a leap year's February
        ("2028-01-01", "2028-03-01", "2029-03-01"),  // through a leap day
        ("2027-01-01", "2027-03-02", "2028-02-29"),  // and through none
        ("2028-02-29", "2028-04-29", "2029-03-01"),
        ("2026-03-15", "2026-05-14", "2027-03-01"),
        ("2099-12-31", "2100-03-01", "2100-03-01"),  // 2100 is no leap year
    ])
    func lastDays(_ discovered: String, _ sixtyDays: String, _ yearEnd: String) throws {
        let day = try #require(CalendarDay(discovered))
        let deadlines = BreachDeadlines(discovered: day, today: day, individuals: 1, unknown: 0).deadlines
        #expect(
            deadlines.map(\.rule) == ["164.404(b)", "164.406(b)", "164.408(b)", "164.408(c)", "164.410(b)"])
        for deadline in deadlines {
            let expected = deadline.rule == "164.408(c)" ? yearEnd : sixtyDays
            #expect(deadline.lastDay.description == expected, "\(deadline.rule)")
        }
    }

    /// Around 500: 164.408(b) begins with 500, 164.406 with more than 500, and then the State decides.
    @Test(arguments: [
        (499, 0, "yes", "no", "no", "yes"), (500, 0, "yes", "no", "yes", "no"), (501, 0, "yes", "depends", "yes", "no"),
        // A few of whom nobody knows more leave it open only where they could decide it; what is reached stays reached.
        (5, 2, "yes", "no", "no", "yes"), (498, 1, "yes", "no", "no", "yes"),
        (499, 1, "yes", "no", "depends", "depends"), (499, 2, "yes", "depends", "depends", "depends"),
        (500, 9, "yes", "depends", "yes", "no"),
        // Nobody is nobody; and nobody known may still be somebody.
        (0, 0, "no", "no", "no", "no"), (0, 3, "depends", "no", "no", "yes"),
    ])
    func thresholds(
        _ individuals: Int, _ unknown: Int, _ each: String, _ media: String, _ large: String, _ small: String
    ) throws {
        let day = try #require(CalendarDay("2026-11-30"))
        let deadlines = BreachDeadlines(
            discovered: day, today: day, individuals: individuals, unknown: unknown
        ).deadlines
        func applies(_ rule: String) -> String? { deadlines.first { $0.rule == rule }?.applies.rawValue }
        #expect(applies("164.404(b)") == each)
        #expect(applies("164.406(b)") == media)
        #expect(applies("164.408(b)") == large)
        #expect(applies("164.408(c)") == small)
        #expect(applies("164.410(b)") == "depends")
        // What does not apply says why, and nothing else does.
        #expect(deadlines.allSatisfy { ($0.exclusion != nil) == ($0.applies == .no) })
    }

    @Test func withoutCapsulesNothingIsRuledOut() throws {
        let day = try #require(CalendarDay("2026-11-30"))
        let deadlines = BreachDeadlines(discovered: day, today: day, individuals: nil, unknown: 0).deadlines
        #expect(deadlines.filter { $0.applies == .no }.isEmpty)
    }

    /// The last day itself is not over yet.
    @Test func aDayThatIsOverIsSaidToBe() throws {
        let day = try #require(CalendarDay("2026-01-15"))
        func past(_ today: String) throws -> [Bool] {
            let today = try #require(CalendarDay(today))
            return BreachDeadlines(discovered: day, today: today, individuals: 1, unknown: 0).deadlines.map(\.isPast)
        }
        #expect(try past("2026-03-16") == [false, false, false, false, false])
        #expect(try past("2026-03-17") == [true, true, true, false, true])
        #expect(try past("2027-03-02") == [true, true, true, true, true])
    }

    /// Clinical claims that nobody can make: no sentence says that there was a breach, or that there was none.
    @Test func noSentenceJudges() throws {
        let day = try #require(CalendarDay("2026-11-30"))
        for individuals in [nil, 499, 500, 501] {
            let deadlines = BreachDeadlines(discovered: day, today: day, individuals: individuals, unknown: 0)
            for deadline in deadlines.deadlines {
                for word in ["compliant", "safe harbour", "safe harbor", "never a breach", "not a breach", "guarantee"]
                {
                    #expect(!deadline.sentence.lowercased().contains(word))
                }
            }
        }
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-00-10", "2026-11-31", "26-11-30", "2026-11-3", "2026/11/30",
        "2026-11-30 ", "+026-11-30", "1969-12-31", "", "２０２６-11-30",
    ])
    func whatIsNoDayIsNone(_ text: String) { #expect(CalendarDay(text) == nil) }

    @Test func daysAreWrittenAsTheyAreRead() throws {
        for text in ["2028-02-29", "1970-01-01", "2026-11-30"] { #expect(CalendarDay(text)?.description == text) }
        #expect(CalendarDay("2026-11-30")! < CalendarDay("2026-12-01")!)
        #expect(CalendarDay("2026-12-31")! < CalendarDay("2027-01-01")!)
    }
}
