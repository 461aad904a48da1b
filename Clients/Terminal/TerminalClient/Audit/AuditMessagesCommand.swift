import ArgumentParser
import Auditing
import DeviceKit
import Statements

/// `nightbell audit messages`.
struct AuditMessagesCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "messages", abstract: "List every message of the activity log and how far it came.")

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var source: AuditSourceOptions

    func perform(_ context: CommandContext) async throws {
        let verdict = try await AuditRun().perform(source, context)
        let report = AuditReport(verdict)
        let ids = ShortIDs(verdict.messages.map(\.message.description))
        context.console.result(
            ["messages": .array(verdict.messages.map { Self.document($0, report) }), "ok": .bool(verdict.ok)],
            human: verdict.messages.isEmpty
                ? "the activity log holds no message yet"
                : Table.text(
                    ["MESSAGE", "SENT", "URGENCY", "FROM", "TO", "STATE", ""],
                    verdict.messages.map {
                        [
                            ids.short($0.message.description), LocalTime.short($0.at), $0.urgency.rawValue,
                            report.name($0.senderMember),
                            report.name($0.member), Self.state($0), report.isVerified($0) ? "" : "NOT VERIFIED",
                        ]
                    }))
        try report.end(context.console, tellsFindings: false)
    }

    private static func document(_ message: AuditedMessage, _ report: AuditReport) -> JSONValue {
        [
            "message": .text(message.message), "at": .text(message.at), "urgency": .string(message.urgency.rawValue),
            "from": .text(orNull: message.senderMember), "from_name": report.nameOrNull(message.senderMember),
            "to": .text(message.member), "to_name": report.nameOrNull(message.member),
            "state": .string(message.state.rawValue), "unanswered": .bool(message.isUnanswered),
            "index": .integer(message.index), "verified": .bool(report.isVerified(message)),
        ]
    }

    /// With the word that nobody answered, which is no step forward.
    static func state(_ message: AuditedMessage) -> String {
        message.state.rawValue + (message.isUnanswered ? ", unanswered" : "")
    }
}
