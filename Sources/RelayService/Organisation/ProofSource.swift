import Membership
import RelayAPI
import RelayStorage
import Secrets
import Statements
import TransparencyLog

/// Hashes for proofs: from memory where they are, else from stored tiles.
struct ProofSource: HashSource {
    let log: LogKind
    let state: OrganisationState
    let tiles: any HashTiles

    func hash(of subtree: Subtree) throws(LogError) -> Digest {
        switch log {
        case .roster: return try state.roster.hash(of: subtree)
        case .activity:
            return try StoredHashes(
                tiles: tiles, log: log, organisation: state.organisation, tree: state.activityTree
            ).hash(of: subtree)
        }
    }
}

extension LoggedEntry {
    /// - Parameters:
    ///   - head: The signed tree under which the entry is proven.
    ///   - seen: The size from which the consistency proof leads there; 0 or a larger size gives none.
    init(
        log: LogKind, index: UInt64, entry: [UInt8], head: SignedCheckpoint, seen: UInt64, hashes: any HashSource
    ) throws(LogError) {
        let proof = LogProof(
            index: index, path: try hashes.inclusionProof(index: index, size: head.size), checkpoint: head.note.bytes)
        self.init(
            log: log.rawValue, index: index, entry: String(decoding: entry, as: UTF8.self),
            proof: String(decoding: proof.bytes, as: UTF8.self),
            consistency: try hashes.consistency(from: seen, to: head.size))
    }
}

extension HashSource {
    /// A consistency proof as it travels; none when there is nothing to prove.
    func consistency(from first: UInt64, to second: UInt64) throws(LogError) -> [String] {
        guard first > 0, first < second else { return [] }
        return try consistencyProof(from: first, to: second).map { Base64.encode($0.bytes) }
    }
}
