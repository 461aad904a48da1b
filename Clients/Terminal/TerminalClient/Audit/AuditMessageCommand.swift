import ArgumentParser
import Auditing
import DeviceKit
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
        guard !capsule else {
            try LookedAtID.check(message, of: MessageID.self)
            return try await performLooking(context)
        }
        let beginning = MessageID.beginning(message)
        let verdict = try await AuditRun(detail: .beginning(beginning), listsMessages: false).perform(source, context)
        let first = try FoundMessage.one(of: verdict, beginning: message)
        let report = AuditReport(verdict)
        let told = MessageReport(first, report, try FollowUps(first, in: verdict))
        context.console.result(.object(told.object), human: told.human)
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
            let logged = try await session.logged(.message(found.message), reason: reason)
            let capsule = ToldCapsule(try await PatientIndexing(session).capsule(of: found))
            let report = AuditReport(verdict)
            let told = MessageReport(found, report, try FollowUps(found, in: verdict))
            var object = told.object
            object.set("capsule", to: capsule.document)
            LoggedLook.describe(logged, in: &object)
            context.console.result(
                .object(object),
                human: [told.human, "  capsule  \(capsule.words)", logged.words].joined(separator: "\n"))
            try report.end(context.console, tellsFindings: false)
        }
    }
}
