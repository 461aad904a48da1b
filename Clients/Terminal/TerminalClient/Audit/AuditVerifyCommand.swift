import ArgumentParser

/// `nightbell audit verify`.
struct AuditVerifyCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Replay both logs from nothing and hold every promise against them.",
        discussion: """
            Every signature, rule, hash and place is checked anew; every capsule is opened whose audit key this device holds; \
            heads that this device or others kept are compared with the logs. A finding of severity "broken_promise" makes the \
            exit code 65. With --from an export is verified without a relay, a profile or a passphrase.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var source: AuditSourceOptions

    @Option(
        help: ArgumentHelp(
            "Heads that another device kept, from \"nightbell status --heads FILE\"; may be repeated.",
            valueName: "file"), completion: .file())
    var heads: [String] = []

    func perform(_ context: CommandContext) async throws {
        let report = AuditReport(try await AuditRun(heads: heads).perform(source, context))
        context.console.result(report.whole, human: report.human)
        try report.end(context.console, tellsFindings: true)
    }
}
