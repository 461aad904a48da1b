import Auditing
import Statements

/// A report as plain text: what a practice holds against its answering service's list in the morning.
struct ReportText {
    private let report: PeriodReport
    private let isMorning: Bool

    init(_ report: PeriodReport, isMorning: Bool) {
        self.report = report
        self.isMorning = isMorning
    }

    /// One line of figures.
    static func totals(_ report: PeriodReport) -> String {
        guard report.coverage != .none else { return unknown }
        return
            "\(counts(report))\(report.markWords); unexplained \(report.unexplained)"
            + (report.hasOlder ? "; from before the period, in none of these counts: \(report.olderWords)" : "")
    }

    /// Nothing is no count.
    private static let unknown = "nothing is known of this period: the logs end before it"

    /// The same, in lines that are read at a glance.
    private static func totalLines(_ report: PeriodReport, columns: Int?) -> [String] {
        guard report.coverage != .none else { return ["messages    \(unknown)"] + olderLines(report, columns: columns) }
        let marks = String(report.markWords.drop { $0 == ";" || $0 == " " })
        let first = "messages    "
        let rest = String(repeating: " ", count: first.count)
        let width = min(columns ?? totalWidth, totalWidth)
        return TextWrap.lines(counts(report), first: first, rest: rest, columns: width)
            + (marks.isEmpty ? [] : TextWrap.lines(marks, first: rest, rest: rest, columns: width))
            + ["\(rest)unexplained \(report.unexplained)"]
            + olderLines(report, columns: columns)
    }

    private static func olderLines(_ report: PeriodReport, columns: Int?) -> [String] {
        guard report.hasOlder else { return [] }
        let first = "from before "
        return TextWrap.lines(
            "\(report.olderWords): of messages that were accepted before the period, which are in none of the counts",
            first: first, rest: String(repeating: " ", count: first.count),
            columns: min(columns ?? totalWidth, totalWidth))
    }

