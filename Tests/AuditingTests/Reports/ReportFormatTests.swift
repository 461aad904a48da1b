import Foundation
import Membership
import SignerSupport
import Statements
import Testing

@testable import Auditing

/// The same report in every form.
@Suite struct ReportFormatTests {
    private static func csv(_ report: PeriodReport, _ name: String) -> String {
        String(decoding: CSVText.of(report.tables.first { $0.name == name }!), as: UTF8.self)
            .replacing("\r\n", with: "\n")
    }

    /// A table of the folder, with the rows that come from the logs.
    private static func csv(_ table: ReportTable, _ report: PeriodReport, _ verdict: AuditVerdict) throws -> [UInt8] {
        var bytes = CSVText.of(table)
        try ReportFolder.rows(of: table.name, report, verdict) { bytes += CSVText.row($0) }
        return bytes
    }

    @Test func theTablesOfALittleLogAreExactlyThese() async throws {
        let (report, verdict) = try await World.littleStory().report(to: "2026-11-24")
        #expect(
            Self.csv(report, "days") == """
                day,messages,closed,handed_off,acknowledged,arrived_reply,open,unanswered,undeliverable,unexplained,declined,taken_late,closed_unread
                2026-11-23,2,1,0,0,0,0,1,0,0,0,0,0
                2026-11-24,1,0,0,0,0,1,0,0,0,0,0,0

                """)
        #expect(
            Self.csv(report, "times") == """
                measure,urgency,messages,reached,median_seconds,p90_seconds,p95_seconds,p99_seconds,max_seconds,target_seconds,within_target,due
                deliver,emergent,1,0,,,,,,,,
                deliver,urgent,1,1,2.000,2.000,2.000,2.000,2.000,,,
                deliver,routine,1,1,5.000,5.000,5.000,5.000,5.000,,,
                open,emergent,1,0,,,,,,,,
                open,urgent,1,1,22.000,22.000,22.000,22.000,22.000,,,
                open,routine,1,0,,,,,,,,
                acknowledge,emergent,1,0,,,,,,300.000,0,1
                acknowledge,urgent,1,1,82.000,82.000,82.000,82.000,82.000,900.000,1,1
                acknowledge,routine,1,0,,,,,,,,
                close,emergent,1,0,,,,,,,,
                close,urgent,1,1,3682.000,3682.000,3682.000,3682.000,3682.000,14400.000,1,1
                close,routine,1,0,,,,,,,,

                """)
        #expect(
            Self.csv(report, "receipts") == """
                action,reason,receipts,messages
                delivered,,2,2
                read,,1,1
                acknowledged,calling_now,1,1
                closed,,1,1

                """)
        // Only hours in which a message came.
        #expect(
            Self.csv(report, "hours").split(separator: "\n").map { $0.prefix(5) } == [
                "hour,", "03,1,", "04,1,", "08,1,",
            ])
        let messages = try ReportTextTests.read(
            Self.csv(report.tables.first { $0.name == "messages" }!, report, verdict))
        #expect(messages.count == 4)
        let answered = Dictionary(uniqueKeysWithValues: zip(messages[0], messages[1]))
        #expect(answered["message"] == "\(MessageID.named("answered"))")
        #expect(answered["from"] == "ivy" && answered["to"] == "bo" && answered["acknowledged_by"] == "bo")
        #expect(answered["outcome"] == "closed" && answered["verified"] == "yes")
    }

    @Test func theSameLogsGiveTheSameBytes() async throws {
        let world = World.littleStory()
        let first = ReportPage(try await world.report(to: "2026-11-24").report).bytes
        #expect(first == ReportPage(try await world.report(to: "2026-11-24").report).bytes)
        #expect(first != ReportPage(try await world.report(to: "2026-11-23").report).bytes)
    }

    @Test func thePageNeedsNothingElseAndDoesNothing() async throws {
        let (report, _) = try await World.littleStory().report(to: "2026-11-24")
        for kind in [ReportPage.Kind.period, .morning] {
            let page = String(decoding: ReportPage(report, kind: kind).bytes, as: UTF8.self)
            for word in ["<script", "http://", "https://", "src=", "href=", "url(", "@import", "style=", "onload"] {
                #expect(!page.contains(word), "\(word)")
            }
            #expect(page.contains("default-src &#39;none&#39;; style-src &#39;sha256-"))
            // Every element that is opened is closed, in its order; ids are unique, and what they are named by is there.
            try Self.checkNesting(page)
            let ids = page.matches(of: #/ id="([^"]+)"/#).map { String($0.1) }
            #expect(Set(ids).count == ids.count)
            for named in page.matches(of: #/aria-labelledby="([^"]+)"/#) {
                for id in named.1.split(separator: " ") { #expect(ids.contains(String(id)), "\(id)") }
            }
            let drawings = page.matches(of: #/<svg viewBox="[^"]+" role="img"/#).count
            #expect(
                page.matches(of: #/<title id=/#).count == drawings && page.matches(of: #/<desc id=/#).count == drawings)
        }
    }

    /// So that the table of days fits on a sheet of paper: `Config/reports` measures it.
    @Test func aTableOfManyColumnsIsSetInSmallLettersAndDividesItsLongWords() async throws {
        let page = String(
            decoding: ReportPage(try await World.littleStory().report(to: "2026-11-24").report).bytes, as: UTF8.self)
        for table in [#"id="days" class="dense""#, #"id="roster" class="many""#, #"id="receipts" class="few""#] {
            #expect(page.contains("<table \(table)>"), "\(table)")
        }
        for word in ["Acknow&shy;ledged<", "Unan&shy;swered<", "Undeliver&shy;able<", "Unex&shy;plained<"] {
            #expect(page.contains(word), "\(word)")
        }
    }

    /// Rows of four and of two, and no tile that is a tower.
    @Test func theFiguresStandInWholeRowsAndAreShort() async throws {
        let world = World.practice()
        let call = world.play("call", to: "bo", [.delivered, .read])
        world.send("carried", from: "bo", to: "bo", carrying: call)
        world.receipt(.handedOff, of: call, by: "bo")
        let page = String(decoding: ReportPage(try await world.report().report).bytes, as: UTF8.self)
        let tiles = page.matches(of: #/<li class="(?:look|plain)"><b>[^<]*<\/b>([^<]*)<\/li>/#)
        #expect(tiles.count == 8)
        for tile in tiles { #expect(tile.1.count <= 60, "\(tile.1)") }
        #expect(page.matches(of: #/\.figures\{[^}]*repeat\((\d),1fr\)/#).map { String($0.1) } == ["2", "4", "4"])
    }

    /// Whoever holds a table against another list needs to know whose clocks it shows.
    @Test func everyTableWithTimesNamesTheirZone() async throws {
        let world = World.littleStory()
        world.play("taken", to: "bo", [.delivered, .acknowledged])
        world.look(.patient)
        let zone = try #require(ReportZone("America/Chicago"))
        let (report, _) = try await world.report(from: "2026-11-22", to: "2026-11-24", zone: zone)
        for kind in [ReportPage.Kind.period, .morning] {
            let page = String(decoding: ReportPage(report, kind: kind).bytes, as: UTF8.self)
            let tables = page.components(separatedBy: "<table ").dropFirst()
                .map { $0.components(separatedBy: "</table>")[0] }
            let timed = tables.filter { $0.contains("<time ") }
            #expect(timed.count >= 4)
            for table in timed {
                #expect(table.contains(", times in America/Chicago</caption>"), "\(table.prefix(99))")
            }
            #expect(page.contains("Messages by the day (America/Chicago) on which"))
            // What is taken up and not closed is to be looked after, too.
            #expect(page.contains("Acknowledged, and not closed: 1, times in America/Chicago</caption>"))
        }
        #expect(String(decoding: ReportPage(report).bytes, as: UTF8.self).contains("by the hour (America/Chicago) in"))
    }

    private static func checkNesting(_ page: String) throws {
        var open: [Substring] = []
        for match in page.matches(of: #/<(\/?)([a-z0-9]+)[^>]*>/#) {
            if match.1 == "/" {
                #expect(open.popLast() == match.2)
            } else if match.2 != "meta" {
                open.append(match.2)
            }
        }
        #expect(open.isEmpty, "\(open)")
    }

    @Test func whatIsWrongStandsFirst() async throws {
        let world = World.littleStory()
        world.receipt(.acknowledged, of: world.send("broken"), by: "tablet")
        let (report, _) = try await world.report(to: "2026-11-24")
        let page = String(decoding: ReportPage(report).bytes, as: UTF8.self)
        let verdict = try #require(page.range(of: "A promise was broken: 1 finding."))
        let code = try #require(page.range(of: "not_served"))
        let figures = try #require(page.range(of: "class=\"figures\""))
        #expect(verdict.lowerBound < code.lowerBound && code.lowerBound < figures.lowerBound)
        #expect(!page.contains("was kept.</strong>"))
        #expect(page.contains("NOT VERIFIED"))
        let honest = String(decoding: ReportPage(try await World.littleStory().report().report).bytes, as: UTF8.self)
        #expect(honest.contains("Every promise of the relay that the logs can show was kept.</strong>"))
        #expect(
            honest.contains("What clinicians promised is sealed, and is not judged") && !honest.contains("not_served"))
    }

    /// What lay on somebody's own disk is no word of the relay.
    @Test func aDamagedCopyConvictsNobody() async throws {
        let world = World.littleStory()
        world.receipt(.acknowledged, of: world.send("broken"), by: "tablet")
        var verdict = try await world.audit()
        let request = try await world.report(to: "2026-11-24").report.request
        let damage = AuditFinding(.wrongFiles, severity: .damagedCopy, "a file is missing")
        verdict.findings = [damage]
        let copy = String(decoding: ReportPage(try PeriodReport(verdict, request)).bytes, as: UTF8.self)
        #expect(
            copy.contains("The copy that was read is damaged: it convicts nobody.")
                && copy.contains("a file is missing"))
        #expect(!copy.contains("A promise was broken"))
        #expect(copy.contains("Not verified in this copy: 1") && copy.contains("that this copy cannot verify: 1 in"))
        #expect(!copy.contains("bout which a promise was broken"))
        verdict.findings = [damage, AuditFinding(.rootDiffers, "two roots")]
        let lie = String(decoding: ReportPage(try PeriodReport(verdict, request)).bytes, as: UTF8.self)
        #expect(lie.contains("A promise was broken: 2 findings.") && !lie.contains("convicts nobody."))
        #expect(lie.contains("About which a promise was broken: 1") && !lie.contains("in this copy"))
    }

    /// What nobody looked at is neither kept nor broken.
    @Test func whatALaterVersionWroteIsNoBrokenPromise() async throws {
        let world = World.littleStory()
        var verdict = try await world.audit()
        let request = try await world.report().report.request
        let later = AuditFinding(.updateNeeded, severity: .unjudged, "a later version wrote entry 9")
        verdict.findings = [later]
        let page = String(decoding: ReportPage(try PeriodReport(verdict, request)).bytes, as: UTF8.self)
        #expect(page.contains("it was not judged.") && page.contains("a later version wrote entry 9"))
        #expect(!page.contains("A promise was broken") && !page.contains("Every promise of the relay"))
        verdict.findings = [later, AuditFinding(.rootDiffers, "two roots")]
        let lie = String(decoding: ReportPage(try PeriodReport(verdict, request)).bytes, as: UTF8.self)
        #expect(lie.contains("A promise was broken: 2 findings."))
    }

    /// Not that everything was read, when only what is new was.
    @Test func aPageSaysFromWhereOnTheLogWasReplayed() async throws {
        let world = World.littleStory()
        var verdict = try await world.audit()
        for (entry, words) in [
            (0, "Both logs were replayed from their first entry:"),
            (
                7,
                "The roster log was replayed from its first entry, and the activity log from entry 7 on, on top of what"
            ),
        ] {
            verdict.continued = UInt64(entry)
            let report = try PeriodReport(verdict, try await world.report().report.request)
            #expect(String(decoding: ReportPage(report).bytes, as: UTF8.self).contains(words))
            #expect(
                String(decoding: try report.document(verdict).bytes, as: UTF8.self).contains(
                    "\"replayed_from\":\(entry),"))
        }
    }

    @Test func oneMessageIsNotSeveral() async throws {
        let (report, _) = try await World.littleStory().report(from: "2026-11-24", to: "2026-11-24")
        let page = String(decoding: ReportPage(report).bytes, as: UTF8.self)
        #expect(page.contains("<b>1</b> message accepted, 0 replies among them"))
        #expect(page.contains("taken up: 0 of the 1 that asks for an answer"))
        #expect(MessageOutcome.allCases.map { $0.phrase(1) }.contains("1 reply that arrived"))
        #expect(MessageOutcome.arrivedReply.phrase(2) == "2 replies that arrived")
    }

    /// A year that was mistyped is no quiet period.
    @Test func aPeriodBeforeTheOrganisationSaysSo() async throws {
        let world = World.littleStory()
        let (report, _) = try await world.report(from: "2025-11-23", to: "2025-11-24")
        let words = "The organisation was founded on 2026-11-23 03:07, after this period: it has no messages of then."
        #expect(report.emptiness == words)
        #expect(String(decoding: ReportPage(report).bytes, as: UTF8.self).contains(words))
        #expect(try await world.report().report.emptiness == nil)
        #expect(try await world.report(from: "2027-01-01", to: "2027-01-02").report.emptiness == nil)
    }

    @Test func namesAreLeftOutOfEveryFormWhereTheyAreNotWanted() async throws {
        let world = World.practice()
        world.commit(
            MemberStatement(
                organisation: world.organisation, seen: world.rosterSeen, at: world.now,
                replaces: world.view.member(.named("bo"))?.statement, member: .named("bo"),
                name: .words("Dr. Zebulon Quist"), roles: [.provider], status: .active), by: [.device("ana")])
        let sent = world.send("one", served: ["bo"])
        world.receipt(.delivered, of: sent, by: "bo")
        world.receipt(.acknowledged, of: sent, by: "bo")
        // A finding's sentence names the device's member, too.
        world.receipt(.acknowledged, of: world.send("broken"), by: "tablet")
        for shows in [true, false] {
            let (report, verdict) = try await world.report { $0.showsNames = shows }
            var forms = [
                "html": ReportPage(report).bytes, "morning": ReportPage(report, kind: .morning).bytes,
                "json": try report.document(verdict).bytes,
                "csv": try report.tables.flatMap { try Self.csv($0, report, verdict) },
            ]
            try ReportLines(report).write(verdict) { forms["ndjson", default: []] += $0 }
            try AuditEventLines(report).write(verdict) { forms["fhir", default: []] += $0 }
            for (name, bytes) in forms {
                let holds = String(decoding: bytes, as: UTF8.self).contains("Zebulon")
                #expect(holds == shows, "\(name)")
                #expect(String(decoding: bytes, as: UTF8.self).contains("\(MemberID.named("bo"))") || name == "html")
            }
        }
    }

    @Test func patientsAreNamedOnlyWhereTheyWereAskedForAndTheLookIsTold() async throws {
        func forms(_ report: PeriodReport, _ verdict: AuditVerdict) throws -> [String: String] {
            var forms = [
                "html": ReportPage(report).bytes, "morning": ReportPage(report, kind: .morning).bytes,
                "json": try report.document(verdict).bytes,
                "csv": try report.tables.flatMap { try Self.csv($0, report, verdict) },
            ]
            try ReportLines(report).write(verdict) { forms["ndjson", default: []] += $0 }
            try AuditEventLines(report).write(verdict) { forms["fhir", default: []] += $0 }
            return forms.mapValues { String(decoding: $0, as: UTF8.self) }
        }
        var (report, verdict) = try await World.littleStory().report(to: "2026-11-24")
        for (name, text) in try forms(report, verdict) {
            #expect(!text.contains("MRN-1") && !text.contains("names patients"), "\(name)")
        }
        try report.name(
            ReportSubjects(look: 77, reason: .patientRequest) { message in
                message == .named("open") ? .init(patient: "=MRN-1<b>", practice: "North") : nil
            })
        let all = try forms(report, verdict)
        for (name, text) in all { #expect(text.contains("MRN-1"), "\(name)") }
        for name in ["html", "morning"] {
            #expect(all[name]?.contains("It names patients.") == true && all[name]?.contains("entry 77 of") == true)
            #expect(all[name]?.contains("=MRN-1&lt;b&gt;") == true && all[name]?.contains("MRN-1<b>") == false)
        }
        #expect(all["json"]?.contains(#""patients":{"look":77,"reason":"patient_request"}"#) == true)
        #expect(all["csv"]?.contains("'=MRN-1<b>,North") == true)
        #expect(all["fhir"]?.contains(#""value":"=MRN-1<b>"#) == true)
    }

    private static func times(_ report: PeriodReport) -> [Distribution] {
        report.measures.flatMap { $0.rows.map(\.times) + $0.hours }
    }

    /// A page has room for so many of each list and says how many there are; what is written row by row has all of them, and
    /// needs none of them in memory.
    @Test func listsAreBoundedAndStreamsAreWhole() async throws {
        let world = World.practice()
        for number in 0..<7 {
            world.wait(seconds: 60)
            _ = world.play(
                "\(number)", .routine, delivered: 1, read: nil, answered: nil, closed: nil, expires: false)
            world.look(.report, Access.Subject.none)
        }
        let (whole, verdict) = try await world.report()
        let request = whole.request
        let cut = try PeriodReport(verdict, request, detail: .lists(2))
        #expect(cut.listed(.all).first.map(\.message) == [.named("0"), .named("1")])
        #expect((cut.listed(.all).count, cut.listed(.all).more) == (7, 5))
        #expect(cut.listed(.outcome(.open)).more == 5 && cut.looks.more == 5)
        #expect(cut.total.messages == 7 && Self.times(cut) == Self.times(whole))
        let page = String(decoding: ReportPage(cut, kind: .morning).bytes, as: UTF8.self)
        #expect(page.components(separatedBy: "And 5 more, which are not shown here").count == 4)
        #expect(!String(decoding: ReportPage(whole, kind: .morning).bytes, as: UTF8.self).contains("not shown here"))

        for detail in [PeriodReport.Detail.counts, .figures] {
            let report = try PeriodReport(verdict, request, detail: detail)
            #expect(report.listed(.all).first.isEmpty && report.looks.first.isEmpty && report.total.messages == 7)
            for name in ["messages", "looks"] {
                let table = try Self.csv(report.tables.first { $0.name == name }!, report, verdict)
                #expect(try ReportTextTests.read(table).count == 8, "\(name)")
            }
            var (lines, expected) = ([UInt8](), [UInt8]())
            try ReportLines(report).write(verdict) { lines += $0 }
            try ReportLines(whole).write(verdict) { expected += $0 }
            try AuditEventLines(report).write(verdict) { lines += $0 }
            try AuditEventLines(whole).write(verdict) { expected += $0 }
            #expect(lines == expected)
            let json = String(decoding: try report.document(verdict).bytes, as: UTF8.self)
            #expect(json.components(separatedBy: #""outcome":"open""#).count == 8)
        }
    }

    @Test func everyLineOfNDJSONIsAnObjectAndTheLastOneCounts() async throws {
        let (report, verdict) = try await World.littleStory().report()
        var lines: [[String: Any]] = []
        try ReportLines(report).write(verdict) { bytes in
            #expect(bytes.last == 0x0A && bytes.dropLast().allSatisfy { $0 != 0x0A })
            lines.append(try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]))
        }
        let types = lines.map { $0["type"] as? String ?? "" }
        #expect(types.first == "report" && types.last == "end")
        for (type, name) in [("message", "messages"), ("fact", "facts"), ("roster_change", "roster_changes")] {
            #expect(lines.last?[name] as? Int == types.count { $0 == type }, "\(type)")
        }
        #expect(types.count { $0 == "message" } == 2)
        #expect(lines.first?["ok"] as? Bool == true)
    }
}
