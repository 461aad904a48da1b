public import Statements
public import TransparencyLog

/// Writes both logs as plain C2SP directories that any tlog-tiles reader can verify.
public struct Export: Sendable {
    /// What was written.
    public struct Result: Sendable {
        /// Whether the logs that were written keep their promises: a faithful export of broken ones is evidence.
        public let verdict: AuditVerdict
        public let path: String
    }

    /// Each log's key and the checkpoint to export it at.
    private let logs: [LogKind: (key: LogKey, checkpoint: SignedCheckpoint)]
    private let witnesses: WitnessPolicy
    private let audit: Audit

    /// - Parameters:
    ///   - witnesses: Those whom the roster at its checkpoint names: what they cosigned goes along.
    ///   - audit: How the written directory is verified.
    public init(
        roster: (key: LogKey, checkpoint: SignedCheckpoint), activity: (key: LogKey, checkpoint: SignedCheckpoint),
        witnesses: WitnessPolicy = .none, audit: Audit
    ) {
        logs = [.roster: roster, .activity: activity]
        self.witnesses = witnesses
        self.audit = audit
    }

    /// Writes to a new directory, verifies what was written, and only then lets it appear under its name.
    /// - Throws: ``AuditError``, and what the source throws, and whoever is cancelled gets to know it; then there is no directory.
    public func write(
        from source: some LogSource, to path: String, store: any AuditStore = MemoryAuditStore(),
        progress: Audit.Progress = { _, _, _ in }
    ) async throws -> Result {
        var folder = try DurableFolder(at: path)
        do {
            for log in LogKind.allCases {
                guard let (key, checkpoint) = logs[log] else { continue }
                try await write(log, key, checkpoint, from: source, to: &folder, progress)
            }
            let verdict = try await audit.run(ExportDirectory(folder.draft), store: store)
            guard verdict.isWhole, !verdict.findings.contains(where: { [.tileDiffers, .wrongFiles].contains($0.code) })
            else { throw AuditError(.notTheLog, "the written directory") }
            try folder.finish()
            return Result(verdict: verdict, path: path)
        } catch {
            folder.discard()
            throw error
        }
    }

    private func write(
        _ log: LogKind, _ key: LogKey, _ checkpoint: SignedCheckpoint, from source: some LogSource,
        to folder: inout DurableFolder, _ progress: Audit.Progress
    ) async throws {
        try await source.forEachTile(
            of: log, under: checkpoint, onBundle: { progress(log, $0, checkpoint.size) },
            { try folder.write($1, to: "\(log.rawValue)/\($0)") })
        try folder.write(ExportDirectory.keyFile(key), to: "\(log.rawValue)/\(ExportDirectory.keyName)")
        let cosigned = CosignedCheckpoints(
            checkpoint, try await source.cosigned(of: log), key: key, witnesses: witnesses)
        try folder.write(cosigned.checkpoint.note.bytes, to: "\(log.rawValue)/\(ExportDirectory.checkpointName)")
        guard !cosigned.others.isEmpty else { return }
        try folder.write(
            ExportDirectory.cosignedFile(cosigned.others), to: "\(log.rawValue)/\(ExportDirectory.cosignedName)")
    }
}
