public import Secrets
public import Statements
import TransparencyLog

/// The history of an export, as far as its entries give the roots that are asked for.
public struct ExportHistory: LogHistory {
    private let roots: [LogKind: [UInt64: Digest]]
    private let checkpoints: [LogKind: [UInt8]]

    /// Reads every entry once. The export must have been verified (``Audit``): here nothing is.
    /// - Parameter sizes: The prefixes whose roots will be asked for.
    public init(_ export: ExportDirectory, trees: [LogKind: UInt64], sizes: [LogKind: Set<UInt64>]) async throws {
        var roots: [LogKind: [UInt64: Digest]] = [:]
        var checkpoints: [LogKind: [UInt8]] = [:]
        for (log, size) in trees {
            checkpoints[log] = try await export.checkpoint(of: log)
            roots[log] = try await Self.roots(export, log, size: size, wanted: sizes[log] ?? [])
        }
        self.roots = roots
        self.checkpoints = checkpoints
    }

    public func root(of log: LogKind, size: UInt64) -> Digest? { roots[log]?[size] }

    public func checkpoint(of log: LogKind) -> [UInt8]? { checkpoints[log] }

    private static func roots(
        _ export: ExportDirectory, _ log: LogKind, size: UInt64, wanted: Set<UInt64>
    ) async throws -> [UInt64: Digest] {
        var roots: [UInt64: Digest] = wanted.contains(0) ? [0: MerkleTree.emptyRoot] : [:]
        var tree = GrowingTree()
        let end = wanted.filter { $0 <= size }.max() ?? 0
        while tree.size < end {
            guard let entries = try await export.entries(from: tree.size, size: size, of: log) else { return roots }
            for entry in entries {
                tree.append(MerkleTree.leafHash(entry))
                if wanted.contains(tree.size) { roots[tree.size] = tree.root }
            }
            tree.forget(keeping: 256)
        }
        return roots
    }
}
