import Secrets
import Statements

extension PeriodReport {
    /// The one object of `--json`: every total of the page, and all messages that are left to do something about, however many.
    /// Described in the article *Reports*.
    /// - Parameter verdict: The one that the report was computed from.
    /// - Throws: What ``AuditVerdict/forEachMessage(_:_:)`` throws.
    public func document(_ verdict: AuditVerdict) throws -> ReportJSON {
        // The most urgent first, as on the page.
        var byUrgency: [Urgency: [ReportList: [ReportJSON]]] = [:]
        try verdict.forEachMessage { message in
            let places = wholeLists(of: message)
            guard !places.isEmpty else { return }
            let told = try document(line(of: message))
            for list in places { byUrgency[message.urgency, default: [:]][list, default: []].append(told) }
        }
        var left: [ReportList: [ReportJSON]] = [:]
        for urgency in Urgency.allCases { left.merge(byUrgency[urgency] ?? [:], uniquingKeysWith: +) }
        var looks: [ReportJSON] = []
        try verdict.forEachAccess { if request.period.contains($0.logged) { looks.append(document($0)) } }
        return document(left: left, looks: looks)
    }

    /// Those that are told whole.
    private func wholeLists(of message: AuditedMessage) -> [ReportList] {
        let outcome = MessageOutcome(message)
        if request.period.contains(message.logged) {
            return (outcome.isLeft ? [.outcome(outcome)] : []) + message.marks.map(ReportList.marked)
        }
        return message.olderLists(in: request.period)
    }

    private func document(left: [ReportList: [ReportJSON]], looks: [ReportJSON]) -> ReportJSON {
        let figures: [(key: String, value: ReportJSON)] = [
            (
                "messages",
                [
                    "total": .count(total.messages), "replies": .count(replies), "forwards": .count(forwards),
                    "not_verified": .count(unsound),
                    "by_urgency": .object(Urgency.allCases.map { ($0.rawValue, .count(byUrgency[$0] ?? 0)) }),
                    "by_outcome": Self.document(total), "marked": .object(Self.marks(total)),
                    "taken_up": .count(takenUp), "older_open": .count(listed(.olderOpen).count),
                    "older": .object(
                        Self.olderKeys.map { ($0.key, .count(listed($0.list).count)) }),
                    "open_replies": .count(waitingReplies),
                ]
            ),
            ("days", .array(days.map(Self.document(ofDay:)))),
            ("times", .object(measures.map { ($0.measure.rawValue, Self.document($0)) })),
            ("hours", .array(hours.map { .count($0) })),
            ("receipts", .array(receipts.map { Self.document($0, "action", "receipts") })),
            (
                "pages",
                [
                    "outcomes": .array(
                        pages.map {
                            [
                                "outcome": .text(orNull: $0.reason), "attempts": .count($0.facts),
                                "messages": .count($0.messages),
                            ]
                        }),
                    "messages": .count(paged), "messages_without_accepted": .count(pagedInVain),
                ]
            ),
        ]
        let unfinished: [(key: String, value: ReportJSON)] = [
            ("unanswered", .array(left[.outcome(.unanswered)] ?? [])),
            ("unexplained", .array(left[.outcome(.unexplained)] ?? [])),
            ("undeliverable", .array(left[.outcome(.undeliverable)] ?? [])),
            ("open", .array(left[.outcome(.open)] ?? [])), ("older_open", .array(left[.olderOpen] ?? [])),
        ]
        let marked = MessageMark.allCases.map { mark -> (key: String, value: ReportJSON) in
            (mark.rawValue, .array(left[.marked(mark)] ?? []))
        }
        let rest: [(key: String, value: ReportJSON)] = [
            (
                "roster_changes",
                [
                    "counts": .object(
                        RosterChange.Kind.allCases.map { kind in
                            (kind.rawValue, .count(changes.count { $0.kind == kind }))
                        }), "list": .array(changes.map(document)), "members": .count(members),
                    "live_devices": .count(liveDevices),
                ]
            ),
            ("looks", .array(looks)),
            ("escalations", ["recorded": false, "reason": .string(Self.escalationWords)]),
        ]
        let older = Self.olderKeys.map { one -> (key: String, value: ReportJSON) in
            (one.key, .array(left[one.list] ?? []))
        }
        return .object(header + figures + unfinished + marked + rest + older)
    }

