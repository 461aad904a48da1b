import Statements

extension PeriodReport {
    /// All sections as tables, in the order of the page: what the CSV has. Messages and looks are too many: their tables have
    /// no rows here, which come from the logs one after the other.
    public var tables: [ReportTable] {
        [
            findingTable("findings", "What the audit of both logs found", broken + notes), dayTable,
            messageTable("messages", "Every message of the period", Listed(limit: 0)), olderTable,
            timeTable, hourTable, receiptTable, pageTable, changeTable, lookTable(Listed(limit: 0)),
            olderMissedTable,
        ]
    }

    // MARK: Findings

    func findingTable(_ name: String, _ caption: String, _ findings: [AuditFinding]) -> ReportTable {
        ReportTable(
            name, caption,
            [
                .init("severity", "Severity"), .init("code", "Code"), .init("log", "Log"), .init("entries", "Entries"),
                .init("message", "Message"), .init("sentence", "What was found"),
            ],
            findings.map { finding in
                [
                    .word(finding.severity.rawValue), .id(finding.code.rawValue),
                    .text(orNone: finding.log?.rawValue),
                    .text(finding.entries.map(String.init).joined(separator: " ")),
                    finding.message.map { .message($0) } ?? .none, .text(sentence(finding)),
                ]
            })
    }

    /// A finding's sentence, without the names in it where names are left out.
    public func sentence(_ finding: AuditFinding) -> String {
        guard !request.showsNames else { return finding.sentence }
        return finding.message.map { "about \($0): look it up with its code in the audit's findings" }
            ?? "look it up with its code in the audit's findings"
    }

    // MARK: Days

    var dayTable: ReportTable {
        let outcomes: [MessageOutcome] = [
            .closed, .handedOff, .acknowledged, .arrivedReply, .open, .unanswered, .undeliverable, .unexplained,
        ]
        let total = total
        var columns: [ReportTable.Column] = [.init("day", "Day"), .init("messages", "Messages")]
        columns += outcomes.map { .init($0.rawValue, $0.heading) }
        // They are counted in the columns before already; a page has no room for columns of zeros.
        columns += MessageMark.allCases.map { .init($0.rawValue, total[$0] > 0 ? $0.heading : nil) }
        var table = ReportTable(
            "days",
            "Messages by the day (\(request.zone.name)) on which the relay accepted them, and what became of them",
            columns,
            (days + (days.count > 1 ? [total] : [])).map { day in
                var cells: [ReportTable.Cell] = [.word(day.day), .count(day.messages)]
                cells += outcomes.map { .count(day[$0]) }
                cells += MessageMark.allCases.map { .count(day[$0]) }
                return cells
            })
        table.hasTotal = days.count > 1
        return table
    }

    // MARK: Messages

    /// Messages in the order that they are given.
    func messageTable(_ name: String, _ caption: String, _ lines: Listed<MessageLine>) -> ReportTable {
        var columns: [ReportTable.Column] = [
            .init("message", "Message"), .init("accepted", "Accepted"), .init("urgency", "Urgency"),
            .init("from", "From"), .init("from_member", nil), .init("to", "To"), .init("to_member", nil),
            .init("kind", nil), .init("outcome", "What became of it"), .init("state", "Came as far as"),
            .init("delivered", nil), .init("opened", nil), .init("acknowledged", nil),
            .init("acknowledged_by", nil), .init("acknowledged_by_member", nil), .init("closed", "Closed"),
            .init("expires", "Expires"), .init("pages", nil), .init("pages_accepted", nil), .init("verified", nil),
            .init("index", nil), .init("marks", nil), .init("taken_up", "Taken up"), .init("taken_up_by", "By"),
            .init("taken_up_by_member", nil), .init("taken_up_with", nil),
        ]
        if subjects != nil { columns += [.init("patient", "Patient"), .init("practice", "Practice")] }
        // Programs read columns by their places: what is new comes last.
        columns += [
            .init("no_device_left", nil), .init("declined", "Declined"), .init("declined_by", "By"),
            .init("declined_by_member", nil), .init("declined_reason", "Reason"), .init("closed_by", "By"),
            .init("closed_by_member", nil),
        ]
        for deed in Self.deeds {
            columns += [.init("\(deed.name)_device_revoked", nil), .init("\(deed.name)_device_revoked_reason", nil)]
        }
        var table = ReportTable(name, caption, columns, lines.first.map { cells($0) })
        table.more = lines.more
        return table
    }

