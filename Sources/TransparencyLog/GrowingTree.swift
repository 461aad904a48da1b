public import Secrets

/// A tree that grows at its right end and keeps in memory the hashes near that end: every proof about recent leaves
/// comes from here, older ones from stored tiles.
///
/// Invariants: level k holds the hashes of complete subtrees `offset[k] ..< size >> k`; what was forgotten lies left of
/// every kept hash; the right edge is never forgotten.
public struct GrowingTree: HashSource, Sendable {
    public private(set) var size: UInt64 = 0
    private var levels: [Level] = []

    private struct Level: Sendable {
        var offset: UInt64 = 0
        var hashes: [Digest] = []
    }

    /// The empty tree.
    public init() {}

    /// Continues a tree of `size` leaves whose right edge has these hashes, in the order of ``MerkleTree/edge(of:)``.
    public init(size: UInt64, edge: [Digest]) {
        let subtrees = MerkleTree.edge(of: size)
        precondition(subtrees.count == edge.count)
        self.size = size
        if let top = subtrees.first {
            levels = (0...top.level).map { Level(offset: size >> UInt64($0), hashes: []) }
        }
        for (subtree, hash) in zip(subtrees, edge) {
            levels[subtree.level] = Level(offset: subtree.index, hashes: [hash])
        }
    }

    /// Adds a leaf.
    public mutating func append(_ leaf: Digest) {
        var hash = leaf
        var level = 0
        var index = size
        while true {
            if level == levels.count { levels.append(Level()) }
            levels[level].hashes.append(hash)
            guard index & 1 == 1 else { break }
            let left = levels[level].hashes[levels[level].hashes.count - 2]
            hash = MerkleTree.nodeHash(left, hash)
            level += 1
            index >>= 1
        }
        size += 1
    }

    /// The hashes of the right edge, in the order of ``MerkleTree/edge(of:)``.
    public var edge: [Digest] {
        MerkleTree.edge(of: size).map { levels[$0.level].hashes[Int($0.index - levels[$0.level].offset)] }
    }

    /// The root of all leaves.
    public var root: Digest { MerkleTree.root(ofEdge: edge) }

    public func hash(of subtree: Subtree) throws(LogError) -> Digest {
        guard let hash = keptHash(of: subtree) else { throw LogError(.missingHash, part: "subtree") }
        return hash
    }

    /// The hash, when it is still in memory.
    public func keptHash(of subtree: Subtree) -> Digest? {
        guard levels.indices.contains(subtree.level) else { return nil }
        let level = levels[subtree.level]
        // Compared before it is made an index: a place from outside may be any number.
        guard subtree.index >= level.offset, subtree.index - level.offset < UInt64(level.hashes.count) else {
            return nil
        }
        return level.hashes[Int(subtree.index - level.offset)]
    }

    /// Forgets hashes so that each level keeps between `count` and twice as many, and at least the edge.
    public mutating func forget(keeping count: Int) {
        for level in levels.indices where levels[level].hashes.count > 2 * max(count, 2) {
            let surplus = levels[level].hashes.count - max(count, 2)
            levels[level].hashes.removeFirst(surplus)
            levels[level].offset += UInt64(surplus)
        }
    }
}

/// The second way to a root before it is signed: the right edge of the last signed tree, and leaf hashes of what was
/// read back from storage, joined by the plain recursive definition (RFC 6962 section 2.1).
public enum ReadBack {
    /// The root of the tree that `leaves` make of the tree (`size`, `edge`).
    public static func root(size: UInt64, edge: [Digest], adding leaves: [Digest]) -> Digest {
        let known = Dictionary(uniqueKeysWithValues: zip(MerkleTree.edge(of: size), edge))
        func hash(_ start: UInt64, _ end: UInt64) -> Digest {
            let count = end - start
            if count & (count - 1) == 0, end <= size {
                let level = count.trailingZeroBitCount
                // The recursion over the larger tree meets exactly the maximal subtrees of the smaller one.
                return known[Subtree(level: level, index: start >> UInt64(level))]!
            }
            if count == 1 { return leaves[Int(start - size)] }
            let split = start + MerkleTree.largestPowerOfTwo(below: count)
            return MerkleTree.nodeHash(hash(start, split), hash(split, end))
        }
        let total = size + UInt64(leaves.count)
        return total == 0 ? MerkleTree.emptyRoot : hash(0, total)
    }
}
