import Statements
import TransparencyLog

extension LogSource {
    /// Gives every tile of a log, made from its entries: bundles as they are read, each hash tile once it is complete, and the
    /// partial ones when the entries have given the root that was signed.
    /// - Parameter onBundle: Told how many entries were read by then.
    /// - Throws: ``AuditError/Code/notTheLog``, and what `body` throws.
    func forEachTile(
        of log: LogKind, under checkpoint: SignedCheckpoint, onBundle: (UInt64) -> Void = { _ in },
        _ body: (TilePath, [UInt8]) throws -> Void
    ) async throws {
        var builder = TileBuilder()
        var tree = GrowingTree()
        while tree.size < checkpoint.size {
            let first = tree.size
            guard let entries = try await self.entries(from: first, size: checkpoint.size, of: log) else {
                throw AuditError(.notTheLog, "the \(log.rawValue) log's entries from \(first) on")
            }
            let index = first / UInt64(TilePath.fullWidth)
            try body(TilePath(kind: .entries, index: index, width: entries.count), EntryBundle.encode(entries))
            for bytes in entries {
                let leaf = MerkleTree.leafHash(bytes)
                tree.append(leaf)
                for tile in builder.append(leaf) { try body(tile.path, tile.bytes) }
            }
            tree.forget(keeping: TilePath.fullWidth)
            onBundle(tree.size)
        }
        guard tree.root == checkpoint.root else {
            throw AuditError(.notTheLog, "the \(log.rawValue) log's entries do not give the root that was signed")
        }
        for tile in builder.partial { try body(tile.path, tile.bytes) }
    }
}
