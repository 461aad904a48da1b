import Auditing
import DeviceKit
import Secrets
import Statements

/// One message's whole history by the activity log, in JSON and in words.
struct MessageReport {
    private let message: AuditedMessage
    private let report: AuditReport
    private let followUps: FollowUps
    private let findings: [AuditFinding]

    init(_ message: AuditedMessage, _ report: AuditReport, _ followUps: FollowUps) {
        self.message = message
        self.report = report
        self.followUps = followUps
        findings = report.verdict.findings.filter { $0.message == message.message }
    }

    // MARK: JSON

    var object: JSONObject {
        var object = JSONObject()
        object.set("message", to: .text(message.message))
        object.set("manifest", to: .text(message.manifest))
        object.set("index", to: .integer(message.index))
        object.set("state", to: .string(message.state.rawValue))
        AuditMessagesCommand.setReach(message, report.verdict, in: &object)
        object.set("unanswered", to: .bool(message.isUnanswered))
        object.set("marks", to: .array(message.marks.map { .string($0.rawValue) }))
        object.set("urgency", to: .string(message.urgency.rawValue))
        object.set("at", to: .text(message.at))
        object.set("logged", to: .text(message.logged))
        object.set("expires", to: .text(message.expires))
        object.set("in_reply_to", to: .text(orNull: message.isReply ? message.refersTo : nil))
        object.set("forward_of", to: .text(orNull: message.isReply ? nil : message.refersTo))
        var sender = JSONObject()
        sender.set("device", to: .text(message.sender))
        sender.set("member", to: .text(orNull: message.senderMember))
        report.setName(of: message.senderMember, at: message.logged, in: &sender)
        object.set("sender", to: .object(sender))
        var addressed = JSONObject()
        addressed.set("member", to: .text(message.member))
        report.setName(of: message.member, at: message.logged, in: &addressed)
        object.set("addressed", to: .object(addressed))
        object.set(
            "recipients",
            to: .array(
                message.recipients.map {
                    [
                        "device": .text($0.device), "served": .bool($0.isServed), "delivered": .bool($0.isDelivered),
                        "undeliverable": .bool($0.isUndeliverable),
                    ]
                }))
        object.set(
            "without",
            to: .array(message.without.map { ["device": .text($0.device), "reason": .string($0.reason.rawValue)] }))
        object.set("states", to: .array(message.facts.filter { !Self.isServed($0) }.map { document($0) }))
        object.set("served", to: .array(message.facts.filter(Self.isServed).map { document($0) }))
        object.set("replies", to: .array(followUps.replies.map { document($0) }))
        object.set("verified", to: .bool(report.isVerified(message)))
        object.set("findings", to: .array(findings.map(AuditReport.document)))
        return object
    }

    private func document(_ reply: AuditedMessage) -> JSONValue {
        var object = JSONObject()
        object.set("message", to: .text(reply.message))
        object.set("member", to: .text(orNull: reply.senderMember))
        report.setName(of: reply.senderMember, at: reply.logged, in: &object)
        object.set("at", to: .text(reply.at))
        object.set("logged", to: .text(reply.logged))
        object.set("index", to: .integer(reply.index))
        object.set("state", to: .string(reply.state.rawValue))
        return .object(object)
    }

    private static func isServed(_ fact: AuditedMessage.Fact) -> Bool { fact.word == "served" }

    private func document(_ fact: AuditedMessage.Fact) -> JSONValue {
        var object = JSONObject()
        object.set("action", to: .string(fact.word))
        object.set("reason", to: .text(orNull: fact.reason))
        object.set("device", to: .text(orNull: fact.device))
        object.set("member", to: .text(orNull: fact.member))
        report.setName(of: fact.member, at: fact.logged, in: &object)
        object.set("at", to: .text(fact.at))
        object.set("logged", to: .text(fact.logged))
        object.set("index", to: .integer(fact.index))
        object.set(
            "forward",
            ifPresent: followUps.by(fact).map { forward -> JSONValue in
                var object = JSONObject()
                object.set("message", to: .text(forward.message))
                object.set("member", to: .text(forward.member))
                report.setName(of: forward.member, at: forward.logged, in: &object)
                return .object(object)
            })
        object.set("device_revoked", to: AuditReport.document(fact.laterRevocation(report.verdict.view)))
        return .object(object)
    }

    // MARK: Words

    /// What happened, in the words of every other place that tells it.
    private static func words(_ fact: AuditedMessage.Fact) -> String {
        guard isServed(fact) else { return ActionWords.text(fact.word) }
        return fact.reason == RelayEvent.Served.notice.rawValue ? "let out what became of it" : "let out"
    }

    var human: String {
        var lines = [
            "\(message.message)  \(AuditMessagesCommand.reach(message, report.verdict))"
                + (report.isVerified(message) ? "" : "  NOT VERIFIED"),
            "  from     \(SafeText.line(report.name(message.senderMember, at: message.logged)))  \(message.sender)",
            "  to       \(SafeText.line(report.name(message.member, at: message.logged)))  \(message.urgency.words), expires \(LocalTime.full(message.expires))",
            "  \(LocalTime.exact(message.logged))  accepted as entry \(message.index), signed at \(LocalTime.exact(message.at))",
        ]
        if let referred = message.refersTo {
            lines.append("  \(message.isReply ? "answers " : "carries on") \(referred)")
        }
        for left in message.without {
            lines.append("  could not be sealed to \(left.device)\(ActionWords.reason(left.reason.rawValue))")
        }
        lines += happened
        for finding in findings {
            lines.append("  FINDING \(finding.code.rawValue): \(SafeText.line(finding.sentence))")
        }
        return lines.joined(separator: "\n")
    }

    /// Facts and answers, in the order of the log.
    private var happened: [String] {
        let facts = message.facts.map { fact -> (index: UInt64, line: String) in
            let reason = fact.word == "served" ? "" : ActionWords.reason(fact.reason)
            let who = fact.device.map { "  \(SafeText.line(report.name(fact.member, at: fact.logged)))  \($0)" } ?? ""
            let to =
                followUps.by(fact).map {
                    " to \(SafeText.line(report.name($0.member, at: $0.logged))) as \($0.message)"
                } ?? ""
            let revoked = AuditReport.words(fact.laterRevocation(report.verdict.view))
            let own = fact.at == fact.logged ? "" : "  signed at \(LocalTime.exact(fact.at))"
            return (
                fact.index,
                "  \(LocalTime.exact(fact.logged))  \(Self.words(fact))\(to)\(reason)\(who)\(revoked)  entry \(fact.index)\(own)"
            )
        }
        let replies = followUps.replies.map { reply -> (index: UInt64, line: String) in
            (
                reply.index,
                "  \(LocalTime.exact(reply.logged))  answered in \(reply.message), by \(SafeText.line(report.name(reply.senderMember, at: reply.logged)))  entry \(reply.index)"
            )
        }
        return (facts + replies).sorted { $0.index < $1.index }.map(\.line)
    }
}
