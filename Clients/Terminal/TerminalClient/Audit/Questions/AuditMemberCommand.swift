import ArgumentParser
import Auditing
import DeviceKit
import Membership
import Statements

/// `nightbell audit member MEMBER`.
struct AuditMemberCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "member", abstract: "Tell what a person's devices got, read, sent and signed, and when.",
        discussion: """
            The look is logged first, with its reason. A name that nobody has any more means whoever had it; where somebody else has \
            it now, that one is meant, and the former one is named on standard error.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var source: AuditSourceOptions
    @OptionGroup var look: LookOptions

    @Argument(help: "The member's name or id.")
    var member: String

    func perform(_ context: CommandContext) async throws {
        try await AuditQuestion(source: source, options: look, context: context).ask { view in
            let id = try NamedMember.find(member, in: view).id
            let devices = view.allDevices.filter { $0.member == id }.map(\.id)
            return (.member(id), .devices(Set(devices)))
        } _: { answer, _ in
            let (found, notes) = try NamedMember.asked(member, in: answer.history.view)
            for note in notes { context.console.warn(note) }
            let devices = answer.history.view.allDevices.filter { $0.member == found.id }
            let reports = try devices.map { try DeviceReport($0, answer) }
            context.console.result(
                Self.document(found, reports, answer), human: Self.human(found, reports, answer))
            try answer.report.end(context.console, tellsFindings: false)
        }
    }

    private static func document(
        _ member: Member, _ reports: [DeviceReport], _ answer: AuditedAnswer
    ) -> JSONValue {
        var object = JSONObject()
        object.set("member", to: .text(member.id))
        object.set("name", to: .text(member.name))
        object.set("roles", to: .array(member.roles.sorted().map { .string($0.rawValue) }))
        object.set("status", to: .string(member.status.rawValue))
        object.set(
            "history",
            to: .array(
                answer.history.versions(of: member.id).map { line, statement in
                    [
                        "index": .integer(line.index), "logged": .text(line.time), "name": .text(statement.name),
                        "roles": .array(statement.roles.sorted().map { .string($0.rawValue) }),
                        "status": .string(statement.status.rawValue), "by": .array(line.signers.map { .string($0) }),
                    ]
                }))
        object.set(
            "devices",
            to: .array(
                reports.map { report in
                    var object = JSONObject()
                    report.describe(in: &object)
                    report.describeDeeds(in: &object)
                    return .object(object)
                }))
        answer.describe(in: &object)
        object.set("ok", to: .bool(answer.verdict.ok))
        return .object(object)
    }

    private static func human(_ member: Member, _ reports: [DeviceReport], _ answer: AuditedAnswer) -> String {
        var lines = [
            "\(SafeText.line(member.name.description))  \(member.id)  \(member.status.rawValue), \(RoleWords.list(member.roles))"
        ]
        for (line, statement) in answer.history.versions(of: member.id) {
            lines.append(
                "  \(LocalTime.full(line.time))  \(SafeText.line(statement.name.description)), \(statement.status.rawValue), \(RoleWords.list(statement.roles)), roster entry \(line.index)"
            )
        }
        if reports.isEmpty { lines += ["", "no device was ever enrolled for this member"] }
        for report in reports {
            let story = report.story
            lines.append("")
            lines += report.heading
            let counts = DeviceStory.Holding.allCases.compactMap { holding -> String? in
                let number = story.received.count { $0.holding == holding }
                return number == 0 ? nil : "\(number) \(DeviceReport.words(holding))"
            }
            lines.append(
                "  got      \(story.received.count.counted("message"))"
                    + (counts.isEmpty ? "" : ": \(counts.joined(separator: ", "))"))
            lines += report.savedLines().map { "  \($0)" }
            lines.append("  sent     \(story.sent.count.counted("message"))")
            if !story.looks.isEmpty { lines.append("  looked   \(story.looks.count.counted("time"))") }
            if !story.findings.isEmpty { lines += ["  FINDINGS THAT CONCERN IT"] + report.findingLines }
        }
        lines += [
            "", "\"nightbell audit device DEVICE\" lists the messages of one device", answer.words,
        ]
        return lines.joined(separator: "\n")
    }
}
