public import Secrets

/// A complete subtree of 2^level leaves that begins at leaf `index << level`.
public struct Subtree: Hashable, Sendable {
    public let level: Int
    public let index: UInt64

    public init(level: Int, index: UInt64) {
        self.level = level
        self.index = index
    }

    /// The first leaf.
    public var start: UInt64 { index << UInt64(level) }
    /// How many leaves.
    public var count: UInt64 { 1 << UInt64(level) }
}

/// The Merkle tree of RFC 6962 section 2.1, over SHA-256. Pure functions: where hashes come from is the caller's matter.
public enum MerkleTree {
    /// SHA-256 of nothing: the root of the empty tree.
    public static let emptyRoot = Digest.sha256([UInt8]())

    /// SHA-256(0x00 ‖ entry).
    public static func leafHash(_ entry: [UInt8]) -> Digest { leafHash(entry[...]) }

    /// The same of an entry where it lies.
    public static func leafHash(_ entry: ArraySlice<UInt8>) -> Digest { Digest.sha256(prefix: 0, entry) }

    /// SHA-256(0x01 ‖ left ‖ right).
    public static func nodeHash(_ left: Digest, _ right: Digest) -> Digest { Digest.sha256(prefix: 1, left, right) }

    /// The root of a list of leaf hashes, by the plain recursive definition. Slow and obvious on purpose: the second
    /// path along which a batch is checked before it is signed.
    public static func root(of leaves: ArraySlice<Digest>) -> Digest {
        guard leaves.count > 1 else { return leaves.first ?? emptyRoot }
        let split = leaves.startIndex + Int(largestPowerOfTwo(below: UInt64(leaves.count)))
        return nodeHash(root(of: leaves[..<split]), root(of: leaves[split...]))
    }

    /// The complete subtrees that make up leaves `0..<size`, from the left: the tree's right edge.
    public static func edge(of size: UInt64) -> [Subtree] {
        var subtrees: [Subtree] = []
        var start: UInt64 = 0
        for level in stride(from: 63, through: 0, by: -1) where size & (1 << UInt64(level)) != 0 {
            subtrees.append(Subtree(level: level, index: start >> UInt64(level)))
            start += 1 << UInt64(level)
        }
        return subtrees
    }

    /// The root that the hashes of ``edge(of:)`` give.
    public static func root(ofEdge hashes: [Digest]) -> Digest {
        guard var root = hashes.last else { return emptyRoot }
        for hash in hashes.dropLast().reversed() { root = nodeHash(hash, root) }
        return root
    }

    /// The largest power of two that is smaller than `count` (which is at least 2).
    static func largestPowerOfTwo(below count: UInt64) -> UInt64 {
        1 << UInt64(63 - (count - 1).leadingZeroBitCount)
    }
}

/// Gives hashes of complete subtrees.
public protocol HashSource {
    /// - Throws: ``LogError/Code/missingHash``.
    func hash(of subtree: Subtree) throws(LogError) -> Digest
}

extension HashSource {
    /// The root of the tree of the first `size` leaves.
    public func root(size: UInt64) throws(LogError) -> Digest {
        try hash(from: 0, to: size)
    }

    /// PATH(index, D[size]) of RFC 6962 section 2.1.1, the leaf's sibling first.
    /// - Precondition: `index < size`.
    public func inclusionProof(index: UInt64, size: UInt64) throws(LogError) -> [Digest] {
        precondition(index < size)
        var proof: [Digest] = []
        var start: UInt64 = 0
        var end = size
        while end - start > 1 {
            let split = start + MerkleTree.largestPowerOfTwo(below: end - start)
            if index < split {
                proof.append(try hash(from: split, to: end))
                end = split
            } else {
                proof.append(try hash(from: start, to: split))
                start = split
            }
        }
        return proof.reversed()
    }

    /// PROOF(first, D[second]) of RFC 6962 section 2.1.2; empty when the sizes are equal or the first is 0.
    /// - Precondition: `first <= second`.
    public func consistencyProof(from first: UInt64, to second: UInt64) throws(LogError) -> [Digest] {
        precondition(first <= second)
        guard first > 0, first < second else { return [] }
        var proof: [Digest] = []
        var start: UInt64 = 0
        var end = second
        var isWhole = true
        // Walks to where the first tree ends, and notes what lies beside the way.
        while first < end {
            let split = start + MerkleTree.largestPowerOfTwo(below: end - start)
            if first <= split {
                proof.append(try hash(from: split, to: end))
                end = split
            } else {
                proof.append(try hash(from: start, to: split))
                start = split
                isWhole = false
            }
        }
        if !isWhole { proof.append(try hash(from: start, to: end)) }
        return proof.reversed()
    }

    /// MTH(D[start:end]); `start` is where a subtree of the recursion begins.
    private func hash(from start: UInt64, to end: UInt64) throws(LogError) -> Digest {
        let count = end - start
        guard count > 0 else { return MerkleTree.emptyRoot }
        if count & (count - 1) == 0 {
            let level = count.trailingZeroBitCount
            return try hash(of: Subtree(level: level, index: start >> UInt64(level)))
        }
        let split = start + MerkleTree.largestPowerOfTwo(below: count)
        return MerkleTree.nodeHash(try hash(from: start, to: split), try hash(from: split, to: end))
    }
}
