import ArgumentParser
import Auditing
import DeviceKit
import Membership
import Statements

/// `nightbell audit device DEV`.
struct AuditDeviceCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "device", abstract: "Tell what a device was, got, read, sent and signed, and when.",
        discussion: """
            The look is logged first, with its reason. When a device may be in other hands, "nightbell audit breach" tells what \
            it held, whose it was and what has to be done until when.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var source: AuditSourceOptions
    @OptionGroup var look: LookOptions

    @Argument(help: "The device's id, or its beginning.")
    var device: String

    func perform(_ context: CommandContext) async throws {
        try await AuditQuestion(source: source, options: look, context: context).ask { view in
            let id = try NamedDevice.find(device, in: view).id
            return (.device(id), .devices([id]))
        } _: { answer, _ in
            let report = try DeviceReport(
                NamedDevice.find(device, in: answer.history.view), answer, columns: context.console.columns)
            context.console.result(Self.document(report), human: Self.human(report))
            try report.report.end(context.console, tellsFindings: false)
        }
    }

    private static func document(_ report: DeviceReport) -> JSONValue {
        var object = JSONObject()
        report.describe(in: &object)
        report.describeDeeds(in: &object)
        report.answer.describe(in: &object)
        object.set("ok", to: .bool(report.answer.verdict.ok))
        return .object(object)
    }

    private static func human(_ report: DeviceReport) -> String {
        let story = report.story
        var lines = report.heading
        lines.append("")
        lines.append(
            story.received.isEmpty
                ? "no message was ever sealed to it" : "SEALED TO IT: \(story.received.count)\n" + report.receivedTable)
        lines += report.savedLines()
        for left in story.without {
            lines.append("  \(left.message) could not be sealed to it (\(left.reason.rawValue))")
        }
        lines.append("")
        lines.append(story.sent.isEmpty ? "it sent nothing" : "SENT BY IT: \(story.sent.count)\n" + report.sentTable)
        if !story.looks.isEmpty {
            lines += [
                "", "its auditor looked \(story.looks.count.counted("time")): \"nightbell audit accesses\" lists them",
            ]
        }
        lines += ["", story.findings.isEmpty ? "no finding concerns it" : "FINDINGS THAT CONCERN IT"]
        lines += report.findingLines + ["", report.answer.words]
        return lines.joined(separator: "\n")
    }
}
