import SignerSupport
import Statements
import Testing

@testable import Auditing

/// An older export says nothing of what came later: that is no quiet night.
@Suite struct ReportCoverageTests {
    private static func page(_ report: PeriodReport, _ kind: ReportPage.Kind = .period) -> String {
        String(decoding: ReportPage(report, kind: kind).bytes, as: UTF8.self)
    }

    /// Its last entry is of 08:00:05 on 24 November.
    private static func report(_ from: String, _ to: String, present: Bool = false) async throws -> PeriodReport {
        try await World.littleStory().report(from: from, to: to, present: present).report
    }

    @Test func aPeriodBehindTheEndOfAnExportHasNoVerdictAndNoCount() async throws {
        let world = World.littleStory()
        let (report, verdict) = try await world.report(
            from: "2026-11-24T08:00:06Z", to: "2026-11-24T20:00:00Z", present: false)
        #expect(report.ok && report.coverage == .none)
        let words =
            "the export's logs end at 2026-11-24 08:00:05, UTC, before the period begins: they say nothing about it."
        #expect(report.coverageWarning?.hasPrefix(words) == true)
        for kind in [ReportPage.Kind.period, .morning] {
            let page = Self.page(report, kind)
            #expect(
                page.contains("Nothing is known of this period.</strong>") && page.contains("class=\"verdict unknown\"")
            )
            #expect(page.contains("logs end at 2026-11-24 08:00:05, UTC, before the period begins"))
            for words in [
                "class=\"verdict kept\"", "is accounted for", "unexplained 0", "<b>0</b>", "Nothing: every message",
                "accepted no message", "No page was pushed", "Nothing changed",
            ] { #expect(!page.contains(words), "\(words)") }
        }
        #expect(String(decoding: try report.document(verdict).bytes, as: UTF8.self).contains(#""covered":"none""#))
        #expect(String(decoding: CSVText.of(ReportFolder.summary(report)), as: UTF8.self).contains("covered,none\r\n"))
        var lines: [String] = []
        try ReportLines(report).write(verdict) { lines.append(String(decoding: $0, as: UTF8.self)) }
        #expect(lines.first?.contains(#""covered":"none""#) == true)
    }

    @Test func ofAPartTheVerdictSaysWhereItEnds() async throws {
        let report = try await Self.report("2026-11-23", "2026-11-24")
        #expect(report.coverage == .part)
        let page = Self.page(report)
        #expect(page.contains("Of a part of this period nothing is known.") && page.contains("class=\"verdict kept\""))
        #expect(page.contains("about the time from then until 2026-11-25 00:00"))
        #expect(page.contains("unexplained 0. Of what came after 2026-11-24 08:00:05 UTC nothing is known."))
        let whole = try await Self.report("2026-11-23", "2026-11-23")
        #expect(whole.coverage == .whole && whole.coverageWarning == nil && !Self.page(whole).contains("is known."))
    }

    /// What a relay shows now is the present, however quiet it was.
    @Test func aQuietRelayIsCovered() async throws {
        let report = try await Self.report("2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z", present: true)
        #expect(report.coverage == .whole && Self.page(report).contains("class=\"verdict kept\""))
    }

    /// A checkpoint has no time: whoever cosigned it has.
    @Test func aCosignatureOfTheWholeLogProvesThatNothingHappenedUntilThen() async throws {
        let world = World.littleStory()
        world.watch(by: "one", demanded: 1)
        let last = world.now
        world.wait(seconds: 3_600)
        for (size, end) in [(world.activity.size, world.now), (world.activity.size - 1, last)] {
            let verdict = try await world.audit { source in
                source.cosigned[.activity] = [world.cosigned(.activity, by: "one", size: size)]
            }
            let period = try #require(ReportPeriod(start: last.adding(seconds: 60), end: world.now))
            let request = ReportRequest(period: period, generated: world.now, isPresent: false)
            let report = try PeriodReport(verdict, request)
            #expect(report.asOf == end && report.coverage == (end == last ? .none : .whole))
        }
    }

    /// The last word of the log may be no message's.
    @Test func logsSpeakUntilTheirLastEntryWhateverItIs() async throws {
        let world = World.littleStory()
        world.wait(seconds: 120)
        world.look(.patient)
        let report = try await world.report(to: "2026-11-24", present: false).report
        #expect(report.asOf == world.now && report.looks.first.map(\.logged) == [world.now])
    }
}
