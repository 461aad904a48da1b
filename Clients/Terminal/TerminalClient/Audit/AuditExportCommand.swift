import ArgumentParser
import Auditing
import DeviceKit
import Membership
import Statements
import TransparencyLog

/// `nightbell audit export DIR`.
struct AuditExportCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write both logs as plain C2SP directories that any tlog-tiles reader verifies.",
        discussion: """
            The directory must not exist yet. What was written is verified before it appears under its name. Logs that break a \
            promise, or contradict what this device saw before, are exported all the same, for that is evidence: the exit code is \
            65 then, or 78 where a later version wrote a part of them. What witnesses cosigned goes along: under the checkpoint that it \
            is of, or, of a smaller one, in a file \
            "cosigned" beside it. What an export holds may identify a patient's episode: keep it as you keep records.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "A directory that does not exist yet.", completion: .directory)
    var directory: String

    func perform(_ context: CommandContext) async throws {
        // Before anything is asked for: a mistake of typing costs no replay.
        try PersonsFile.checkIsFree(FolderName.plain(directory))
        let progress = AuditProgress(context.console)
        defer { progress.end() }
        let directory = directory
        do {
            let result = try await context.withSession { session in
                // Nothing stays that has another name than was asked for.
                try await UntilSignal.whole { try await Self.export(session, to: directory, progress) }
            }
            progress.end()
            let report = AuditReport(result.verdict)
            var document = report.object
            document.set("directory", to: .string(result.path))
            let lines =
                report.findings + [
                    "\(SafeText.line(result.path)): roster of \(result.verdict.roster?.size ?? 0) and activity of "
                        + "\((result.verdict.activity?.size ?? 0).counted("entry", "entries")), verified as written"
                ]
            context.console.result(.object(document), human: lines.joined(separator: "\n"))
            try report.end(context.console, tellsFindings: true)
        } catch let error as AuditError {
            throw DeviceKitError(error)
        }
    }

    private static func export(
        _ session: DeviceSession, to directory: String, _ progress: AuditProgress
    ) async throws -> Export.Result {
        // Also what this device does not take in, for it contradicts what it saw: that is evidence.
        let present = try await AuditedPresent(session)
        let roster = try checkpoint(of: .roster, present, session)
        let activity = try checkpoint(of: .activity, present, session)
        var audit = Audit()
        audit.organisation = session.identity.organisation
        audit.listsMessages = false
        audit.earlier = present.earlier
        let export = Export(
            roster: (session.logKey(.roster), roster), activity: (session.logKey(.activity), activity),
            witnesses: session.view.witnesses, audit: audit)
        return try await export.write(
            from: RelayAuditSource(session, checkpoints: [:], cosigned: present.cosigned), to: directory,
            store: try AuditRun.scratch(),
            progress: progress.show)
    }

    /// - Throws: ``AuditError/Code/notTheLog`` for what the log's key did not sign.
    private static func checkpoint(
        of log: LogKind, _ present: AuditedPresent, _ session: DeviceSession
    ) throws -> SignedCheckpoint {
        guard let note = present.checkpoints[log], let signed = try? session.logKey(log).verify(checkpoint: note) else {
            throw AuditError(.notTheLog, "the \(log.rawValue) log's checkpoint")
        }
        return signed
    }
}
