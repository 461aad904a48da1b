import ArgumentParser
import Auditing
import DeviceKit
import Statements

/// `nightbell audit check FILE`.
struct AuditCheckCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Verify a file of evidence offline: no profile, no relay, nothing is written.",
        discussion: """
            Everything is verified from the file alone, and told in words. What it hangs on is the organisation's id: give it \
            with --organisation when you know it from elsewhere, or compare the id that is shown by telephone. The exit code is 0 \
            when everything holds, and 65 when anything in the file was changed or breaks a rule: then part and entry are named.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "A file of \"nightbell audit evidence\"; \"-\" for standard input.", completion: .file())
    var file: String

    @Option(help: ArgumentHelp("The organisation's id, known from elsewhere.", valueName: "org"))
    var organisation: String?

    func perform(_ context: CommandContext) async throws {
        var check = EvidenceCheck()
        if let organisation {
            check.organisation = try OrganisationID(organisation, givenWith: "--organisation")
        }
        let bytes = try Input.read(file, what: "the evidence", limit: EvidenceCheck.maximumByteCount)
        guard EvidenceCheck.isEvidence(bytes) else {
            throw DeviceKitError(
                "no_evidence", .usage, "\"\(file)\" is no file of evidence",
                next: "an auditor makes one with \"nightbell audit evidence MSG FILE\"")
        }
        let verdict: EvidenceVerdict
        do throws(AuditError) { verdict = try check.run(bytes) } catch { throw DeviceKitError(error) }
        let report = EvidenceReport(verdict, isPinned: check.organisation != nil)
        context.console.result(report.document, human: report.human)
        guard verdict.ok else { throw FinishedWith(status: .verificationFailed) }
    }
}
