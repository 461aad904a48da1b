import Foundation
import Membership
public import Statements
public import TransparencyLog

/// An export: the directories `roster` and `activity`, each with `checkpoint`, `log.vkey` and `tile/…` as C2SP
/// tlog-tiles lays them out, and nothing else but, where witnesses cosigned smaller trees last, `cosigned`.
public struct ExportDirectory: LogSource {
    static let checkpointName = "checkpoint"
    static let keyName = "log.vkey"
    /// Checkpoint notes of other trees than the checkpoint's, each followed by an empty line, with the log's signature and
    /// witnesses'; those of exactly its tree stand under the checkpoint.
    static let cosignedName = "cosigned"

    public let path: String

    /// - Throws: ``AuditError/Code/noExport`` when there is no such directory, or neither log in it.
    public init(_ path: String) throws(AuditError) {
        func isDirectory(_ path: String) -> Bool {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return attributes?[.type] as? FileAttributeType == .typeDirectory
        }
        // The export itself may be named by a link; what is in it is none.
        guard isDirectory("\(path)/."), LogKind.allCases.contains(where: { isDirectory("\(path)/\($0.rawValue)") })
        else {
            throw AuditError(.noExport, "\"\(path)\"")
        }
        self.path = path
    }

    /// Whose logs these are: the organisation that their genesis founds, under the signatures that it needs. `nil` when there is
    /// no such genesis; that it is under the relay's checkpoint is for an audit to say.
    public func organisation() async throws -> OrganisationID? {
        guard let note = try await checkpoint(of: .roster).flatMap({ try? SignedNote(parsing: $0) }),
            let size = (try? Checkpoint(parsing: note.text))?.size, size > 0,
            let first = try await entries(from: 0, size: size, of: .roster)?.first,
            let entry = try? Entry(parsing: first)
        else { return nil }
        return (try? Roster(genesis: entry))?.organisation
    }

    public func checkpoint(of log: LogKind) async throws -> [UInt8]? {
        read(Self.checkpointName, of: log, limit: SignedNote.maximumByteCount)
    }

    public func bundle(_ path: TilePath, of log: LogKind) async throws -> [UInt8]? {
        // Nothing waits for a disk: whoever stops a long audit is heard here.
        try Task.checkCancellation()
        return read(path.description, of: log, limit: EntryBundle.maximumByteCount)
    }

    public func cosigned(of log: LogKind) async throws -> [[UInt8]] {
        // What is no such file is found by its form.
        read(Self.cosignedName, of: log, limit: KeptHeads.maximumByteCount).flatMap { KeptHeads(parsing: $0)?.notes }
            ?? []
    }

    /// The bytes of `cosigned`.
    static func cosignedFile(_ checkpoints: [SignedCheckpoint]) -> [UInt8] {
        checkpoints.flatMap { $0.note.bytes + [UInt8(ascii: "\n")] }
    }

