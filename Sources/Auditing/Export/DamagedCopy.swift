import Secrets
import Statements
import TransparencyLog

/// What is said of an export whose entries are not those that were signed.
///
/// An export is verified before it appears under its name. What differs was changed since, by a disk or by whoever held it, and is
/// no word of the relay: it convicts nobody, and proves nothing either. A relay that gives such entries itself is another matter:
/// its answer is its own, and the audit of a relay tells all that it finds.
struct DamagedCopy {
    private let export: ExportDirectory

    init(_ export: ExportDirectory) { self.export = export }

    /// The findings of a replay of the export, as far as what is proven bears them out.
    func findings(of verdict: AuditVerdict) async throws -> [AuditFinding] {
        guard !verdict.isWhole else { return try await findings(ofBoth: verdict) }
        var findings: [AuditFinding] = []
        let isRosterProven = Self.isProven(.roster, verdict)
        for finding in verdict.findings {
            if AuditVerdict.notWhatWasSigned.contains(finding.code), let log = finding.log {
                findings.append(try await damage(log, finding, verdict))
            } else if isRosterProven, finding.log == .roster, !Self.needsActivity.contains(finding.code) {
                findings.append(finding)
            }
        }
        guard findings.isEmpty else { return findings }
        // Without a roster nothing is proven, and nothing is known to differ.
        if let later = verdict.findings.first(where: { $0.code == .updateNeeded && $0.entries == [0] }) {
            return [later]
        }
        let genesis = verdict.findings.first { $0.severity == .brokenPromise && $0.log == .roster }
        return [
            AuditFinding(
                genesis?.code ?? .checkpointInvalid, severity: .damagedCopy, log: .roster,
                entries: genesis?.entries ?? [],
                "the copy is damaged, or was never one: its roster log does not begin with what founded an organisation; what it"
                    + " says is nobody's word, and convicts nobody")
        ]
    }

    /// Where each log is what was signed. Whether both were so at one moment, no copy says by itself: whoever holds two true
    /// exports has true halves of both.
    private func findings(ofBoth verdict: AuditVerdict) async throws -> [AuditFinding] {
        let ahead = try await firstAhead(verdict)
        let end = "; this copy cannot tell which, and convicts nobody; ask the relay itself, or for another export"
        return verdict.findings.compactMap { finding in
            // No export is written with a cosignature that does not verify.
            if finding.code == .cosignatureInvalid { return Self.damaged(finding, finding.sentence) }
            if finding.code == .rosterEventMissing, finding.log == .roster {
                return Self.damaged(
                    finding, "\(finding.sentence): either the relay never did, or activity/ is older than roster/" + end
                )
            }
            guard let ahead else { return finding }
            if finding.code == .rosterEventFalse, finding.entries == [ahead.entry] {
                return Self.damaged(
                    finding,
                    "entry \(ahead.entry) of the activity log puts a roster of \(ahead.size) entries in force, and roster/ has"
                        + " \(verdict.roster?.size ?? 0), so that nothing from there on was judged: either the relay lied there, or"
                        + " activity/ is newer than roster/" + end)
            }
            // It was judged by a roster that is too short.
            let isBehind = finding.log == .activity && (finding.entries.last ?? 0) >= ahead.entry
            return isBehind || finding.code == .more ? nil : finding
        }
    }

    /// The first event that names a longer roster than the one at hand.
    private func firstAhead(_ verdict: AuditVerdict) async throws -> (entry: UInt64, size: UInt64)? {
        guard let roster = verdict.roster, let activity = verdict.activity else { return nil }
        for finding in verdict.findings where finding.code == .rosterEventFalse {
            guard let index = finding.entries.first,
                let bytes = try await export.entries(from: index, size: activity.size, of: .activity)?.first,
                let body = (try? Entry(parsing: bytes))?.body,
                case .event(let event)? = try? ActivityStatement(parsing: body), case .roster(let size, _) = event.kind,
                size > roster.size
            else { continue }
            return (index, size)
        }
        return nil
    }