    /// Lists of what was accepted before the period, beside `older_open`.
    private static var olderKeys: [(key: String, list: ReportList)] {
        ReportList.older.compactMap { list in
            guard list != .olderWaiting, let name = list.olderName else { return nil }
            return (name, list)
        }
    }

    /// What every output says of itself first.
    var header: [(key: String, value: ReportJSON)] {
        [
            ("report", "nightbell.report/1"), ("ok", .bool(ok)), ("organisation", .text(orNull: organisation)),
            ("organisation_name", .text(orNull: organisationName)), ("founded", .text(orNull: founded)),
            (
                "period",
                [
                    "start": .text(request.period.start), "end": .text(request.period.end),
                    "zone": .string(request.zone.name),
                ]
            ), ("generated", .text(request.generated)),
            (
                "generated_by",
                [
                    "device": .text(orNull: request.device), "member": .text(orNull: asker),
                    "name": .text(orNull: names.name(asker)),
                ]
            ), ("as_of", .text(asOf)), ("roster", Self.document(roster)), ("activity", Self.document(activity)),
            ("replayed_from", .index(continued)),
            ("findings", .array(findings.map(document))), ("names", .bool(request.showsNames)),
            (
                "patients",
                subjects.map { ["look": .index($0.look), "reason": .string($0.reason.rawValue)] } ?? .null
            ), ("covered", .string(coverage.rawValue)),
        ]
    }

    private static func document(_ tree: AuditVerdict.Tree?) -> ReportJSON {
        guard let tree else { return .null }
        return ["size": .index(tree.size), "root": .text(tree.root)]
    }

    func document(_ finding: AuditFinding) -> ReportJSON {
        [
            "code": .string(finding.code.rawValue), "severity": .string(finding.severity.rawValue),
            "log": .text(orNull: finding.log?.rawValue), "entries": .array(finding.entries.map { .index($0) }),
            "message": .text(orNull: finding.message), "sentence": .string(sentence(finding)),
        ]
    }

    private static func document(_ day: Day) -> ReportJSON {
        .object(MessageOutcome.allCases.map { ($0.rawValue, .count(day[$0])) })
    }

    private static func document(ofDay day: Day) -> ReportJSON {
        let outcomes = MessageOutcome.allCases.map { outcome -> (key: String, value: ReportJSON) in
            (outcome.rawValue, .count(day[outcome]))
        }
        return .object([("day", .string(day.day)), ("messages", .count(day.messages))] + outcomes + marks(day))
    }

    private static func marks(_ day: Day) -> [(key: String, value: ReportJSON)] {
        MessageMark.allCases.map { ($0.rawValue, .count(day[$0])) }
    }

    private static func document(_ count: Count, _ word: String, _ facts: String) -> ReportJSON {
        .object([
            (word, .string(count.word)), ("reason", .text(orNull: count.reason)), (facts, .count(count.facts)),
            ("messages", .count(count.messages)),
        ])
    }

    private static func document(_ measured: Measured) -> ReportJSON {
        [
            "by_urgency": .object(
                measured.rows.map { row in
                    (
                        row.urgency.rawValue,
                        .object(
                            [("messages", .count(row.messages))] + document(row.times) + [
                                ("target_milliseconds", .integer(orNull: row.targetSeconds.map { $0 * 1000 })),
                                ("met", row.targetSeconds == nil ? .null : .count(row.met)),
                                ("due", row.targetSeconds == nil ? .null : .count(row.due)),
                            ])
                    )
                }), "by_hour": .array(measured.hours.map { .object(document($0)) }),
        ]
    }

