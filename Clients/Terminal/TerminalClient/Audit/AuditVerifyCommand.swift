import ArgumentParser

/// `nightbell audit verify`.
struct AuditVerifyCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Replay both logs and hold every promise against them.",
        discussion: """
            Every signature, rule, hash and place is checked; every capsule is opened whose audit key this device holds; heads \
            that this device or others kept are compared with the logs, and so is what witnesses cosigned, of which it is told how \
            much of each log and how long ago. A finding of severity "broken_promise" makes the exit \
            code 65, and so does "damaged_copy": an export whose entries are not those that the relay signed convicts nobody, and \
            proves nothing. With --export an export is verified from nothing, without a relay, a profile or a passphrase.

            The relay's logs are gone on with: the profile keeps, sealed, how far they were verified, and a later run reads the \
            new entries, which must lead from there to the root that the relay signs now. What was found is told again. With \
            --anew nothing that was kept is believed or told, but what this device caught the relay with: while its proof lies in \
            the profile's folder "evidence", every verdict says so.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var source: AuditSourceOptions

    @Option(
        help: ArgumentHelp(
            "Heads that another device kept, from \"nightbell status --heads FILE\".",
            valueName: "file"), completion: .file())
    var heads: [String] = []

    @Flag(help: "Ignore and replace what earlier audits kept, their findings too; read both logs from nothing.")
    var anew = false

    func perform(_ context: CommandContext) async throws {
        let report = AuditReport(
            try await AuditRun(heads: heads, isAnew: anew, listsMessages: false, tellsDamage: true).perform(
                source, context))
        context.console.result(report.whole, human: report.human)
        try report.end(context.console, tellsFindings: true)
    }
}