    func cells(_ line: MessageLine) -> [ReportTable.Cell] {
        let isOut = isOutOfReach(line)
        let left = isOut ? ", NO DEVICE LEFT" : ""
        let reference = line.outcome == .arrivedReply ? "" : line.referenceWords
        var cells: [ReportTable.Cell] = [
            .message(line.message), .time(line.logged), .word(line.urgency.rawValue),
            .text(names.text(line.senderMember)), .id(line.senderMember?.description ?? ""),
            .text(names.text(line.member)), .id(line.member.description),
            .word(line.isReply ? "reply" : line.isForward ? "forward" : "message"),
            .word(
                line.outcome.rawValue,
                shown: line.outcomeWords + reference + closingMark(of: line) + left
                    + (line.isSound ? "" : " (NOT VERIFIED)")),
            .word(line.state.rawValue, shown: line.stateWords + line.referenceWords + left),
            .time(orNone: line.delivered?.time),
            .time(orNone: line.read?.time),
            .time(orNone: line.acknowledged?.time), person(line.acknowledged),
            .id(line.acknowledged?.member?.description ?? ""), .time(orNone: line.closed?.time), .time(line.expires),
            .count(line.pages), .count(line.acceptedPages), .word(line.isSound ? "yes" : "no"), .count(Int(line.index)),
            .word(line.marks.map(\.rawValue).joined(separator: " ")), .time(orNone: line.answered?.time),
            person(line.answered),
            .id(line.answered?.member?.description ?? ""), .word(line.answered?.action ?? ""),
        ]
        if subjects != nil {
            cells += [.text(orNone: line.subject?.patient), .text(orNone: line.subject?.practice)]
        }
        cells += [
            .word(isOut ? "yes" : "no"), .time(orNone: line.declined?.time),
            person(line.declined), .id(line.declined?.member?.description ?? ""),
            line.declined?.reason.map { .word($0) } ?? .none,
            person(line.closed), .id(line.closed?.member?.description ?? ""),
        ]
        for deed in Self.deeds {
            let revocation = revocation(line[keyPath: deed.moment])
            let reason = request.showsNames ? revocation?.reason : nil
            cells += [.time(orNone: revocation?.at), .text(orNone: reason)]
        }
        return cells
    }

    /// What somebody did, whose device may be revoked by now.
    private static var deeds: [(name: String, moment: KeyPath<MessageLine, MessageLine.Moment?>)] {
        [
            ("acknowledged", \.acknowledged), ("taken_up", \.answered), ("declined", \.declined), ("closed", \.closed),
        ]
    }

    private func person(_ moment: MessageLine.Moment?) -> ReportTable.Cell {
        moment.map { .noted(names.text($0.member), note: mark(of: $0)) } ?? .none
    }

    private var olderTable: ReportTable {
        messageTable(
            "older_open", "Messages of before the period that nobody has answered, and that have not expired",
            Listed(limit: 0))
    }

    private var olderMissedTable: ReportTable {
        messageTable(
            "older_missed",
            "Messages of before the period that expired, were answered late, closed unread or given up in it",
            Listed(limit: 0))
    }

    // MARK: Times

    var timeTable: ReportTable {
        ReportTable(
            "times", "How long messages took, by urgency",
            [
                .init("measure", "Measure"), .init("urgency", "Urgency"), .init("messages", "Messages"),
                .init("reached", "Reached"), .init("median_seconds", "Median"), .init("p90_seconds", "90 %"),
                .init("p95_seconds", "95 %"), .init("p99_seconds", "99 %"), .init("max_seconds", "Longest"),
                .init("target_seconds", "Target"), .init("within_target", "Within target"), .init("due", nil),
            ],
            measures.flatMap { measured in
                measured.rows.map { row in
                    [.word(measured.measure.rawValue, shown: measured.measure.title), .word(row.urgency.rawValue)]
                        + Self.figures(row)
                }
            })
    }

    static func figures(_ row: Row) -> [ReportTable.Cell] {
        [
            .count(row.messages), .count(row.times.count), .span(orNone: row.times.median),
            .span(orNone: row.times.percentile(90)), .span(orNone: row.times.percentile(95)),
            .span(orNone: row.times.percentile(99)), .span(orNone: row.times.maximum),
            .span(orNone: row.targetSeconds.map { $0 * 1000 }),
            row.targetSeconds == nil ? .none : .share(row.met, of: row.due),
            row.targetSeconds == nil ? .none : .count(row.due),
        ]
    }

    var hourTable: ReportTable {
        ReportTable(
            "hours", "How long messages took, by the hour (\(request.zone.name)) in which the relay accepted them",
            [.init("hour", "Hour"), .init("messages", "Messages")]
                + measures.flatMap { measured -> [ReportTable.Column] in
                    let name = measured.measure.rawValue
                    return [
                        .init("\(name)_count", nil),
                        .init("\(name)_median_seconds", "\(measured.measure.title), median"),
                        .init("\(name)_p90_seconds", nil), .init("\(name)_max_seconds", nil),
                    ]
                },
            // Of an hour without messages there is nothing to say.
            (0..<24).filter { hours[$0] > 0 }.map { hour in
                [.word(hour < 10 ? "0\(hour)" : "\(hour)"), .count(hours[hour])]
                    + measures.flatMap { measured -> [ReportTable.Cell] in
                        let times = measured.hours[hour]
                        return [
                            .count(times.count), .span(orNone: times.median), .span(orNone: times.percentile(90)),
                            .span(orNone: times.maximum),
                        ]
                    }
            })
    }

