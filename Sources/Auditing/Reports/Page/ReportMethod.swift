import Secrets
import Statements

/// What a report says of itself, in every form that people read.
enum ReportMethod {
    /// From where on this audit read the logs itself: what an earlier one on this device verified is not read again.
    static func replay(_ report: PeriodReport) -> String {
        report.continued == 0
            ? "Both logs were replayed from their first entry"
            : "The roster log was replayed from its first entry, and the activity log from entry \(report.continued) on, on top of what "
                + "earlier audits on this device had verified of the entries before (\"nightbell audit verify --anew\" reads all of them again)"
    }

    static func words(_ report: PeriodReport) -> [(term: String, words: String)] {
        [
            (
                "Computed from",
                "The roster log of \(tree(report.roster)), and the activity log of \(tree(report.activity)), of the organisation "
                    + "\(report.organisation.map { "\($0)" } ?? "unknown") at the relay \(report.relay ?? "unknown"). "
                    + "Whoever holds the same logs gets the same figures: nightbell audit export keeps them. \(replay(report))."
            ),
            ("Witnesses", "\(report.witnessWords)."),
            (
                "Which messages",
                "Those that the relay accepted in the period, with all that happened to them until the logs end: asked again later, the "
                    + "same period may show more answers. A message that carries another one on counts as a message of its own: a call that was "
                    + "handed on and taken up there is two messages that were taken up. Declined, answered late and closed unread are "
                    + "counted among those of their outcomes: no message counts twice. Late is what the relay had logged as unanswered "
                    + "before; closed unread is what was closed, and no device had said that anybody read it or took it up: neither its time to "
                    + "acknowledge nor its time to close is taken. What was accepted before the period and expired, was answered late, was "
                    + "closed unread or was given up in it, and what still waits or stays declined, stands in lists of its own, from before: "
                    + "it is in none of the counts, times and charts, which go by acceptance."
            ),
            (
                "Times",
                "Those of the log's entries, which the relay writes and the audit bounds; what a device signed while it was not "
                    + "connected counts from when it came. The logs have UTC; days and hours here are those of "
                    + "\(report.request.zone.name)."
            ),
            (
                "Names",
                report.request.showsNames
                    ? "Members are called by the newest name that the roster log gives them, also for what they did under an earlier one, "
                        + "whenever they were renamed. Who was renamed in the period stands among its changes, with both names; the sentence "
                        + "of a finding has the name of then, and nightbell audit message tells both."
                    : "None: members are told by their ids, which stay the same when somebody is renamed."
            ),
            (
                "Devices since revoked",
                "What a device answered that is revoked by now is marked, with the reason of the revocation: it may not be its "
                    + "owner's deed. When a device was lost no log says: nightbell audit breach --lost-at TIME tells apart what was done on it "
                    + "since."
            ),
            (
                "Percentiles",
                "By nearest rank: 90 % is the smallest time within which at least 90 of 100 messages that got so far did. "
                    + "Messages that never got so far are in none of them: see how many are missing."
            ),
            (
                "Within target",
                "Acknowledge: \(ReportMeasure.acknowledge.targetWords). Close: \(ReportMeasure.close.targetWords). "
                    + "Of those that reached it or whose time is over; what expired unanswered has missed it. Where the policy sets no "
                    + "target there is none."
            ),
            (
                "Not verified",
                (report.isDamagedCopyAlone
                    ? "Times are not taken of messages that this copy cannot verify: "
                    : "Times are not taken of messages about which a promise was broken: ")
                    + "\(report.unsound) in this period."
            ),
            (
                "Not in it",
                (report.subjects == nil
                    ? "What any message says, who the patient is, and what was said on the telephone: the logs do not hold it. Which "
                        + "practice a call was for stands in its sealed capsule alone: this report is about the whole organisation. "
                    : "What any message says, and what was said on the telephone. Patients and practices are those that the senders "
                        + "sealed into the capsules; where a capsule did not open, or a sender named nobody, there is none. ")
                    + "Filing in another system counts only where a device signed it."
            ),
            (
                "What it does not prove",
                "It carries no signature: the signed logs are the proof. A relay that keeps two groups of people wholly apart shows "
                    + "each a log that holds; compare checkpoints with others. It is no statement that a law is satisfied."
            ),
        ]
    }

    private static func tree(_ tree: AuditVerdict.Tree?) -> String {
        tree.map { "\($0.size.counted("entry", "entries")) with root \($0.root)" } ?? "an unreadable checkpoint"
    }
}
