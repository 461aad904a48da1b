import Statements

/// The report as one page: no script, no picture from elsewhere, readable on a screen and on paper.
public struct ReportPage: Sendable {
    /// What the page is for.
    public enum Kind: Sendable {
        /// A period, with figures and charts.
        case period
        /// The last 24 hours, message by message, to be compared with the answering service's list.
        case morning
    }

    let report: PeriodReport
    private let kind: Kind
    private var page = HTMLWriter()
    private var tables: PageTables

    public init(_ report: PeriodReport, kind: Kind = .period) {
        self.report = report
        self.kind = kind
        tables = PageTables(report)
    }

    /// UTF-8.
    public var bytes: [UInt8] {
        var copy = self
        copy.write()
        return copy.page.bytes
    }

    private mutating func write() {
        page.markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        page.open("meta", ["http-equiv": "Content-Security-Policy", "content": PageStyle.policy])
        page.markup("\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n")
        page.markup("<meta name=\"referrer\" content=\"no-referrer\">\n")
        page.element("title", "\(kindWords): \(name), \(periodWords)")
        page.markup("\n<style>")
        page.markup(PageStyle.text)
        page.markup("</style>\n</head>\n<body>\n<main>\n")
        writeHead()
        writeVerdict()
        // Nothing is no count, and no "none".
        if report.coverage == .none { writeLook() } else { writeSections() }
        writeNotes()
        writeMethod()
        page.markup("\n</main>\n</body>\n</html>\n")
    }

    private mutating func writeSections() {
        writeFigures()
        writeLook()
        if kind == .morning { writeMorning() }
        writeConservation()
        if kind == .period {
            writeTimes()
            writeHours()
        }
        writeReceipts()
        writePages()
        writeEscalations()
        writeChanges()
        writeLooks()
    }

    // MARK: Words

    private var name: String { report.organisationName ?? "organisation unknown" }
    private var kindWords: String { kind == .period ? "Report of an audit" : "Morning report" }

    /// In the zone of the report.
    private var periodWords: String {
        var clock = ZoneClock(report.request.zone)
        let (start, end) = (clock.minute(report.request.period.start), clock.minute(report.request.period.end))
        guard start.hasSuffix("00:00"), end.hasSuffix("00:00") else { return "\(start) to \(end)" }
        let last = clock.day(report.request.period.end.adding(milliseconds: -1))
        return start.prefix(10) == last ? last : "\(start.prefix(10)) to \(last)"
    }

    private func moment(_ time: Timestamp) -> String {
        var clock = ZoneClock(report.request.zone)
        return "\(clock.second(time)) \(report.request.zone.name)"
    }

    // MARK: Sections

    private mutating func section(_ title: String) { page.element("h2", title) }
    private mutating func paragraph(_ words: String) { page.element("p", words) }
    private mutating func quiet(_ words: String) { page.element("p", ["class": "quiet"], words) }

    private mutating func writeHead() {
        page.markup("<header>")
        page.element("p", ["class": "kind"], kindWords)
        page.element("h1", ["dir": "auto"], name)
        page.open("p", ["class": "period"])
        page.element("strong", periodWords)
        page.text(" · days and hours of \(report.request.zone.name)")
        page.close("p")
        quiet(
            "Made at \(moment(report.request.generated)) by \(askerWords). The logs speak until \(moment(report.asOf))."
        )
        if let emptiness = report.emptiness { paragraph(emptiness) }
        if let subjects = report.subjects {
            page.open("p", ["class": "named"])
            page.element("strong", "It names patients.")
            page.text(
                " Asked for with the reason “\(subjects.reason.rawValue.spaced)”; the look is entry \(subjects.look) of the activity "
                    + "log.")
            page.close("p")
        }
        page.markup("</header>\n")
    }

    private var askerWords: String {
        guard let device = report.request.device else {
            return "whoever read an export, without a profile"
        }
        guard let asker = report.asker else { return "\(device)" }
        return "\(report.names.text(asker)), \(device)"
    }

    /// What the logs do not reach stands before what they prove.
    private mutating func writeCoverage() {
        guard let warning = report.coverageWarning else { return }
        page.open("section", ["class": "verdict unknown", "aria-label": "What the logs do not cover"])
        page.element(
            "strong",
            report.coverage == .none
                ? "Nothing is known of this period." : "Of a part of this period nothing is known.")
        paragraph(warning)
        page.close("section")
    }

