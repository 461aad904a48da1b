import Auditing
import Foundation
import Secrets
import Statements
import TransparencyLog

/// A log that grows in a folder: its entry bundles, and a checkpoint for each size that was asked for.
final class GrowingLogFiles {
    private let folder: String
    private let signer: LogSigner
    private var bundle: [[UInt8]] = []
    private(set) var tree = GrowingTree()

    init(_ folder: String, origin: String, key: consuming SigningKey) throws {
        self.folder = folder
        signer = LogSigner(origin: origin, key: key)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    var size: UInt64 { tree.size }
    var checkpoint: SignedCheckpoint { signer.sign(size: tree.size, root: tree.root) }

    func append(_ entry: Entry) throws {
        let bytes = entry.bytes
        bundle.append(bytes)
        tree.append(MerkleTree.leafHash(bytes))
        guard bundle.count == TilePath.fullWidth else { return }
        try write()
        bundle = []
        tree.forget(keeping: TilePath.fullWidth)
    }

    /// Makes the log readable at its present size.
    func publish() throws {
        if !bundle.isEmpty { try write() }
        try Data(checkpoint.note.bytes).write(to: URL(fileURLWithPath: "\(folder)/checkpoint-\(size)"))
    }

    private func write() throws {
        let index = (size - 1) / UInt64(TilePath.fullWidth)
        try Data(EntryBundle.encode(bundle)).write(to: URL(fileURLWithPath: "\(folder)/\(index)"))
    }
}

/// Both logs as ``GrowingLogFiles`` wrote them, at a size of the activity log.
struct LogFiles: LogSource {
    let folder: String
    let sizes: [LogKind: UInt64]

    func checkpoint(of log: LogKind) async throws -> [UInt8]? { bytes("\(log.rawValue)/checkpoint-\(sizes[log] ?? 0)") }

    func bundle(_ path: TilePath, of log: LogKind) async throws -> [UInt8]? {
        guard let bytes = bytes("\(log.rawValue)/\(path.index)") else { return nil }
        // What the log had then: it may have grown since.
        guard path.width < TilePath.fullWidth else { return bytes }
        var end = 0
        for _ in 0..<path.width {
            guard end + 2 <= bytes.count else { return nil }
            end += 2 + Int(bytes[end]) << 8 + Int(bytes[end + 1])
        }
        return Array(bytes.prefix(end))
    }

    private func bytes(_ name: String) -> [UInt8]? {
        BoundedFile.bytes(of: "\(folder)/\(name)", limit: EntryBundle.maximumByteCount)
    }
}