    /// Whether the entries of a log are those that its key signed.
    static func isProven(_ log: LogKind, _ verdict: AuditVerdict) -> Bool {
        (log == .roster ? verdict.roster : verdict.activity) != nil
            && !verdict.findings.contains { $0.log == log && AuditVerdict.notWhatWasSigned.contains($0.code) }
    }

    /// What stands at entries of the roster log, and is told by those of the activity log.
    private static let needsActivity: Set<AuditFinding.Code> = [
        .rosterEventMissing, .rosterEventFalse, .rosterEventLate, .falseHead, .headBeyond,
    ]

    private func damage(
        _ log: LogKind, _ finding: AuditFinding, _ verdict: AuditVerdict
    ) async throws -> AuditFinding {
        let folder = "\(log.rawValue)/"
        let end = "; what it says of the \(log.rawValue) log is not the relay's word, and convicts nobody"
        switch finding.code {
        case .entriesMissing:
            let first = finding.entries.first ?? 0
            if let size = try await claimedSize(log), let other = export.otherMoment(log, from: first, size: size) {
                return Self.damaged(
                    finding,
                    "the copy is damaged: \(folder)\(ExportDirectory.checkpointName) is of \(size.counted("entry", "entries")), and in place of"
                        + " \(folder)\(other.missing) there is \(other.found): files of two moments are mixed" + end)
            }
            return Self.damaged(
                finding,
                "the copy is damaged: the entries of \(folder) from \(first) on are missing or were changed" + end)
        case .rootDiffers:
            var changed: [UInt64] = []
            if let tree = log == .roster ? verdict.roster : verdict.activity {
                changed = try await export.changedEntries(log, under: tree)
            }
            let list = changed.prefix(5).map { "\($0)" }.joined(separator: ", ")
            let which = changed.isEmpty ? "" : " (changed: \(list)\(changed.count > 5 ? " and others" : ""))"
            return Self.damaged(
                finding,
                "the copy is damaged: the entries of \(folder) are not those that the relay signed" + which + end,
                entries: changed)
        default:
            let what = export.missing(ExportDirectory.checkpointName, of: log).map { "\($0) is missing" }
            return Self.damaged(
                finding,
                "the copy is damaged: "
                    + (what ?? "\(folder)\(ExportDirectory.checkpointName) is not what the relay signed") + end)
        }
    }

    /// How many entries a log has by its checkpoint, whoever signed that.
    private func claimedSize(_ log: LogKind) async throws -> UInt64? {
        let note = try await export.checkpoint(of: log).flatMap { try? SignedNote(parsing: $0) }
        return note.flatMap { try? Checkpoint(parsing: $0.text) }?.size
    }

    private static func damaged(
        _ finding: AuditFinding, _ sentence: String, entries: [UInt64]? = nil
    ) -> AuditFinding {
        AuditFinding(
            finding.code, severity: .damagedCopy, log: finding.log, entries: entries ?? finding.entries,
            message: finding.message, sentence)
    }
}

extension ExportDirectory {
    /// How many changed entries are named.
    private static let changedLimit = 100

    /// The entries that are not those of the hash tiles, where these give the root that was signed: the ones that were changed.
    fileprivate func changedEntries(_ log: LogKind, under tree: AuditVerdict.Tree) async throws -> [UInt64] {
        var signed = GrowingTree()
        var changed: [UInt64] = []
        while signed.size < tree.size {
            let first = signed.size
            let width = Int(min(UInt64(TilePath.fullWidth), tree.size - first))
            let path = TilePath(kind: .hashes(level: 0), index: first / UInt64(TilePath.fullWidth), width: width)
            guard let tile = try await bundle(path, of: log), let hashes = try? HashTile.decode(tile, width: width)
            else { return [] }
            let entries = try await self.entries(from: first, size: tree.size, of: log)
            for (place, hash) in hashes.enumerated() {
                signed.append(hash)
                guard entries.map({ MerkleTree.leafHash($0[place]) }) != hash, changed.count < Self.changedLimit else {
                    continue
                }
                changed.append(first + UInt64(place))
            }
            signed.forget(keeping: TilePath.fullWidth)
        }
        return signed.root == tree.root ? changed : []
    }
}