    // MARK: Facts

    var receiptTable: ReportTable {
        ReportTable(
            "receipts", "What recipients' devices signed about the messages of the period",
            [
                .init("action", "Receipt"), .init("reason", "Reason"), .init("receipts", "Receipts"),
                .init("messages", "Of messages"),
            ],
            receipts.map {
                [
                    .word($0.word, shown: $0.word.actionWords), $0.reason.map { .word($0) } ?? .none, .count($0.facts),
                    .count($0.messages),
                ]
            })
    }

    var pageTable: ReportTable {
        ReportTable(
            "pages", "Attempts to wake a device by a push service, and what became of them",
            [.init("outcome", "Outcome"), .init("attempts", "Attempts"), .init("messages", "Of messages")],
            pages.map { [.word($0.reason ?? ""), .count($0.facts), .count($0.messages)] })
    }

    /// What exactly was asked only auditors can tell, who hold the key of its hash.
    func lookTable(_ looks: Listed<AuditedAccess>) -> ReportTable {
        var table = ReportTable(
            "looks", "Looks at what the logs and capsules tell, as auditors' devices signed them",
            [
                .init("time", "When"), .init("kind", "At"), .init("reason", "Why"), .init("by", "By"),
                .init("by_member", nil), .init("device", nil), .init("message", "Message"), .init("verified", nil),
                .init("index", "Entry"),
            ],
            looks.first.map { cells($0) })
        table.more = looks.more
        return table
    }

    func cells(_ look: AuditedAccess) -> [ReportTable.Cell] {
        [
            .time(look.logged),
            .word(
                look.access.kind.rawValue,
                shown: look.access.kind.rawValue + (look.isSound ? "" : " (NOT VERIFIED)")),
            .word(look.access.reason.rawValue), .text(looker(look)), .id(look.member?.description ?? ""),
            .id(look.access.device?.description ?? ""), look.access.message.map { .message($0) } ?? .none,
            .word(look.isSound ? "yes" : "no"), .count(Int(look.index)),
        ]
    }

    /// Whose look it was.
    public func looker(_ look: AuditedAccess) -> String {
        look.access.device == nil ? "the recovery key" : names.text(look.member)
    }

    var changeTable: ReportTable {
        ReportTable(
            "roster", "Members, devices, invitations, keys and witnesses: what changed in the period",
            [
                .init("time", "When"), .init("change", "What"), .init("member", "Whose"), .init("member_id", nil),
                .init("subject", "Id"), .init("words", "What it is now, label or reason"), .init("index", "Entry"),
                .init("by", "By"), .init("by_members", nil), .init("signers", nil), .init("label", nil),
            ],
            changes.map { change in
                [
                    .time(change.time), .word(change.kind.rawValue),
                    .text(orNone: change.member.map { names.text($0) }), .id(change.member?.description ?? ""),
                    .id(change.subject), words(of: change).map { .noted($0, note: note(change)) } ?? .none,
                    .count(Int(change.index)), .text(signers(of: change)),
                    .id(change.signers.compactMap { $0.member?.description }.joined(separator: " ")),
                    .id(change.signers.map(\.name).joined(separator: " ")), .text(orNone: label(of: change)),
                ]
            })
    }

    private func note(_ change: RosterChange) -> String { label(of: change).map { "; \($0)" } ?? "" }
}

extension String {
    /// Words of our statements, as people say them.
    var spaced: String { replacing("_", with: " ") }

    /// A receipt's action, as people say it.
    var actionWords: String { self == ReceiptAction.disclosed.rawValue ? "saved a file" : spaced }
}

extension Urgency {
    var words: String { rawValue.spaced }
}

extension MessageOutcome {
    /// A sheet of paper is not wide enough for so many columns when their long words stay whole.
    var heading: String {
        switch self {
        case .arrivedReply: "Replies that arrived"
        case .acknowledged: "Acknow\u{AD}ledged"
        case .unanswered: "Unan\u{AD}swered"
        case .undeliverable: "Undeliver\u{AD}able"
        case .unexplained: "Unex\u{AD}plained"
        case .closed, .handedOff, .open: words.prefix(1).uppercased() + words.dropFirst()
        }
    }
}

extension MessageMark {
    var heading: String {
        switch self {
        case .declined: "Of these declined"
        case .late: "Of these late"
        case .closedUnread: "Of these closed unread"
        }
    }
}
