import Statements

extension ReportList {
    /// Messages of before the period to which something happened in it that needs a look, in the order in which they are told.
    static let olderMissed: [ReportList] = [
        .olderOutcome(.unanswered), .olderOutcome(.unexplained), .olderOutcome(.undeliverable), .olderMarked(.late),
        .olderMarked(.closedUnread),
    ]

    /// All lists of messages of before the period, no message twice for waiting.
    static let older: [ReportList] =
        [.olderOutcome(.unanswered), .olderMarked(.declined)] + olderMissed.dropFirst() + [.olderWaiting]

    /// Its members' name in JSON, and its table's on the page: as the period's own list is called, after `older_`.
    var olderName: String? {
        switch self {
        case .olderOutcome(let outcome): "older_\(outcome.rawValue)"
        case .olderMarked(let mark): "older_\(mark.rawValue)"
        case .olderWaiting, .olderOpen: "older_open"
        case .all, .outcome, .marked, .waiting, .notVerified: nil
        }
    }

    /// With how many: `3 expired unanswered`; nothing of a list of the period's own messages.
    func olderPhrase(_ count: Int) -> String {
        switch self {
        case .olderOutcome(let outcome): outcome.phrase(count)
        case .olderMarked(let mark): mark.phrase(count)
        case .olderWaiting, .olderOpen: MessageOutcome.open.phrase(count)
        case .all, .outcome, .marked, .waiting, .notVerified: ""
        }
    }
}

extension AuditedMessage {
    /// The lists of what was accepted before a period in which this stands: what nobody has answered yet, since whenever, and
    /// what came to pass in the period and needs a look. A call that was left to expire does so long after it was accepted: by
    /// its acceptance alone it would stand in no morning's report.
    func olderLists(in period: ReportPeriod) -> [ReportList] {
        guard logged < period.start else { return [] }
        let outcome = MessageOutcome(self)
        let marks = marks
        var lists: [ReportList] = []
        if outcome == .open {
            lists = [.olderOpen, marks.contains(.declined) ? .olderMarked(.declined) : .olderWaiting]
        } else if outcome == .unexplained || moments(of: outcome).contains(where: period.contains) {
            lists = [.olderOutcome(outcome)]
        }
        for mark in marks where moments(of: mark).contains(where: period.contains) { lists.append(.olderMarked(mark)) }
        return lists
    }

    /// When it came to that, of what somebody must look at.
    private func moments(of outcome: MessageOutcome) -> [Timestamp] {
        switch outcome {
        case .unanswered: facts.filter { $0.word == "unanswered" }.map(\.logged)
        // When the last device was given up.
        case .undeliverable: facts.last { $0.word == "undeliverable" }.map { [$0.logged] } ?? []
        // Nobody knows when what the relay did not say should have been said: it is told for as long as it is not.
        case .unexplained, .open, .acknowledged, .handedOff, .closed, .arrivedReply: []
        }
    }

    /// The same of a mark; what was declined waits, and is told for as long as it does.
    private func moments(of mark: MessageMark) -> [Timestamp] {
        switch mark {
        case .declined: []
        case .late: moments(of: .unanswered) + first([.acknowledged, .handedOff, .closed])
        case .closedUnread: first([.closed])
        }
    }

    /// When the first receipt of these was logged.
    private func first(_ actions: Set<ReceiptAction>) -> [Timestamp] {
        facts.first { ReceiptAction(rawValue: $0.word).map(actions.contains) ?? false }.map { [$0.logged] } ?? []
    }
}