    private mutating func writeVerdict() {
        writeCoverage()
        // What was kept until then is no verdict on this period.
        guard !report.ok || report.coverage != .none else { return }
        page.open("section", ["class": report.ok ? "verdict kept" : "verdict broken", "aria-label": "Verdict"])
        if report.ok {
            page.element("strong", "Every promise of the relay that the logs can show was kept.")
            paragraph(
                "What clinicians promised is sealed, and is not judged: whether calls were answered is told below. "
                    + "\(ReportMethod.replay(report)): every signature, every rule, every hash, and the place of every "
                    + "statement. \(report.notes.isEmpty ? "Nothing was found." : report.notes.count.counted("thing is", "things are") + " worth knowing, at the end.")"
            )
        } else if report.isDamagedCopyAlone {
            page.element("strong", "The copy that was read is damaged: it convicts nobody.")
            paragraph(
                "What the rest of this page says rests on it, and may be wrong. Export again (nightbell audit export), make the report "
                    + "of that, and keep this copy.")
        } else if report.isUnjudgedAlone {
            page.element("strong", "A later version of Nightbell wrote a part of the logs: it was not judged.")
            paragraph(
                "What the rest of this page says ends where that begins. Update nightbell, and make the report again.")
        } else {
            page.element("strong", "A promise was broken: \(report.broken.count.counted("finding")).")
            paragraph(
                "Read the findings before anything else on this page: what the rest says rests on logs that are not what they should be. "
                    + "Keep an export (nightbell audit export) and show it to whoever answers for the relay.")
        }
        page.close("section")
        if !report.ok { writeFindings("findings", "What was found", report.broken) }
    }

    private mutating func writeFindings(_ name: String, _ caption: String, _ findings: [AuditFinding]) {
        tables.write(
            report.findingTable(name, caption, findings), showing: ["code", "log", "entries", "sentence"], into: &page)
    }

    /// Behind everything that somebody must act on: there may be hundreds, and they convict nobody.
    private mutating func writeNotes() {
        guard !report.notes.isEmpty else { return }
        section("Worth knowing")
        let notes = report.notes.filter { $0.message.map(report.notedMessages.contains) ?? true }
        let others = report.notes.count - notes.count
        paragraph(
            "None of these notes of the audit convicts anybody by itself."
                + (others == 0
                    ? ""
                    : " \(others.counted("more is", "more are")) about messages of other times: \"\(report.request.verification)\" has all.")
        )
        if !notes.isEmpty { writeFindings("notes", "Notes of the audit", notes) }
    }

    private mutating func writeFigures() {
        let total = report.total
        let answered = report.takenUp
        page.open("ul", ["class": "figures"])
        figure(
            "\(total.messages)",
            "\(total.messages == 1 ? "message" : "messages") accepted, \(report.replies.counted("reply", "replies")) among them"
        )
        figure(
            PageTables.percent(answered, of: report.asking),
            "taken up: \(answered) of the \(report.asking) that \(report.asking == 1 ? "asks" : "ask") for an answer")
        figure(
            "\(total[.unanswered])",
            "expired unanswered" + (total[.late] > 0 ? "; \(total[.late]) more answered late" : "")
                + older([.olderOutcome(.unanswered), .olderMarked(.late)]),
            needsLook: total[.unanswered] + total[.late] > 0
                || has([.olderOutcome(.unanswered), .olderMarked(.late)]))
        figure(
            "\(total[.declined])",
            "declined, and nobody takes \(total[.declined] == 1 ? "it" : "them")"
                + older([.olderMarked(.declined)]),
            needsLook: total[.declined] > 0 || has([.olderMarked(.declined)]))
        figure(
            "\(total[.closedUnread])", "closed unread" + older([.olderMarked(.closedUnread)]),
            needsLook: total[.closedUnread] > 0 || has([.olderMarked(.closedUnread)]))
        figure(
            "\(total[.open])", "without an answer yet" + openWords,
            needsLook: total[.open] > 0 || !report.listed(.olderOpen).isEmpty)
        figure(
            "\(total[.undeliverable])", "undeliverable" + older([.olderOutcome(.undeliverable)]),
            needsLook: total[.undeliverable] > 0 || has([.olderOutcome(.undeliverable)]))
        figure("\(report.unexplained)", "unexplained", needsLook: report.unexplained > 0)
        page.close("ul")
    }