    private static func counts(_ report: PeriodReport) -> String {
        let total = report.total
        let parts = MessageOutcome.allCases.filter { $0 != .unexplained && total[$0] > 0 }.map(report.phrase)
        return total.messages.counted("message") + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", "))
    }

    /// As wide as a line is still read well.
    private static let totalWidth = 100

    /// - Parameter columns: How wide the terminal is; `nil` where nothing is cut or broken.
    func text(columns: Int?) -> String {
        var lines = head(columns: columns)
        for (title, items) in lists where !items.isEmpty {
            lines += ["", heading(title, items.count), table(items.first).text(columns: columns, narrowing)]
            if items.more > 0 { lines.append("and \(items.more) more: \"--format csv\" has all of them") }
        }
        if report.listed(.all).isEmpty, !report.hasOlder {
            lines += [
                "",
                report.emptiness
                    ?? (report.coverage == .none
                        ? "These logs end before, and hold none." : "The relay accepted no message."),
            ]
        }
        if !report.changes.isEmpty {
            lines += [
                "", heading("MEMBERS, DEVICES, KEYS AND WITNESSES", report.changes.count),
                changes.text(columns: columns, Table.Narrowing(below: [(column: 4, words: "by ")])),
            ]
        }
        if !report.looks.isEmpty {
            lines += ["", heading("LOOKS", report.looks.count), looks.text(columns: columns)]
            if report.looks.more > 0 { lines.append("and \(report.looks.more) more: \"--format csv\" has all of them") }
        }
        lines += ["", advice]
        let text = lines.joined(separator: "\n")
        return columns.map { TextWrap.page(text, columns: $0) } ?? text
    }

    private func heading(_ title: String, _ count: Int) -> String {
        "\(title) (\(count)), times in \(report.request.zone.name)"
    }

    private func head(columns: Int?) -> [String] {
        let period = report.request.period
        let zone = report.request.zone
        var lines = [
            "\(isMorning ? "Morning report" : "Report") of \(SafeText.line(report.organisationName ?? "an unknown organisation")): "
                + "\(zone.minute(period.start)) to \(zone.minute(period.end)), \(zone.name)",
            "made at \(zone.minute(report.request.generated)); the logs speak until \(zone.minute(report.asOf)); all times in \(zone.name)",
            "whose logs  \(report.organisation.map { "\($0)" } ?? "unknown")\(report.request.isPresent ? "" : ", by the word of an export")",
            "roster      \(AuditReport.words(report.roster))",
            "activity    \(AuditReport.words(report.activity))",
            "witnesses   \(SafeText.line(report.witnessWords))",
            "verdict     \(verdict)",
        ]
        if let warning = report.coverageWarning { lines.append("WARNING     \(SafeText.line(warning))") }
        lines += findings
        lines += Self.totalLines(report, columns: columns)
        if report.coverage != .none {
            lines.append("looks       \(report.looks.count) signed by auditors' devices in the period")
        }
        if let subjects = report.subjects {
            lines.append(
                "NAMES PATIENTS  reason \(subjects.reason.rawValue); the look is entry \(subjects.look) of the activity log"
            )
        }
        return lines
    }

    private var verdict: String {
        if report.ok, report.coverage == .none { return "NONE: nothing of this period is known" }
        if report.ok {
            return
                "every promise of the relay that the logs can show was kept (what clinicians promised is sealed, and is not judged)"
        }
        if report.isDamagedCopyAlone {
            return "DAMAGED COPY, which convicts nobody: export again before you rely on this, and keep the copy"
        }
        if report.isUnjudgedAlone {
            return "NOT JUDGED TO THE END: a later version of Nightbell wrote a part of the logs; update it"
        }
        return "NOT OK, a promise was broken: run \"\(report.request.verification)\" before you rely on this"
    }

    /// Under the verdict, for the rest rests on logs that are not what they should be.
    private var findings: [String] {
        let broken = report.broken
        let more = broken.count - Self.findingLimit
        return broken.prefix(Self.findingLimit).map { AuditReport.words($0, report.sentence($0), indent: 12) }
            + (more > 0 ? ["and \(more) more findings: \"\(report.request.verification)\" has all of them"] : [])
    }

    /// As many as leave the messages in sight.
    private static let findingLimit = 20

    /// What somebody must look at first; of a morning, every message.
    private var lists: [(title: String, items: Listed<MessageLine>)] {
        var lists: [ReportList] = report.leftLists
        lists += report.markedLists + [.outcome(.acknowledged)]
        if isMorning { lists += [.outcome(.handedOff), .outcome(.closed), .outcome(.arrivedReply)] }
        return lists.map { (title($0), report.listed($0)) }
    }

    private func title(_ list: ReportList) -> String {
        switch list {
        case .marked(.declined): "DECLINED, NOBODY TAKES THEM"
        case .marked(.late): "ANSWERED LATE, AFTER THEY HAD EXPIRED"
        case .marked(.closedUnread): "CLOSED UNREAD"
        case .outcome(.unanswered): "EXPIRED UNANSWERED"
        case .outcome(.acknowledged): "ACKNOWLEDGED, NOT CLOSED"
        case .outcome(.arrivedReply): "REPLIES"
        case .outcome(let outcome): outcome.rawValue.replacing("_", with: " ").uppercased()
        case .waiting: "NO ANSWER YET" + (report.total[.declined] > 0 ? " AND NOT DECLINED" : "")
        case .olderOpen: "NO ANSWER YET, FROM BEFORE"
        case .olderWaiting:
            "NO ANSWER YET" + (report.listed(.olderMarked(.declined)).isEmpty ? "" : " AND NOT DECLINED")
                + ", FROM BEFORE"
        case .olderOutcome(let outcome): "\(title(.outcome(outcome))), FROM BEFORE"
        case .olderMarked(let mark): "\(title(.marked(mark))), FROM BEFORE"
        case .notVerified: "NOT VERIFIED"
        case .all: "MESSAGES"
        }
    }

    private func table(_ lines: [MessageLine]) -> Table {
        let zone = report.request.zone
        return Table(
            ["MESSAGE", "ACCEPTED", "URGENCY", "FROM", "TO", "CAME AS FAR AS", "EXPIRES", "BY"]
                + (report.subjects == nil ? [] : ["PATIENT", "PRACTICE"]),
            lines.map { line in
                return [
                    report.shortID(line.message), zone.minute(line.logged), line.urgency.words,
                    report.name(line.senderMember), report.name(line.member),
                    line.stateWords + Self.marks(line)
                        + (report.isOutOfReach(line) ? ", NO DEVICE LEFT" : "")
                        + (line.isSound ? "" : ", NOT VERIFIED"), zone.minute(line.expires),
                    line.told.map { told($0) + closing(line) } ?? "",
                ] + (report.subjects == nil ? [] : [line.subject?.patient ?? "", line.subject?.practice ?? ""])
            })
    }

    /// Who and when; of what was declined, why.
    private func told(_ moment: MessageLine.Moment) -> String {
        let reason = moment.action == ReceiptAction.declined.rawValue ? moment.reason : nil
        return "\(report.name(moment.member)), \(report.request.zone.minute(moment.time))"
            + (reason.map { ", \($0.replacing("_", with: " "))" } ?? "") + report.mark(of: moment)
    }

    private func closing(_ line: MessageLine) -> String {
        let mark = report.closingMark(of: line)
        return mark.isEmpty ? "" : "; closed\(mark)"
    }

    /// Behind how far it came: what that alone does not say.
    private static func marks(_ line: MessageLine) -> String {
        (line.marks.contains(.closedUnread) ? " UNREAD" : "")
            + (line.marks.contains(.late) ? ", LATE: it had expired" : "")
            + line.referenceWords
    }

    private var changes: Table {
        let zone = report.request.zone
        let ids = ShortIDs(report.devices.map(\.description))
        return Table(
            ["WHEN", "WHAT", "WHOSE", "WHAT IT IS NOW", "BY"],
            report.changes.map { change in
                [
                    zone.minute(change.time), change.kind.rawValue.replacing("_", with: " "),
                    change.member.map { report.name($0) } ?? "", words(change, ids),
                    report.signers(of: change),
                ]
            })
    }

    /// With the device, of which a member has several.
    private func words(_ change: RosterChange, _ ids: ShortIDs) -> String {
        let device = change.isOfDevice ? ids.short(change.subject) : nil
        return [report.words(of: change), report.label(of: change), device].compactMap { $0 }.joined(separator: "; ")
    }

    private var looks: Table {
        let zone = report.request.zone
        return Table(
            ["WHEN", "AT", "WHY", "BY", "MESSAGE", "ENTRY"],
            report.looks.first.map { look in
                [
                    zone.minute(look.logged), look.access.kind.rawValue + (look.isSound ? "" : ", NOT VERIFIED"),
                    LookOptions.words(look.access.reason), report.looker(look),
                    look.access.message.map { report.shortID($0) } ?? "", "\(look.index)",
                ]
            })
    }

    private var narrowing: Table.Narrowing {
        Table.Narrowing(
            below: [(column: 7, words: "by "), (column: 6, words: "expires ")]
                + (report.subjects == nil
                    ? [] : [(column: 8, words: "patient "), (column: 9, words: "practice ")]),
            cut: [
                (column: 3, least: 12, shortening: .name),
                (column: 4, least: 12, shortening: .name),
            ])
    }

    private var advice: String {
        "Compare this with the answering service's own list. What stands there and not here never reached the relay; telephone "
            + "about what nobody answered."
            + (report.subjects == nil
                ? " The logs do not hold what a message says, nor for which practice it was." : "")
            + (report.request.showsNames ? " Members are called by their newest names." : "")
    }
}
