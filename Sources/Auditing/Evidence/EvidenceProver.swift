import Secrets
import Statements
import TransparencyLog

/// Makes proofs from a log's tiles, and checks each before it is used.
struct EvidenceProver<Source: LogSource> {
    private let checkpoint: SignedCheckpoint
    private let source: Source
    private var hashes: FetchedHashes
    private var bundle: (first: UInt64, entries: [[UInt8]])?

    init(_ checkpoint: SignedCheckpoint, _ source: Source) {
        self.checkpoint = checkpoint
        self.source = source
        hashes = FetchedHashes(treeOf: checkpoint.size)
    }

    /// How many entries the activity log has.
    var size: UInt64 { checkpoint.size }

    /// An entry of the activity log, as the source gives it.
    mutating func entry(_ index: UInt64) async throws -> [UInt8] {
        let width = UInt64(TilePath.fullWidth)
        let first = index / width * width
        if bundle?.first != first {
            guard index < checkpoint.size,
                let entries = try await source.entries(from: first, size: checkpoint.size, of: .activity)
            else { throw AuditError(.notTheLog, "entry \(index) of the activity log") }
            bundle = (first, entries)
        }
        return bundle!.entries[Int(index - first)]
    }

    /// The entry's tlog-proof.
    mutating func inclusion(of bytes: [UInt8], at index: UInt64) async throws -> [UInt8] {
        let size = checkpoint.size
        let path = try await make { hashes throws(LogError) in
            try hashes.inclusionProof(index: index, size: size)
        }
        let leaf = MerkleTree.leafHash(bytes)
        guard Proofs.isIncluded(leaf: leaf, index: index, size: size, root: checkpoint.root, proof: path) else {
            throw AuditError(.notTheLog, "entry \(index) of the activity log")
        }
        return LogProof(index: index, path: path, checkpoint: checkpoint.note.bytes).bytes
    }

    /// That the log of `old` entries is the beginning of this one. Whether what somebody had seen of that size is it, is for
    /// whoever checks to find out: a lie about it is evidence.
    mutating func consistency(from old: UInt64) async throws -> [UInt8] {
        let size = checkpoint.size
        let proof = try await make { hashes throws(LogError) in
            try hashes.consistencyProof(from: old, to: size)
        }
        let root = try await root(of: old)
        guard
            Proofs.isConsistent(
                first: old, firstRoot: root, second: size, secondRoot: checkpoint.root, proof: proof)
        else { throw AuditError(.notTheLog, "the hash tiles of the activity log") }
        return ConsistencyFile(old: old, proof: proof, checkpoint: checkpoint.note.bytes).bytes
    }

    private mutating func root(of size: UInt64) async throws -> Digest {
        try await make { hashes throws(LogError) in try hashes.root(size: size) }
    }

    /// What `proof` gives with the hashes that it asks for.
    private mutating func make<Proof>(_ proof: (any HashSource) throws(LogError) -> Proof) async throws -> Proof {
        for path in try hashes.missing(for: proof) { hashes.add(try await tile(path), at: path) }
        return try proof(hashes)
    }

    private func tile(_ path: TilePath) async throws -> [Digest] {
        guard let bytes = try await source.bundle(path, of: .activity),
            let tile = try? HashTile.decode(bytes, width: path.width)
        else { throw AuditError(.notTheLog, "\(path) of the activity log") }
        return tile
    }
}