    /// Which of them stand in another list, and which are not of this period.
    private var openWords: String {
        let declined = report.total[.declined]
        let replies = report.waitingReplies
        let parts =
            (declined > 0 ? ["\(declined) of them declined"] : [])
            + (replies > 0 ? [replies.counted("unfetched reply", "unfetched replies")] : [])
        return parts.map { ", \($0)" }.joined() + older([.olderOpen])
    }

    /// How many more there are of before the period, which is in none of the counts.
    private func older(_ lists: [ReportList]) -> String {
        let count = lists.reduce(0) { $0 + report.listed($1).count }
        return count > 0 ? "; \(count) more from before" : ""
    }

    func has(_ lists: [ReportList]) -> Bool { lists.contains { !report.listed($0).isEmpty } }

    private mutating func figure(_ number: String, _ words: String, needsLook: Bool = false) {
        page.open("li", ["class": needsLook ? "look" : "plain"])
        page.element("b", number)
        page.text(" \(words)")
        page.close("li")
    }

    private mutating func writeLook() {
        section("What needs a look")
        let lists: [ReportList] = report.leftLists + report.markedLists
        let broken = report.listed(.notVerified)
        write(.notVerified)
        guard !broken.isEmpty || lists.contains(where: { !report.listed($0).isEmpty }) else {
            if report.coverage == .none {
                return paragraph("What there is to look at is not in these logs: they end before.")
            }
            paragraph(
                "Nothing: every message of the period was taken up or is a reply that arrived, none waits from before, and none of "
                    + "before expired, was closed unread or was given up in the period."
            )
            return write(.outcome(.acknowledged))
        }
        for list in lists + [.outcome(.acknowledged)] { write(list) }
        quiet(
            "Compare with the answering service's own list. What stands there and not here never reached the relay; "
                + "telephone about what nobody answered. \(idWords)")
    }

    private mutating func write(_ list: ReportList) {
        let lines = report.listed(list)
        guard !lines.isEmpty else { return }
        let (name, caption) = heading(list)
        tables.write(
            report.messageTable(name, "\(caption): \(lines.count)", lines),
            showing: ["message", "accepted", "urgency", "from", "to"] + Self.keys(list, lines.first) + subjectKeys,
            into: &page)
    }

    private mutating func writeMorning() {
        section("Every message of these 24 hours")
        guard !report.listed(.all).isEmpty else { return paragraph("The relay accepted no message.") }
        write(.all)
    }

    private var subjectKeys: [String] { report.subjects == nil ? [] : ["patient", "practice"] }

    private var idWords: String {
        "The beginning of an id is enough for \"nightbell audit message\", which tells a message's whole history."
    }

    private mutating func writeConservation() {
        section("Is every message accounted for?")
        let total = report.total
        let parts = MessageOutcome.allCases.filter { $0 != .unexplained && total[$0] > 0 }.map(report.phrase)
        paragraph(
            "The relay accepted \(total.messages.counted("message"))"
                + (parts.isEmpty ? "." : ": \(parts.joined(separator: ", "))\(report.markWords).")
                + (report.unexplained == 0
                    ? " Every one of them is accounted for: unexplained 0."
                        + (report.coverage == .part
                            ? " Of what came after \(moment(report.asOf)) nothing is known." : "")
                    : " Of \(report.unexplained) the log does not say what became, and should: see the findings."))
        // A call that was handed on is two messages, and may be taken up twice.
        if report.forwards > 0 {
            paragraph(
                "\(report.forwards) of all \(report.forwards == 1 ? "carries" : "carry") another one on: a call that was handed on "
                    + "counts as several messages.")
        }
        if report.hasOlder {
            paragraph(
                "From before the period, and in none of these counts, which go by acceptance: \(report.olderWords).")
        }
        if !report.days.isEmpty { tables.write(report.dayTable, into: &page) }
        quiet(
            "“Closed” and “acknowledged” are what a clinician's device signed. Whether the patient was helped is not in any log."
        )
    }

    private mutating func writeReceipts() {
        section("What recipients did")
        guard !report.receipts.isEmpty else { return paragraph("No device has signed a receipt about these messages.") }
        tables.write(report.receiptTable, into: &page)
        quiet(
            "“Delivered” says that a device holds the message, “read” that somebody had it shown, “saved a file” that a file was "
                + "saved out of the program.")
    }

