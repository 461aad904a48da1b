import ArgumentParser
import Auditing
import DeviceKit
import Secrets
import Statements
import TransparencyLog

/// `nightbell audit evidence MSG FILE`.
struct AuditEvidenceCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract: "Write one file that proves to anybody, offline, what was logged about one message.",
        discussion: """
            The logs are replayed, and that you look, and why, is logged before anything is written. The file holds the message's entries with their proofs, the roster log, both \
            checkpoints with what witnesses cosigned of them, their keys, and how to check it all; this device signs the list of its parts. It holds neither what \
            the message said nor the patient, and yet may identify an episode: keep it as you keep records. With --with-capsule it \
            also tells whose the message is, and proves that its sender said so; on a device that holds the audit key, which does \
            not go along: what goes opens this one capsule alone. It is a tar archive; \
            "nightbell audit check FILE" verifies it anywhere. A message about which a promise was broken gets its file all the \
            same, for that is evidence: the exit code is 65 then. With --export nothing is logged, and no relay is needed; the export \
            is one that this profile wrote, for which it keeps the relay's signed word that both logs were one present. Evidence \
            that this device keeps against the relay is not in the file: it is named on standard error, and as "held_proofs" with \
            --json, to be handed on beside it.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions
    @OptionGroup var source: AuditSourceOptions

    @Argument(help: "The message's id, or its beginning.")
    var message: String

    @Flag(help: "Put in what the message's capsule names: the patient, the practice. That look is logged as well.")
    var withCapsule = false

    @OptionGroup var look: LookOptions

    @Argument(help: "A file that does not exist yet; a name that ends in .tar says what it is.", completion: .file())
    var file: String

    func perform(_ context: CommandContext) async throws {
        try Self.checkOrder(message, file)
        if source.export == nil { try LookedAtID.check(message, of: MessageID.self) }
        try PersonsFile.checkIsFree(file)
        let reason = try why(context.console)
        let progress = AuditProgress(context.console)
        defer { progress.end() }
        do {
            let written = try await context.withSession { session in
                try await write(session, reason, progress, context)
            }
            progress.end()
            let report = AuditReport(written.verdict)
            context.console.result(written.document(report), human: written.human(report))
            if let warning = written.held.warning(beside: file) { context.console.warn(warning) }
            guard written.check.findings.isEmpty else { throw FinishedWith(status: .verificationFailed) }
            try report.end(context.console, tellsFindings: false)
        } catch let error as AuditError {
            throw DeviceKitError(error)
        }
    }

    /// - Throws: ``DeviceKitError`` of category `usage` where a message's id stands in the file's place.
    static func checkOrder(_ message: String, _ file: String) throws(DeviceKitError) {
        guard file.hasPrefix("msg-"), !message.hasPrefix("msg-") else { return }
        throw DeviceKitError(
            "swapped_arguments", .usage, "\"\(file)\" is a message's id, and stands where the file's name belongs",
            next: "name the message first: nightbell audit evidence \(file) \(message)")
    }

    /// - Returns: `nil` for an export, where nobody can be told.
    private func why(_ console: Console) throws -> AccessReason? {
        if withCapsule { try look.check("--with-capsule", isAsked: true, hasCapsules: source.export == nil) }
        guard source.export == nil else {
            try look.checkOfExport()
            LookOptions.warnOfExport(console)
            return nil
        }
        return try look.reason(console)
    }

    private func write(
        _ session: DeviceSession, _ reason: AccessReason?, _ progress: AuditProgress, _ context: CommandContext
    ) async throws -> WrittenEvidence {
        try session.checkIsAuditor()
        try session.check(isOf: source.organisation())
        var audit = Audit()
        audit.organisation = session.identity.organisation
        audit.detail = .beginning(MessageID.beginning(message))
        audit.listsMessages = false
        if let directory = source.export {
            let export = try await ExportDirectory.opened(
                directory, of: audit.organisation, whose: .ofProfile)
            let checkpoints = try await Self.checkpoints(of: export, session)
            let verdict = try await audit.run(export, store: try AuditRun.scratch(), progress: progress.show)
            guard verdict.isWhole else { throw ExportDirectory.unverified("no evidence is made of it") }
            return try await write(session, verdict, checkpoints, export, reason)
        }
        // Before the relay is asked: a head of a longer log than it shows then is a lie.
        audit.heads = try session.keptHeads()
        let before = try await session.knownCosigned()
        try await context.refresh(
            session, undone: "\"\(file)\" was not written, and no look was logged",
            instead: "of an export that this profile wrote before, the file can be made without the relay: --export DIR"
        )
        if withCapsule { try session.checkOpensCapsules() }
        // Those of this moment: what is logged meanwhile is for the next file.
        let checkpoints = session.checkpoints
        let relay = RelayAuditSource(
            session, checkpoints: checkpoints.mapValues(\.note.bytes),
            cosigned: try await CosignedPresent.notes(session, before))
        audit.isPresent = true
        audit.now = session.connection.clock.now()
        audit.earlier = try session.convictions().map { AuditFinding($0) }
        let store = try AuditRun.store(session)
        let verdict = try await audit.run(relay, capsules: relay, store: store, progress: progress.show)
        return try await write(session, verdict, checkpoints, relay, reason)
    }

    private func write(
        _ session: DeviceSession, _ verdict: AuditVerdict, _ checkpoints: [LogKind: SignedCheckpoint],
        _ logs: some LogSource, _ reason: AccessReason?
    ) async throws -> WrittenEvidence {
        guard let roster = checkpoints[.roster], let activity = checkpoints[.activity] else {
            throw DeviceKitError(
                "no_checkpoint", .tryAgain, "there is no checkpoint of both logs", next: "repeat the command")
        }
        let subject = try FoundMessage.one(of: verdict, beginning: message)
        // Before anything is logged: without this word a file proves nothing.
        guard let head = try session.keptHead(of: roster, and: activity) else {
            throw DeviceKitError(
                "no_head", .refused,
                "this device has no word of the relay that these two logs were one present, and without it nobody can tell "
                    + "whether the roster is an older one, from before a revocation",
                next: "leave --export out, or name an export that this profile has just written")
        }
        var capsule: EvidenceCapsule?
        var looks: [LoggedLook] = []
        if withCapsule, let reason {
            // What it names is looked at, before it is given away.
            looks.append(
                try await session.logged(.message(subject.message), reason: reason))
            capsule = try await EvidenceCapsule.open(
                of: subject, size: activity.size, from: logs, RelayAuditSource(session, checkpoints: [:]))
        }
        let draft = try await EvidenceDraft(
            of: subject, in: verdict, roster: (session.logKey(.roster), roster),
            activity: (session.logKey(.activity), activity), head: head, capsule: capsule, from: logs)
        // It stands behind what the file proves: the next file about this message tells of this one.
        if let reason {
            looks.append(
                try await session.logged(.evidence(subject.message), reason: reason))
        }
        let note = try session.signed(evidence: draft.statement)
        let bytes = draft.file(signed: note)
        guard bytes.count <= EvidenceCheck.maximumByteCount else {
            throw AuditError(.tooMuch, "\(subject.message)")
        }
        // What leaves is what whoever gets it will see.
        let check = EvidenceCheck(
            organisation: session.identity.organisation, isCapsule: CapsuleContent.isCapsule
        ).run(bytes)
        let held = HeldProofs(try session.convictions())
        try PersonsFile.write(bytes, to: file)
        return WrittenEvidence(
            file: file, byteCount: bytes.count, hash: Digest.sha256(bytes), message: subject.message, verdict: verdict,
            check: check, looks: looks, held: held)
    }

    private static func checkpoints(
        of export: ExportDirectory, _ session: DeviceSession
    ) async throws -> [LogKind: SignedCheckpoint] {
        var checkpoints: [LogKind: SignedCheckpoint] = [:]
        for log in LogKind.allCases {
            guard let note = try await export.checkpoint(of: log),
                let signed = try? session.logKey(log).verify(checkpoint: note)
            else {
                throw DeviceKitError(
                    "not_the_log", .verification,
                    "the export's \(log.rawValue) log is not signed by this organisation's relay",
                    next: "look at it with \"nightbell audit verify --export DIR\"")
            }
            checkpoints[log] = signed
        }
        return checkpoints
    }
}

/// What `audit evidence` wrote.
private struct WrittenEvidence {
    let file: String
    let byteCount: Int
    let hash: Digest
    let message: MessageID
    let verdict: AuditVerdict
    let check: EvidenceVerdict
    /// The one that the file itself is, last; before it the one into the capsule. Of an export none.
    let looks: [LoggedLook]
    /// The file proves what stands in one history: that there is another one is proven elsewhere.
    let held: HeldProofs

    func document(_ report: AuditReport) -> JSONValue {
        var object = report.object
        // About the whole logs, as every audit's.
        object.set("file", to: .string(file))
        object.set("message", to: .text(message))
        object.set("bytes", to: .integer(byteCount))
        object.set("sha256", to: .text(hash))
        object.set("entries", to: .array(check.events.map { .integer($0.index) }))
        object.set("evidence", to: EvidenceReport(check).findingsDocument)
        LoggedLook.describe(looks.last, in: &object)
        object.set("looks", to: .array(looks.map { .integer($0.entry) }))
        object.set("held_proofs", to: held.document)
        return .object(object)
    }

    func human(_ report: AuditReport) -> String {
        var lines = report.findings + EvidenceReport(check).findingLines
        lines.append(
            "\(SafeText.line(file)): \(check.events.count.counted("entry", "entries")) about \(message), \(byteCount.counted("byte"))"
        )
        lines.append("sha256  \(hash)")
        lines += looks.map(\.words)
        lines += EvidenceWords(verdict: check).carriedOn.map {
            "it was handed on as \($0), and what became of that takes a file of its own: nightbell audit evidence \($0) FILE"
        }
        lines.append(
            "who gets it runs \"nightbell audit check \(SafeText.line(file))\", and compares \(report.verdict.organisation?.description ?? "the organisation's id") with you by telephone"
        )
        return lines.joined(separator: "\n")
    }
}
