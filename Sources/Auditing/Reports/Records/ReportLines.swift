import Secrets
import Statements

/// A report as NDJSON: what it is, then every finding, roster change, message and fact, and at last how many there were.
public struct ReportLines: Sendable {
    private let report: PeriodReport

    public init(_ report: PeriodReport) { self.report = report }

    /// Hands over one line after the other. Nothing but one message's lines is held.
    /// - Parameter verdict: The one that the report was computed from.
    /// - Throws: What `body` and ``AuditVerdict/forEachMessage(_:_:)`` throw.
    public func write(_ verdict: AuditVerdict, to body: ([UInt8]) throws -> Void) throws {
        try body(ReportJSON.object([("type", "report")] + report.header).line)
        for change in report.changes { try body(typed("roster_change", report.document(change))) }
        try verdict.forEachAccess { look in
            guard report.request.period.contains(look.logged) else { return }
            try body(typed("look", report.document(look)))
        }
        var messages = 0
        var facts = 0
        var older = 0
        try verdict.forEachMessage { message in
            guard report.request.period.contains(message.logged) else {
                // Named otherwise, for it is in none of the counts.
                let lists = message.olderLists(in: report.request.period)
                guard !lists.isEmpty else { return }
                older += 1
                let names = lists.filter { $0 != .olderWaiting }.map { ReportJSON.string($0.olderName ?? "") }
                let told = report.document(try report.line(of: message)).adding("lists", .array(names))
                return try body(typed("older_message", told))
            }
            messages += 1
            facts += message.facts.count
            try body(typed("message", report.document(report.line(of: message))))
            for fact in message.facts { try body(line(fact, of: message)) }
        }
        // A file that was cut off has no such line.
        try body(
            ([
                "type": "end", "roster_changes": .count(report.changes.count), "looks": .count(report.looks.count),
                "messages": .count(messages),
                "facts": .count(facts), "older_messages": .count(older),
            ]
                as ReportJSON).line)
    }

    private func typed(_ type: String, _ document: ReportJSON) -> [UInt8] {
        guard case .object(let members) = document else { return document.line }
        return ReportJSON.object([("type", .string(type))] + members).line
    }

    private func line(_ fact: AuditedMessage.Fact, of message: AuditedMessage) -> [UInt8] {
        ([
            "type": "fact", "message": .text(message.message), "fact": .string(fact.word),
            "reason": .text(orNull: fact.reason), "device": .text(orNull: fact.device),
            "member": .text(orNull: fact.member), "name": .text(orNull: report.names.name(fact.member)),
            "signed": .text(fact.at), "logged": .text(fact.logged), "index": .index(fact.index),
            "device_revoked": report.document(report.revocation(fact)),
        ] as ReportJSON).line
    }
}