    private mutating func writePages() {
        section("Pages")
        guard !report.pages.isEmpty else {
            return paragraph(
                "No page was pushed: every device that got a message was connected, or has no push service.")
        }
        paragraph(
            "\(report.paged.counted("message was", "messages were")) paged; of \(report.pagedInVain) no push service took any page."
        )
        tables.write(report.pageTable, into: &page)
        quiet("“Accepted” is the push service's word, and no delivery.")
    }

    private mutating func writeEscalations() {
        section("Hand-offs and escalations")
        let handed = report.receipts.filter { $0.word == ReceiptAction.handedOff.rawValue }.reduce(0) {
            $0 + $1.messages
        }
        paragraph(
            handed + report.forwards == 0
                ? "No message was handed off, and none of the period carries another one on."
                : "\(handed.counted("message was", "messages were")) handed off by a recipient, and \(report.forwards) of the "
                    + "period \(report.forwards == 1 ? "carries" : "carry") another one on.")
        paragraph("Escalations: none are recorded, for \(PeriodReport.escalationWords).")
    }

    private mutating func writeChanges() {
        section("Members, devices, keys and witnesses")
        paragraph(
            "At the end of the roster log there are \(report.members.counted("active member")) with "
                + "\(report.liveDevices.counted("live device")).")
        guard !report.changes.isEmpty else { return paragraph("Nothing changed in the period.") }
        tables.write(
            report.changeTable, showing: ["time", "change", "member", "subject", "words", "by", "index"], into: &page)
    }

    private mutating func writeLooks() {
        section("Who looked into this")
        guard !report.looks.isEmpty else { return paragraph("No look was signed in the period.") }
        tables.write(report.lookTable(report.looks), into: &page)
        quiet(
            "A look is signed before anything is shown. Replaying the logs opens capsules to verify them, shows nothing of them, "
                + "and needs none; neither does a report that names no patient."
        )
    }

    private mutating func writeTimes() {
        section("How long it took")
        quiet(
            "From the relay's acceptance, by the log's time. Only messages that ask for an answer (no replies) and about which every "
                + "promise was kept.")
        guard report.measures.contains(where: { !$0.rows.isEmpty }) else {
            return paragraph("There is no such message.")
        }
        writeKey()
        for measured in report.measures {
            page.markup("<figure>")
            page.element("figcaption", "\(measured.measure.title): \(measured.measure.definition)")
            UrgencyChart(measured: measured).draw(into: &page)
            page.markup("</figure>")
        }
        tables.write(report.timeTable, into: &page)
    }

    private mutating func writeKey() {
        page.open("div", ["class": "key", "aria-hidden": "true"])
        let keys: [(String, (inout HTMLWriter) -> Void)] = [
            ("median", { $0.dot("median", 20, 8, 6) }), ("up to 90 %", { $0.bar("range", 4, 2, 32, 12) }),
            ("up to the longest", { $0.line("whisker", 4, 8, 36, 8) }),
            ("the policy's target", { $0.line("target", 20, 0, 20, 16) }),
        ]
        for (words, draw) in keys {
            page.markup("<span>")
            page.open("svg", ["viewBox": "0 0 40 16"])
            draw(&page)
            page.close("svg")
            page.text(words)
            page.markup("</span>")
        }
        page.close("div")
    }

    private mutating func writeHours() {
        guard report.total.messages > 0 else { return }
        section("By hour of the day")
        quiet("The hour in which the relay accepted the message, by the clocks of \(report.request.zone.name).")
        page.open("div", ["class": "small"])
        page.markup("<figure><figcaption>Messages accepted</figcaption>")
        HourCountChart(hours: report.hours).draw(into: &page)
        page.markup("</figure>")
        for measured in report.measures where measured.hours.contains(where: { $0.count > 0 }) {
            page.markup("<figure>")
            page.element("figcaption", "\(measured.measure.title): median (dot), up to 90 % (line)")
            HourTimesChart(measured: measured).draw(into: &page)
            page.markup("</figure>")
        }
        page.close("div")
        tables.write(report.hourTable, into: &page)
    }

    private mutating func writeMethod() {
        section("How this was made, and what is not in it")
        page.open("dl")
        for (term, words) in ReportMethod.words(report) {
            page.element("dt", term)
            page.element("dd", words)
        }
        page.close("dl")
    }
}