    /// The file of a log that is not there, or the log's folder where that is missing whole.
    func missing(_ name: String, of log: LogKind) -> String? {
        func isThere(_ name: String) -> Bool {
            (try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")) != nil
        }
        guard isThere(log.rawValue) else { return "\(log.rawValue)/" }
        let file = "\(log.rawValue)/\(name)"
        return isThere(file) ? nil : file
    }

    /// A plain file of a log, not a link; `nil` when it is missing or longer than it can be.
    private func read(_ name: String, of log: LogKind, limit: Int) -> [UInt8]? {
        BoundedFile.bytes(of: "\(path)/\(log.rawValue)/\(name)", limit: limit)
    }

    /// What the replay does not see: that every file is there and no other, and that hash tiles and keys are those of the
    /// entries and of genesis.
    func findings(for verdict: AuditVerdict) async throws -> [AuditFinding] {
        var findings: [AuditFinding] = []
        guard let roster = verdict.view?.roster else { return findings }
        for (log, tree) in [(LogKind.roster, verdict.roster), (.activity, verdict.activity)] {
            guard let tree else { continue }
            if let wrong = wrongFiles(log, size: tree.size) {
                findings.append(AuditFinding(.wrongFiles, severity: .damagedCopy, log: log, wrong))
            }
            let key = read(Self.keyName, of: log, limit: 4_096)
            if key != Self.keyFile(roster.logKey(log)) {
                findings.append(
                    AuditFinding(
                        .wrongFiles, severity: .damagedCopy, log: log,
                        "\(log.rawValue)/\(Self.keyName) is not the key that genesis names"))
            }
            for name in wrongCosignatures(log, roster) {
                findings.append(
                    AuditFinding(
                        .wrongFiles, severity: .damagedCopy, log: log,
                        "\(log.rawValue)/\(name) holds something else than checkpoints with the log's signature and those of"
                            + " witnesses that the roster names"))
            }
            // Where the entries are not what was signed, tiles that differ from them may be the true ones.
            guard DamagedCopy.isProven(log, verdict) else { continue }
            for path in try await wrongTiles(log, size: tree.size) {
                findings.append(
                    AuditFinding(
                        .tileDiffers, severity: .damagedCopy, log: log,
                        "\(log.rawValue)/\(path) is not what the entries give"))
            }
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        if let wrong = Self.wrongNames(Set(names)) {
            findings.append(AuditFinding(.wrongFiles, severity: .damagedCopy, wrong))
        }
        return findings
    }

    /// What stands beside the two logs, by name: systems that show folders put files of their own into them.
    private static func wrongNames(_ names: Set<String>) -> String? {
        let logs = Set(LogKind.allCases.map(\.rawValue))
        guard names != logs else { return nil }
        let strange = names.subtracting(logs).sorted()
        let named = strange.prefix(3).map { "\"\($0)\"" }.joined(separator: ", ")
        let rest = strange.count > 3 ? " and \(strange.count - 3) more" : ""
        return "the export is not exactly the directories roster and activity"
            + (strange.isEmpty
                ? ""
                : ": \(named)\(rest) \(strange.count == 1 ? "has" : "have") no place there; where the logs are whole, nothing but that has "
                    + "to go")
    }

    /// The one line of `log.vkey`.
    static func keyFile(_ key: LogKey) -> [UInt8] { Array((key.key.vkey + "\n").utf8) }

    /// The files whose notes carry anything but a line of the log and then one of each of some witnesses that the roster names,
    /// in its order. Whether those lines verify, the replay has told.
    private func wrongCosignatures(_ log: LogKind, _ roster: Roster) -> [String] {
        let (key, witnesses) = (roster.logKey(log).key, roster.view(at: roster.lastTime).witnesses.keys)
        func isKnown(_ bytes: [UInt8], atLeast count: Int) -> Bool {
            guard let note = try? SignedNote(parsing: bytes) else { return false }
            guard note.signatures.count > count, key.isKey(of: note.signatures[0]) else { return false }
            let places = note.signatures.dropFirst().map { line in witnesses.firstIndex { $0.isKey(of: line) } }
            return !places.contains(nil) && zip(places, places.dropFirst()).allSatisfy { $0 ?? 0 < $1 ?? 0 }
        }
        var wrong: [String] = []
        if let note = read(Self.checkpointName, of: log, limit: SignedNote.maximumByteCount),
            !isKnown(note, atLeast: 0)
        {
            wrong.append(Self.checkpointName)
        }
        if missing(Self.cosignedName, of: log) == nil {
            // It need not be there; what is and cannot be read is no such file.
            let file = read(Self.cosignedName, of: log, limit: KeptHeads.maximumByteCount)
            let notes = file.flatMap { KeptHeads(parsing: $0) }?.notes ?? []
            if notes.isEmpty || !notes.allSatisfy({ isKnown($0, atLeast: 1) }) { wrong.append(Self.cosignedName) }
        }
        return wrong
    }

    /// What is wrong with the names below a log's directory, in a sentence; `nil` when every file is there, and no other file
    /// or directory.
    private func wrongFiles(_ log: LogKind, size: UInt64) -> String? {
        var found: Set<String> = []
        var folders: Set<String> = []
        var hasCosigned = false
        for case let name as String in FileManager.default.enumerator(atPath: "\(path)/\(log.rawValue)") ?? .init() {
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(log.rawValue)/\(name)")
            let type = attributes?[.type] as? FileAttributeType
            if type == .typeDirectory { folders.insert(name) } else { found.insert(name) }
            if name == Self.cosignedName, type == .typeRegular { hasCosigned = true }
        }
        // Before anything counts up to a size that somebody else chose.
        guard size <= UInt64(found.count) * UInt64(TilePath.fullWidth) else {
            return
                "\(log.rawValue)/ has \(found.count.counted("file")), too few for the \(size.counted("entry", "entries")) of its checkpoint"
        }
        var expected = Set(TilePath.all(size: size).map(\.description))
        expected.formUnion([Self.checkpointName, Self.keyName])
        // It need not be there.
        if hasCosigned { expected.insert(Self.cosignedName) }
        let empty = folders.subtracting(found.flatMap(Self.folders(above:)))
        let wrong = expected.symmetricDifference(found).union(empty).sorted()
        guard !wrong.isEmpty else { return nil }
        let named = wrong.prefix(Self.namedFiles).joined(separator: ", ")
        return "\(wrong.count.counted("file")) of \(log.rawValue)/ \(wrong.count == 1 ? "is" : "are") missing or"
            + " \(wrong.count == 1 ? "has" : "have") no place there: \(named)"
            + (wrong.count > Self.namedFiles ? " and others" : "")
    }

    /// How many files are named that are missing or have no place.
    private static let namedFiles = 5

    /// The file of entries that a checkpoint of so many needs and that is not there, with one that is there in its place, of
    /// another number of entries: then the files are of two moments of the log, and none of them need have been changed.
    func otherMoment(_ log: LogKind, from first: UInt64, size: UInt64) -> (missing: String, found: String)? {
        let width = Int(min(UInt64(TilePath.fullWidth), size - min(first, size)))
        guard width > 0 else { return nil }
        func path(_ width: Int) -> String {
            TilePath(kind: .entries, index: first / UInt64(TilePath.fullWidth), width: width).description
        }
        guard missing(path(width), of: log) != nil else { return nil }
        let other = (1...TilePath.fullWidth).first { $0 != width && missing(path($0), of: log) == nil }
        return other.map { (path(width), path($0)) }
    }

    /// `a` and `a/b`, of `a/b/c`.
    private static func folders(above name: String) -> [String] {
        name.indices.filter { name[$0] == "/" }.map { String(name[..<$0]) }
    }

    private func wrongTiles(_ log: LogKind, size: UInt64) async throws -> [TilePath] {
        var builder = TileBuilder()
        var wrong: [TilePath] = []
        var first: UInt64 = 0
        while first < size {
            // What is missing was found by the replay.
            guard let entries = try await self.entries(from: first, size: size, of: log) else { return wrong }
            for bytes in entries {
                for tile in builder.append(MerkleTree.leafHash(bytes)) where !holds(tile, log) {
                    wrong.append(tile.path)
                }
            }
            first += UInt64(entries.count)
        }
        return wrong + builder.partial.filter { !holds($0, log) }.map(\.path)
    }

    private func holds(_ tile: (path: TilePath, bytes: [UInt8]), _ log: LogKind) -> Bool {
        read(tile.path.description, of: log, limit: tile.bytes.count) == tile.bytes
    }
}

extension Audit {
    /// Audits an export: its files, and all that ``run(_:store:progress:)`` looks at. What is not under the root that was signed
    /// convicts nobody: the finding is then that the copy is damaged.
    /// - Throws: ``AuditError``.
    public func run(
        _ export: ExportDirectory, store: any AuditStore = MemoryAuditStore(), progress: Progress = { _, _, _ in }
    ) async throws -> AuditVerdict {
        var verdict = try await runLeavingCapsules(export, store, progress)
        verdict.findings = try await DamagedCopy(export).findings(of: verdict)
        verdict.findings += try await export.findings(for: verdict)
        return verdict
    }
}
