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
    /// - Throws: ``AuditError``, and what the source throws; then there is no directory.
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
        let size = checkpoint.size
        var tiles = TileBuilder()
        var tree = GrowingTree()
        while tree.size < size {
            let first = tree.size
            guard let entries = try await source.entries(from: first, size: size, of: log) else {
                throw AuditError(.notTheLog, "the \(log.rawValue) log's entries from \(first) on")
            }
            let path = TilePath(kind: .entries, index: first / UInt64(TilePath.fullWidth), width: entries.count)
            try folder.write(EntryBundle.encode(entries), to: "\(log.rawValue)/\(path)")
            for bytes in entries {
                let leaf = MerkleTree.leafHash(bytes)
                tree.append(leaf)
                for tile in tiles.append(leaf) { try folder.write(tile.bytes, to: "\(log.rawValue)/\(tile.path)") }
            }
            tree.forget(keeping: TilePath.fullWidth)
            progress(log, tree.size, size)
        }
        guard tree.root == checkpoint.root else {
            throw AuditError(.notTheLog, "the \(log.rawValue) log's entries do not give the root that was signed")
        }
        for tile in tiles.partial { try folder.write(tile.bytes, to: "\(log.rawValue)/\(tile.path)") }
        try folder.write(ExportDirectory.keyFile(key), to: "\(log.rawValue)/\(ExportDirectory.keyName)")
        let cosigned = CosignedCheckpoints(
            checkpoint, try await source.cosigned(of: log), key: key, witnesses: witnesses)
        try folder.write(cosigned.checkpoint.note.bytes, to: "\(log.rawValue)/\(ExportDirectory.checkpointName)")
        guard !cosigned.others.isEmpty else { return }
        try folder.write(
            ExportDirectory.cosignedFile(cosigned.others), to: "\(log.rawValue)/\(ExportDirectory.cosignedName)")
    }
}
