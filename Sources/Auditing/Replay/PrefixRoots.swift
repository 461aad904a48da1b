import Secrets
import TransparencyLog

/// A log's tree as it grows, with the root of every prefix: 32 bytes an entry, for a signer may have seen any of them.
///
/// Only the right edge of the tree itself is kept (a compact range).
struct PrefixRoots {
    private var edge: [Digest] = []
    private var roots = [MerkleTree.emptyRoot]

    /// How many leaves.
    var size: UInt64 { UInt64(roots.count - 1) }
    /// The root of all of them.
    var root: Digest { roots[roots.count - 1] }

    mutating func append(_ leaf: Digest) {
        var hash = leaf
        // Every complete pair on the right joins: as many as the old size ends in one bits.
        for _ in 0..<(~size).trailingZeroBitCount { hash = MerkleTree.nodeHash(edge.removeLast(), hash) }
        edge.append(hash)
        roots.append(MerkleTree.root(ofEdge: edge))
    }

    /// The root of the first `size` leaves; `nil` when there are fewer.
    func root(size: UInt64) -> Digest? { size <= self.size ? roots[Int(size)] : nil }
}
