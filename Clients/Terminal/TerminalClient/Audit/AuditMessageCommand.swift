import ArgumentParser
import Auditing
import DeviceKit
import Secrets
import Statements

/// `nightbell audit message MSG`.
struct AuditMessageCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "message", abstract: "Tell one message's whole history from the activity log.",
        discussion: """
            The log is verified first, to its end: only so it shows that no receipt was left out. "at" is the signer's own time, \
            "logged" the log's.

            The log does not hold whose message it is. With --capsule that is told as well, on a device that holds the audit key: \
            the look is logged first, with its reason, and only then the capsule is opened.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var source: AuditSourceOptions

    @Argument(help: "The message's id, or its beginning.")
    var message: String

    @Flag(help: "Tell what the message's capsule names: the patient, the practice. The look is logged first.")
    var capsule = false

    @OptionGroup var look: LookOptions

    func perform(_ context: CommandContext) async throws {
        try look.check("--capsule", isAsked: capsule, hasCapsules: source.export == nil)
        guard !capsule else { return try await performLooking(context) }
        let beginning = MessageID.beginning(message)
        let verdict = try await AuditRun(detail: .beginning(beginning), listsMessages: false).perform(source, context)
        let first = try FoundMessage.one(of: verdict, beginning: message)
        let report = AuditReport(verdict)
        let findings = verdict.findings.filter { $0.message == first.message }
        let handed = try HandedOn(first, in: verdict)
        context.console.result(
            Self.document(first, report, findings, handed), human: Self.human(first, report, findings, handed))
        try report.end(context.console, tellsFindings: false)
    }

    /// Shows nothing before the look is logged: a look that could not be shows nothing.
    private func performLooking(_ context: CommandContext) async throws {
        let reason = try look.reason(context.console)
        let organisation = try source.organisation()
        try await context.withSession { session in
            try await session.refresh()
            try session.checkOpensCapsules()
            let run = AuditRun(detail: .beginning(MessageID.beginning(message)), listsMessages: false)
            let verdict = try await run.perform(session, organisation: organisation, context)
            let found = try FoundMessage.one(of: verdict, beginning: message)
            let logged = LoggedLook(
                entry: try await session.log(.message(found.message), reason: reason), reason: reason)
            let capsule = ToldCapsule(try await PatientIndexing(session).capsule(of: found))
            let report = AuditReport(verdict)
            let findings = verdict.findings.filter { $0.message == found.message }
            let handed = try HandedOn(found, in: verdict)
            var object = JSONObject()
            if case .object(let message) = Self.document(found, report, findings, handed) { object = message }
            object.set("capsule", to: capsule.document)
            LoggedLook.describe(logged, in: &object)
            context.console.result(
                .object(object),
                human: [
                    Self.human(found, report, findings, handed), "  capsule  \(capsule.words)", logged.words,
                ].joined(separator: "\n"))
            try report.end(context.console, tellsFindings: false)
        }
    }

    static func document(
        _ message: AuditedMessage, _ report: AuditReport, _ findings: [AuditFinding], _ handed: HandedOn
    ) -> JSONValue {
        [
            "message": .text(message.message), "manifest": .text(message.manifest), "index": .integer(message.index),
            "state": .string(message.state.rawValue), "unanswered": .bool(message.isUnanswered),
            "urgency": .string(message.urgency.rawValue), "at": .text(message.at), "logged": .text(message.logged),
            "expires": .text(message.expires), "in_reply_to": .text(orNull: message.isReply ? referred(message) : nil),
            "forward_of": .text(orNull: message.isReply ? nil : referred(message)),
            "sender": [
                "device": .text(message.sender), "member": .text(orNull: message.senderMember),
                "name": report.nameOrNull(message.senderMember),
            ],
            "addressed": ["member": .text(message.member), "name": report.nameOrNull(message.member)],
            "recipients": .array(
                message.recipients.map {
                    [
                        "device": .text($0.device), "served": .bool($0.isServed), "delivered": .bool($0.isDelivered),
                        "undeliverable": .bool($0.isUndeliverable),
                    ]
                }),
            "without": .array(
                message.without.map { ["device": .text($0.device), "reason": .string($0.reason.rawValue)] }),
            "states": .array(message.facts.filter { !isServed($0) }.map { document($0, report, handed) }),
            "served": .array(message.facts.filter(isServed).map { document($0, report, handed) }),
            "verified": .bool(report.isVerified(message)),
            "findings": .array(
                findings.map { ["code": .string($0.code.rawValue), "sentence": .string($0.sentence)] }),
        ]
    }

    /// What it answers or carries on.
    private static func referred(_ message: AuditedMessage) -> MessageID? {
        switch message.reference {
        case .inReplyTo(let id)?, .forwardOf(let id)?: id
        case nil: nil
        }
    }

    private static func isServed(_ fact: AuditedMessage.Fact) -> Bool { fact.word == "served" }

    private static func document(
        _ fact: AuditedMessage.Fact, _ report: AuditReport, _ handed: HandedOn
    ) -> JSONValue {
        var object = JSONObject()
        object.set("action", to: .string(fact.word))
        object.set("reason", to: .text(orNull: fact.reason))
        object.set("device", to: .text(orNull: fact.device))
        object.set("member", to: .text(orNull: fact.member))
        object.set("name", to: report.nameOrNull(fact.member))
        object.set("at", to: .text(fact.at))
        object.set("logged", to: .text(fact.logged))
        object.set("index", to: .integer(fact.index))
        object.set(
            "forward",
            ifPresent: handed.by(fact).map {
                [
                    "message": .text($0.message), "member": .text($0.member), "name": report.nameOrNull($0.member),
                ]
            })
        return .object(object)
    }

    static func human(
        _ message: AuditedMessage, _ report: AuditReport, _ findings: [AuditFinding], _ handed: HandedOn
    ) -> String {
        var lines = [
            "\(message.message)  \(AuditMessagesCommand.state(message))"
                + (report.isVerified(message) ? "" : "  NOT VERIFIED"),
            "  from     \(SafeText.line(report.name(message.senderMember)))  \(message.sender)",
            "  to       \(SafeText.line(report.name(message.member)))  \(message.urgency.rawValue), expires \(LocalTime.full(message.expires))",
            "  \(LocalTime.exact(message.logged))  accepted as entry \(message.index), signed at \(LocalTime.exact(message.at))",
        ]
        if let referred = referred(message) {
            lines.append("  \(message.isReply ? "answers " : "carries on") \(referred)")
        }
        for left in message.without {
            lines.append("  could not be sealed to \(left.device) (\(left.reason.rawValue))")
        }
        for fact in message.facts {
            let reason = fact.reason.map { " (\($0))" } ?? ""
            let who = fact.device.map { "  \(SafeText.line(report.name(fact.member)))  \($0)" } ?? ""
            let to = handed.by(fact).map { " to \(SafeText.line(report.name($0.member))) as \($0.message)" } ?? ""
            let own = fact.at == fact.logged ? "" : "  signed at \(LocalTime.exact(fact.at))"
            lines.append(
                "  \(LocalTime.exact(fact.logged))  \(ActionWords.text(fact.word))\(to)\(reason)\(who)  entry \(fact.index)\(own)"
            )
        }
        for finding in findings {
            lines.append("  FINDING \(finding.code.rawValue): \(SafeText.line(finding.sentence))")
        }
        return lines.joined(separator: "\n")
    }
}