    private static func document(_ times: Distribution) -> [(key: String, value: ReportJSON)] {
        [
            ("count", .count(times.count)), ("median_milliseconds", .integer(orNull: times.median)),
            ("p90_milliseconds", .integer(orNull: times.percentile(90))),
            ("p95_milliseconds", .integer(orNull: times.percentile(95))),
            ("p99_milliseconds", .integer(orNull: times.percentile(99))),
            ("max_milliseconds", .integer(orNull: times.maximum)),
        ]
    }

    func document(_ line: MessageLine) -> ReportJSON {
        let document: ReportJSON = [
            "message": .text(line.message), "index": .index(line.index), "accepted": .text(line.logged),
            "urgency": .string(line.urgency.rawValue),
            "from": [
                "device": .text(line.sender), "member": .text(orNull: line.senderMember),
                "name": .text(orNull: names.name(line.senderMember)),
            ],
            "to": ["member": .text(line.member), "name": .text(orNull: names.name(line.member))],
            "kind": line.isReply ? "reply" : line.isForward ? "forward" : "message",
            "outcome": .string(line.outcome.rawValue), "marks": .array(line.marks.map { .string($0.rawValue) }),
            "state": .string(line.state.rawValue), "no_device_left": .bool(isOutOfReach(line)),
            "delivered": document(line.delivered), "opened": document(line.read),
            "acknowledged": document(line.acknowledged), "taken_up": document(line.answered),
            "closed": document(line.closed), "declined": document(line.declined), "expires": .text(line.expires),
            "pages": ["attempts": .count(line.pages), "accepted": .count(line.acceptedPages)],
            "verified": .bool(line.isSound),
        ]
        guard subjects != nil else { return document }
        return document.adding("patient", .text(orNull: line.subject?.patient))
            .adding("practice", .text(orNull: line.subject?.practice))
    }

    private func document(_ moment: MessageLine.Moment?) -> ReportJSON {
        guard let moment else { return .null }
        return [
            "time": .text(moment.time), "device": .text(orNull: moment.device), "member": .text(orNull: moment.member),
            "name": .text(orNull: names.name(moment.member)), "action": .string(moment.action),
            "reason": .text(orNull: moment.reason), "device_revoked": document(revocation(moment)),
        ]
    }

    /// The reason is what somebody typed, and may hold a name.
    func document(_ revocation: LaterRevocation?) -> ReportJSON {
        guard let revocation else { return .null }
        return [
            "at": .text(revocation.at), "reason": request.showsNames ? .string(revocation.reason) : .null,
        ]
    }

    func document(_ change: RosterChange) -> ReportJSON {
        [
            "change": .string(change.kind.rawValue), "time": .text(change.time), "index": .index(change.index),
            "member": .text(orNull: change.member), "name": .text(orNull: names.name(change.member)),
            "subject": .string(change.subject), "words": .text(orNull: words(of: change)),
            "renamed": document(change.renaming),
            "by": .array(change.signers.map(document)), "label": .text(orNull: label(of: change)),
        ]
    }

    private func document(_ signer: RosterChange.Signer) -> ReportJSON {
        [
            "signer": .string(signer.name), "member": .text(orNull: signer.member),
            "name": .text(orNull: names.name(signer.member)),
        ]
    }

    private func document(_ renaming: RosterChange.Renaming?) -> ReportJSON {
        guard request.showsNames, let renaming else { return .null }
        return ["before": .string(renaming.before), "after": .string(renaming.after)]
    }

    func document(_ look: AuditedAccess) -> ReportJSON {
        [
            "time": .text(look.logged), "index": .index(look.index), "kind": .string(look.access.kind.rawValue),
            "reason": .string(look.access.reason.rawValue), "message": .text(orNull: look.access.message),
            "device": .text(orNull: look.access.device), "member": .text(orNull: look.member),
            "name": .text(orNull: names.name(look.member)), "verified": .bool(look.isSound),
        ]
    }

    static let escalationWords =
        "this version seals every message to all devices of its addressee and releases it to them at once (step 0): there are no escalation steps that could be reported"
}
