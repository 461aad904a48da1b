import FuzzSupport
import Secrets
import TransparencyLog

/// RFC 6962 section 2.1 word for word, sharing nothing with the module but the two hash functions of ``reference``.
final class PlainTree {
    let leaves: [Digest]
    private var known: [Range<Int>: Digest] = [:]

    /// `count` leaves of their own.
    convenience init(count: Int) {
        self.init(leaves: (0..<count).map { MerkleTree.leafHash(Array("leaf \($0)".utf8)) })
    }

    init(leaves: [Digest]) { self.leaves = leaves }

    /// MTH(D[range]).
    func root(_ range: Range<Int>) -> Digest {
        if let hash = known[range] { return hash }
        let hash: Digest
        switch range.count {
        case 0: hash = Digest.sha256([UInt8]())
        case 1: hash = leaves[range.lowerBound]
        default:
            let split = range.lowerBound + Self.split(range.count)
            hash = Digest.sha256(
                [1] + root(range.lowerBound..<split).bytes + root(split..<range.upperBound).bytes)
        }
        known[range] = hash
        return hash
    }

    func root(size: Int) -> Digest { root(0..<size) }

    /// PATH(m, D[range]).
    func path(_ index: Int, in range: Range<Int>) -> [Digest] {
        guard range.count > 1 else { return [] }
        let split = Self.split(range.count)
        let middle = range.lowerBound + split
        return index < split
            ? path(index, in: range.lowerBound..<middle) + [root(middle..<range.upperBound)]
            : path(index - split, in: middle..<range.upperBound) + [root(range.lowerBound..<middle)]
    }

    /// PROOF(m, D[n]).
    func proof(_ first: Int, _ second: Int) -> [Digest] { subproof(first, 0..<second, true) }

    private func subproof(_ first: Int, _ range: Range<Int>, _ isWhole: Bool) -> [Digest] {
        if first == range.count { return isWhole ? [] : [root(range)] }
        let split = Self.split(range.count)
        let middle = range.lowerBound + split
        return first <= split
            ? subproof(first, range.lowerBound..<middle, isWhole) + [root(middle..<range.upperBound)]
            : subproof(first - split, middle..<range.upperBound, false) + [root(range.lowerBound..<middle)]
    }

    /// The largest power of two smaller than `count`.
    private static func split(_ count: Int) -> Int {
        var power = 1
        while power * 2 < count { power *= 2 }
        return power
    }
}

extension GrowingTree {
    /// A tree of these leaves.
    init(leaves: some Sequence<Digest>) {
        self.init()
        for leaf in leaves { append(leaf) }
    }
}
