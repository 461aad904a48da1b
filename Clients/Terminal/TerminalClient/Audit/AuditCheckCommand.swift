import ArgumentParser
import Auditing
import DeviceKit
import Foundation
import Statements

/// `nightbell audit check FILE`.
struct AuditCheckCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Verify a file of evidence offline: no profile, no relay, nothing is written.",
        discussion: """
            Everything is verified from the file alone, and told in words. What it hangs on is the organisation's id: give it \
            with --org when you know it from elsewhere, or compare the id that is shown by telephone. The exit code is 0 \
            when everything holds, and 65 when anything in the file was changed or breaks a rule: then part and entry are named. It is \
            65 as well when the file is of another organisation than --org names: it proves nothing of that one, whoever said so. It is \
            78 when nothing of that was found before a statement that a later version wrote: what comes behind it was not judged.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "A file of \"nightbell audit evidence\"; \"-\" for standard input.", completion: .file())
    var file: String

    /// `--organisation` was its name once, and stands in what people keep beside a file.
    @Option(
        name: [.customLong("org"), .customLong("organisation")],
        help: ArgumentHelp("The organisation's id, known from elsewhere.", valueName: "org"))
    var org: String?

    func perform(_ context: CommandContext) async throws {
        var check = EvidenceCheck(isCapsule: CapsuleContent.isCapsule)
        if let org { check.organisation = try OrganisationID(org, givenWith: "--org") }
        let bytes = try Input.read(file, what: "the evidence", limit: EvidenceCheck.maximumByteCount)
        guard EvidenceCheck.isEvidence(bytes) else {
            throw Self.noEvidence(bytes, file)
        }
        let verdict = check.run(bytes)
        let report = EvidenceReport(verdict, isPinned: check.organisation != nil)
        context.console.result(report.document, human: report.human)
        guard verdict.findings.isEmpty else { throw FinishedWith(status: .verificationFailed) }
        guard verdict.later == nil else { throw FinishedWith(status: .configuration) }
    }

    /// What is wrong with what was never evidence, as far as its first bytes tell.
    static func noEvidence(_ bytes: [UInt8], _ file: String) -> DeviceKitError {
        let (what, next): (String, String?) =
            if bytes.isEmpty {
                (isFolder(file) ? "it is a folder" : "it is empty", nil)
            } else if packed.contains(where: { bytes.starts(with: $0) }) {
                ("it is compressed", "unpack it first")
            } else {
                ("it does not begin as one does", nil)
            }
        return DeviceKitError(
            "no_evidence", .usage, "\"\(file)\" is no file of evidence: \(what)",
            next: next ?? "name the file that \"nightbell audit evidence MSG FILE\" made")
    }

    private static func isFolder(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.type] as? FileAttributeType == .typeDirectory
    }

    /// How files begin that gzip, bzip2, xz, Zstandard and ZIP made.
    private static let packed: [[UInt8]] = [
        [0x1F, 0x8B], Array("BZh".utf8), [0xFD] + Array("7zXZ".utf8), [0x28, 0xB5, 0x2F, 0xFD],
        Array("PK\u{3}\u{4}".utf8),
    ]
}
