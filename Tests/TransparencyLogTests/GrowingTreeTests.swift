import FuzzSupport
import Secrets
import Testing
import TransparencyLog

@Suite struct GrowingTreeTests {
    private let plain = PlainTree(count: 600)

    @Test func rootsAndEdgesAreThoseOfTheDefinition() {
        var tree = GrowingTree()
        for size in 0...300 {
            #expect(tree.size == UInt64(size))
            #expect(tree.root == plain.root(size: size))
            #expect(MerkleTree.root(of: plain.leaves.prefix(size)) == plain.root(size: size))
            let edge = MerkleTree.edge(of: UInt64(size))
            #expect(edge.reduce(0) { $0 + $1.count } == UInt64(size))
            #expect(tree.edge == edge.map { plain.root(Int($0.start)..<Int($0.start + $0.count)) })
            #expect(MerkleTree.root(ofEdge: tree.edge) == tree.root)
            tree.append(plain.leaves[size])
        }
    }

    @Test func aTreeContinuesFromItsEdge() throws {
        for size in 0...130 {
            var whole = GrowingTree(leaves: plain.leaves.prefix(size))
            var continued = GrowingTree(size: UInt64(size), edge: whole.edge)
            #expect(continued.root == whole.root)
            #expect(continued.edge == whole.edge)
            for leaf in plain.leaves[size..<(size + 70)] {
                whole.append(leaf)
                continued.append(leaf)
                #expect(continued.root == whole.root)
            }
            // From the size on, it has every hash that a proof needs.
            let proof = try continued.consistencyProof(from: UInt64(size), to: continued.size)
            #expect(proof == (size == 0 ? [] : plain.proof(size, size + 70)))
        }
    }

    @Test func hashesAreKeptOrMissingButNeverWrong() throws {
        var tree = GrowingTree()
        for (index, leaf) in plain.leaves.enumerated() {
            tree.append(leaf)
            if index % 5 == 0 { tree.forget(keeping: 4) }
        }
        #expect(tree.root == plain.root(size: 600))
        var kept = 0
        for level in 0...9 {
            for index in 0..<(600 >> level) {
                guard let hash = tree.keptHash(of: Subtree(level: level, index: UInt64(index))) else { continue }
                #expect(hash == plain.root((index << level)..<((index + 1) << level)))
                kept += 1
            }
            #expect(tree.keptHash(of: Subtree(level: level, index: UInt64(600 >> level))) == nil)
        }
        // Between 4 and 8 a level.
        #expect((30...90).contains(kept))
        #expect(throws: LogError(.missingHash, part: "")) { try tree.hash(of: Subtree(level: 0, index: 0)) }
        #expect(throws: LogError(.missingHash, part: "")) { try tree.inclusionProof(index: 0, size: 600) }
        #expect(tree.keptHash(of: Subtree(level: 63, index: 0)) == nil)
        #expect(tree.keptHash(of: Subtree(level: 0, index: .max)) == nil)
    }

    /// What the relay does: it forgets after each batch, and proves the last batches.
    @Test(arguments: [0, 1, 2, 3, 8]) func recentLeavesAreProvenAfterForgetting(_ keep: Int) throws {
        var tree = GrowingTree()
        for (index, leaf) in plain.leaves.enumerated() {
            tree.append(leaf)
            tree.forget(keeping: keep)
            let size = index + 1
            #expect(tree.root == plain.root(size: size))
            #expect(tree.edge.count == size.nonzeroBitCount)
            let proof = try tree.inclusionProof(index: UInt64(index), size: UInt64(size))
            #expect(proof == plain.path(index, in: 0..<size))
            #expect(
                try tree.consistencyProof(from: UInt64(index), to: UInt64(size))
                    == (index == 0 ? [] : plain.proof(index, size)))
        }
    }

    /// The second way to a root before it is signed.
    @Test func readBackRootsAreTheTreesForEverySizeAndBatch() {
        for size in 0...140 {
            let edge = GrowingTree(leaves: plain.leaves.prefix(size)).edge
            for added in 0...40 {
                let root = ReadBack.root(
                    size: UInt64(size), edge: edge, adding: Array(plain.leaves[size..<(size + added)]))
                guard root == plain.root(size: size + added) else {
                    Issue.record("\(size) and \(added) more")
                    return
                }
            }
        }
        for (size, added) in [(255, 300), (256, 256), (257, 300), (1, 599), (0, 600), (300, 300)] {
            let edge = GrowingTree(leaves: plain.leaves.prefix(size)).edge
            #expect(
                ReadBack.root(size: UInt64(size), edge: edge, adding: Array(plain.leaves[size..<(size + added)]))
                    == plain.root(size: size + added))
        }
    }

    @Test func readBackSeesEveryDifference() {
        let edge = GrowingTree(leaves: plain.leaves.prefix(77)).edge
        let leaves = Array(plain.leaves[77..<90])
        let root = plain.root(size: 90)
        for index in leaves.indices {
            var changed = leaves
            changed[index] = .zero
            #expect(ReadBack.root(size: 77, edge: edge, adding: changed) != root)
        }
        for index in edge.indices {
            var changed = edge
            changed[index] = .zero
            #expect(ReadBack.root(size: 77, edge: changed, adding: leaves) != root)
        }
    }

    @Test func subtreesSayWhereTheyAre() {
        let subtree = Subtree(level: 3, index: 5)
        #expect(subtree.start == 40)
        #expect(subtree.count == 8)
        #expect(MerkleTree.edge(of: 0).isEmpty)
        #expect(MerkleTree.edge(of: 1) == [Subtree(level: 0, index: 0)])
        #expect(MerkleTree.edge(of: 6) == [Subtree(level: 2, index: 0), Subtree(level: 1, index: 2)])
        #expect(MerkleTree.edge(of: 1 << 52) == [Subtree(level: 52, index: 0)])
    }
}
