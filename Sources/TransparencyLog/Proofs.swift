public import Secrets

/// Verifies proofs by the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2. Nothing that came with a proof is believed.
public enum Proofs {
    /// No tree of 2^63 leaves needs more.
    public static let maximumLength = 64

    /// Whether `leaf` stands at `index` in the tree of `size` leaves with this root.
    public static func isIncluded(
        leaf: Digest, index: UInt64, size: UInt64, root: Digest, proof: [Digest]
    ) -> Bool {
        guard index < size, proof.count <= maximumLength else { return false }
        var node = index
        var last = size - 1
        var hash = leaf
        for sibling in proof {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                hash = MerkleTree.nodeHash(sibling, hash)
                if node & 1 == 0 {
                    repeat {
                        node >>= 1
                        last >>= 1
                    } while node & 1 == 0 && node != 0
                }
            } else {
                hash = MerkleTree.nodeHash(hash, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// Whether the tree (`second`, `secondRoot`) continues the tree (`first`, `firstRoot`).
    public static func isConsistent(
        first: UInt64, firstRoot: Digest, second: UInt64, secondRoot: Digest, proof: [Digest]
    ) -> Bool {
        if first == second { return proof.isEmpty && firstRoot == secondRoot }
        if first == 0 { return proof.isEmpty && firstRoot == MerkleTree.emptyRoot }
        guard first < second, !proof.isEmpty, proof.count <= maximumLength else { return false }
        let path = first & (first - 1) == 0 ? [firstRoot] + proof : proof
        var node = first - 1
        var last = second - 1
        while node & 1 == 1 {
            node >>= 1
            last >>= 1
        }
        var oldRoot = path[0]
        var newRoot = path[0]
        for hash in path.dropFirst() {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                oldRoot = MerkleTree.nodeHash(hash, oldRoot)
                newRoot = MerkleTree.nodeHash(hash, newRoot)
                if node & 1 == 0 {
                    repeat {
                        node >>= 1
                        last >>= 1
                    } while node & 1 == 0 && node != 0
                }
            } else {
                newRoot = MerkleTree.nodeHash(newRoot, hash)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && oldRoot == firstRoot && newRoot == secondRoot
    }
}
