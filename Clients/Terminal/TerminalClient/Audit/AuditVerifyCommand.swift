import ArgumentParser
import Auditing
import DeviceKit

/// `nightbell audit verify`.
struct AuditVerifyCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Replay both logs and hold every promise against them.",
        discussion: """
            Every signature, rule, hash and place is checked; every capsule is opened whose audit key this device holds; heads \
            that this device or others kept are compared with the logs, and so is what witnesses cosigned, of which it is told how \
            much of each log and how long ago. A finding of severity "broken_promise" makes the exit \
            code 65, and so does "damaged_copy": an export whose entries are not those that the relay signed convicts nobody, and \
            proves nothing. One of severity "unjudged" says from which entry on nothing was judged, for a later version wrote it: the \
            exit code is 78 then, if no promise was broken before it. With --export an export is verified from nothing, without a \
            relay, a profile or a passphrase. Whose it is the export says itself, unless --org names an id that you know from \
            elsewhere: compare it; and what came after its last entry it cannot show.

            The relay's logs are gone on with: the profile keeps, sealed, how far they were verified, and a later run reads the \
            new entries, which must lead from there to the root that the relay signs now. What was found is told again. With \
            --anew nothing that was kept is believed or told, but what this device caught the relay with: its proof lies in \
            the profile's folder "evidence", and every verdict of this profile about the relay says so, also when the matter was settled; \
            of an export only what it holds is judged.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var source: AuditSourceOptions

    @Option(
        help: ArgumentHelp(
            "Heads that another device kept, from \"nightbell status --heads FILE\".",
            valueName: "file"), completion: .file())
    var heads: [String] = []

    /// Here alone: to other commands whoever types `--from` names a sender, or a day.
    @Option(help: ArgumentHelp("The same as --export.", valueName: "dir"), completion: .directory)
    var from: String?

    @Flag(help: "Ignore and replace what earlier audits kept, their findings too; read both logs from nothing.")
    var anew = false

    func perform(_ context: CommandContext) async throws {
        var source = source
        if let from {
            guard source.export == nil else {
                throw DeviceKitError(
                    "option_twice", .usage, "--from is the same as --export, and both are given: nothing was read",
                    next: "name one export; for a second one, repeat the command")
            }
            source.export = from
        }
        guard !anew || source.export == nil else {
            throw DeviceKitError(
                "anew_of_export", .usage,
                "--anew ignores what this profile kept of the relay's logs, and an export is always read from nothing",
                next: "leave --anew out")
        }
        var report = AuditReport(
            try await AuditRun(heads: heads, isAnew: anew, listsMessages: false, telling: .damage).perform(
                source, context))
        if source.export != nil {
            let named = try source.organisation()
            report.export = named == nil ? .ofUnnamed : .ofNamed
            context.warnOfAnotherOrganisation(report.verdict.organisation, named: named)
        }
        context.console.result(report.whole, human: report.human)
        try report.end(context.console, tellsFindings: true)
    }
}
