package import Auditing
import Foundation
import Secrets
import Statements
import TransparencyLog

/// A log of the corpus as a folder: `export` (what `nightbell audit export` writes), `heads` (what devices kept, as
/// `nightbell status --heads` writes it), `capsules.json` and `expected.json`.
package struct CorpusDirectory {
    /// `expected.json`.
    struct Description: Codable {
        let name: String
        let liar: String?
        let lie: String?
        let organisation: String
        let present: Bool
        /// Whether a reader that opens nothing and knows no heads finds it, too.
        let showsInExport: Bool
        let exact: Bool
        let findings: [Expected]

        enum CodingKeys: String, CodingKey {
            case name, liar, lie, organisation, present, exact, findings
            case showsInExport = "shows_in_export"
        }
    }

    private struct Capsule: Codable {
        let key: Data
        let capsule: Data
    }

    package let path: String

    package init(_ path: String) { self.path = path }

    // MARK: Writing

    package func write(_ log: Corpus.Log) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for kind in LogKind.allCases { try write(kind, log.shown) }
        for (name, bytes) in log.shown.files {
            guard let bytes else {
                try FileManager.default.removeItem(atPath: "\(path)/export/\(name)")
                continue
            }
            try put(bytes, "export/\(name)")
        }
        try put(log.shown.heads.flatMap { $0 + [UInt8(ascii: "\n")] }, "heads")
        let capsules = log.shown.capsules.map {
            ("\($0.key)", Capsule(key: Data($0.value.sealedKey), capsule: Data($0.value.capsule)))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try put([UInt8](encoder.encode(Dictionary(uniqueKeysWithValues: capsules))), "capsules.json")
        let description = Description(
            name: log.name, liar: log.lie?.liar.rawValue, lie: log.lie?.summary,
            organisation: log.shown.organisation.description, present: log.shown.isPresent,
            showsInExport: log.lie?.showsInExport ?? false, exact: log.expectation.isExact,
            findings: log.expectation.findings)
        try put([UInt8](encoder.encode(description)), "expected.json")
    }

    /// Whatever the entries and the checkpoint are: each hash is that of the entries.
    private func write(_ kind: LogKind, _ shown: Shown) throws {
        guard let entries = shown.source.entries[kind], let note = shown.source.checkpoints[kind] else { return }
        var hashes: [[Digest]] = [entries.map { MerkleTree.leafHash($0) }]
        while hashes[hashes.count - 1].count >= TilePath.fullWidth {
            let below = hashes[hashes.count - 1]
            hashes.append(
                (0..<below.count / TilePath.fullWidth).map {
                    MerkleTree.root(of: below[$0 * TilePath.fullWidth..<($0 + 1) * TilePath.fullWidth])
                })
        }
        for tile in TilePath.all(size: UInt64(entries.count)) {
            let range = Int(tile.index) * TilePath.fullWidth..<Int(tile.index) * TilePath.fullWidth + tile.width
            let bytes =
                switch tile.kind {
                case .entries: EntryBundle.encode(entries[range])
                case .hashes(let level): HashTile.encode(Array(hashes[level][range]))
                }
            try put(bytes, "export/\(kind.rawValue)/\(tile)")
        }
        try put(note, "export/\(kind.rawValue)/checkpoint")
        if let cosigned = shown.source.cosigned[kind] {
            try put(cosigned.flatMap { $0 + [UInt8(ascii: "\n")] }, "export/\(kind.rawValue)/cosigned")
        }
        try put(Array((shown.keys[kind]!.key.vkey + "\n").utf8), "export/\(kind.rawValue)/log.vkey")
    }

    private func put(_ bytes: [UInt8], _ name: String) throws {
        let file = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    // MARK: Reading

    /// Audits what lies there.
    package func audit() async throws -> (findings: [AuditFinding], expectation: Expectation) {
        let description = try JSONDecoder().decode(Description.self, from: try data("expected.json"))
        let capsules = try JSONDecoder().decode([String: Capsule].self, from: try data("capsules.json"))
        var audit = Audit()
        audit.organisation = OrganisationID(description.organisation)
        audit.heads = KeptHeads(parsing: [UInt8](try data("heads")))?.notes ?? []
        audit.isPresent = description.present
        let export = try ExportDirectory("\(path)/export")
        let auditor = CorpusAuditor(
            capsules: Dictionary(
                uniqueKeysWithValues: capsules.map {
                    (
                        MessageID($0.key)!,
                        SealedCapsule(sealedKey: [UInt8]($0.value.key), capsule: [UInt8]($0.value.capsule))
                    )
                }))
        let replayed = try await audit.run(export, capsules: auditor).findings
        // Of the files; the replay has told the rest.
        let files = try await audit.run(export).findings.filter { [.tileDiffers, .wrongFiles].contains($0.code) }
        var expectation = Expectation()
        expectation.findings = description.findings
        expectation.isExact = description.exact
        return (replayed + files, expectation)
    }

    private func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")) }
}
