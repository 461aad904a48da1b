import Statements

extension ReportPage {
    /// What a list is called, in its place and for people.
    func heading(_ list: ReportList) -> (name: String, caption: String) {
        switch list {
        case .marked(.declined): ("declined", "Declined, and nobody takes them")
        case .marked(.late): ("taken_late", "Answered only after they had expired, and nobody had answered")
        case .marked(.closedUnread): ("closed_unread", "Closed, and nobody had read them or taken them up")
        case .outcome(.unanswered): ("unanswered", "Expired, and nobody had answered")
        case .outcome(.unexplained): ("unexplained", "Overdue, and the log does not say what became of them")
        case .outcome(.undeliverable): ("undeliverable", "Given up for every device")
        case .outcome(.acknowledged): ("acknowledged", "Acknowledged, and not closed")
        case .outcome(let outcome): (outcome.rawValue, outcome.words)
        case .waiting:
            ("open", "Without an answer yet" + (report.total[.declined] > 0 ? " and not declined" : ""))
        case .olderOpen: ("older_open", "From before the period, and without an answer yet")
        case .olderWaiting:
            (
                "older_open",
                "From before the period, and without an answer yet"
                    + (has([.olderMarked(.declined)]) ? " and not declined" : "")
            )
        case .olderOutcome(let outcome):
            (
                "older_\(outcome.rawValue)",
                "From before the period, in it: \(Self.small(heading(.outcome(outcome)).caption))"
            )
        case .olderMarked(.declined): ("older_declined", "From before the period, declined, and nobody takes them")
        case .olderMarked(let mark):
            ("older_\(mark.rawValue)", "From before the period, in it: \(Self.small(heading(.marked(mark)).caption))")
        case .all: ("messages", "In the order in which the relay accepted them")
        case .notVerified:
            (
                "not_verified",
                report.isDamagedCopyAlone
                    ? "Not verified in this copy"
                    : report.isUnjudgedAlone ? "Not verified to the end" : "About which a promise was broken"
            )
        }
    }

    /// What is shown of a list's messages, besides what is shown of all.
    static func keys(_ list: ReportList, _ lines: [MessageLine]) -> [String] {
        // By whom, when and why, where anybody declined.
        let declined =
            lines.contains { $0.declined != nil } ? ["declined", "declined_by", "declined_reason"] : []
        return switch list {
        case .marked(.declined), .olderMarked(.declined):
            ["state", "declined", "declined_by", "declined_reason", "expires"]
        case .marked(.late), .olderMarked(.late): ["expires", "taken_up", "taken_up_by", "closed"]
        case .marked(.closedUnread), .olderMarked(.closedUnread): ["expires", "closed", "closed_by"]
        case .all: ["outcome", "expires", "taken_up", "taken_up_by"]
        case .notVerified: ["outcome"]
        case .outcome(.acknowledged): ["state", "taken_up", "taken_up_by"]
        case .outcome, .waiting, .olderOpen, .olderWaiting, .olderOutcome: ["state"] + declined + ["expires"]
        }
    }

    private static func small(_ words: String) -> String { words.prefix(1).lowercased() + words.dropFirst() }
}
