import FuzzSupport
import Secrets
import Testing
import TransparencyLog

/// Every tree of up to 300 leaves, against the plain recursive definition.
@Suite struct ProofPropertyTests {
    private static let size = 300
    private let plain = PlainTree(count: size)

    private func root(_ size: Int) -> Digest { plain.root(size: size) }

    @Test func inclusionProofsAreThoseOfTheDefinitionAndVerify() throws {
        let tree = GrowingTree(leaves: plain.leaves)
        for size in 1...Self.size {
            let root = root(size)
            for index in 0..<size {
                let proof = try tree.inclusionProof(index: UInt64(index), size: UInt64(size))
                guard proof == plain.path(index, in: 0..<size),
                    Proofs.isIncluded(
                        leaf: plain.leaves[index], index: UInt64(index), size: UInt64(size), root: root, proof: proof)
                else {
                    Issue.record("index \(index) of \(size)")
                    return
                }
            }
        }
    }

    @Test func consistencyProofsAreThoseOfTheDefinitionAndVerify() throws {
        let tree = GrowingTree(leaves: plain.leaves)
        for second in 0...Self.size {
            let secondRoot = root(second)
            for first in 0...second {
                let proof = try tree.consistencyProof(from: UInt64(first), to: UInt64(second))
                guard proof == (first == 0 ? [] : plain.proof(first, second)),
                    Proofs.isConsistent(
                        first: UInt64(first), firstRoot: root(first), second: UInt64(second), secondRoot: secondRoot,
                        proof: proof)
                else {
                    Issue.record("\(first) to \(second)")
                    return
                }
            }
        }
    }

    /// Everything in a proof of inclusion matters: each hash, the index, the size, the leaf, the root.
    @Test func everyAlteredInclusionProofFails() {
        for size in [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100] {
            for index in 0..<size where size < 34 || index % 7 == 0 || index == size - 1 {
                let proof = plain.path(index, in: 0..<size)
                func isIncluded(
                    _ proof: [Digest], leaf: Int? = nil, index at: UInt64? = nil, size of: UInt64? = nil,
                    root other: Digest? = nil
                ) -> Bool {
                    Proofs.isIncluded(
                        leaf: plain.leaves[leaf ?? index], index: at ?? UInt64(index), size: of ?? UInt64(size),
                        root: other ?? root(size), proof: proof)
                }
                #expect(isIncluded(proof))
                for altered in Self.alterations(of: proof) { #expect(!isIncluded(altered), "\(index) of \(size)") }
                for other in 0...UInt64(size + 2) where other != UInt64(index) {
                    // The index of another leaf can only fit a proof of the same shape, and then hashes otherwise.
                    #expect(!isIncluded(proof, index: other), "\(index) of \(size) as \(other)")
                }
                #expect(!isIncluded(proof, leaf: (index + 1) % (size + 1)))
                #expect(!isIncluded(proof, root: root(size + 1)))
                #expect(!isIncluded(proof, size: 0))
                #expect(!isIncluded(proof, size: UInt64(index)))
                #expect(!isIncluded(proof, index: .max, size: .max))
            }
        }
    }

    /// A proof is checked against the root that it leads to. Another size with the same root does not exist for an
    /// honest log, and a size in which the path would have another shape is refused.
    @Test func aSizeOfAnotherShapeFails() {
        for size in 1...64 {
            for index in 0..<size {
                let proof = plain.path(index, in: 0..<size)
                for other in 1...130 where other != size {
                    let accepted = Proofs.isIncluded(
                        leaf: plain.leaves[index], index: UInt64(index), size: UInt64(other), root: root(size),
                        proof: proof)
                    guard accepted else { continue }
                    // Accepted only where the audit path of that size takes the same turns.
                    #expect(index < other && plain.path(index, in: 0..<other).count == proof.count)
                }
            }
        }
    }

    @Test func everyAlteredConsistencyProofFails() {
        for second in [2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 24, 33, 64, 65, 96] {
            for first in 1..<second {
                let proof = plain.proof(first, second)
                func isConsistent(
                    _ proof: [Digest], first one: UInt64? = nil, firstRoot: Digest? = nil, second two: UInt64? = nil,
                    secondRoot: Digest? = nil
                ) -> Bool {
                    Proofs.isConsistent(
                        first: one ?? UInt64(first), firstRoot: firstRoot ?? root(first), second: two ?? UInt64(second),
                        secondRoot: secondRoot ?? root(second), proof: proof)
                }
                #expect(isConsistent(proof))
                for altered in Self.alterations(of: proof) { #expect(!isConsistent(altered), "\(first) to \(second)") }
                #expect(!isConsistent(proof, firstRoot: root(first - 1)))
                #expect(!isConsistent(proof, firstRoot: root(first + 1)))
                #expect(!isConsistent(proof, secondRoot: root(second + 1)))
                #expect(!isConsistent(proof, secondRoot: root(second - 1)))
                #expect(!isConsistent(proof, first: UInt64(second), second: UInt64(first)))
                #expect(!isConsistent(proof, first: UInt64(second) + 1))
                #expect(!isConsistent(proof, first: 0))
            }
        }
    }

    @Test func equalAndEmptyTreesNeedNoProof() {
        let hash = [root(1)]
        #expect(Proofs.isConsistent(first: 5, firstRoot: root(5), second: 5, secondRoot: root(5), proof: []))
        #expect(!Proofs.isConsistent(first: 5, firstRoot: root(5), second: 5, secondRoot: root(5), proof: hash))
        #expect(!Proofs.isConsistent(first: 5, firstRoot: root(5), second: 5, secondRoot: root(6), proof: []))
        #expect(Proofs.isConsistent(first: 0, firstRoot: root(0), second: 5, secondRoot: root(5), proof: []))
        #expect(!Proofs.isConsistent(first: 0, firstRoot: root(0), second: 5, secondRoot: root(5), proof: hash))
        // 32 zero bytes are no empty tree (x/mod before 0.19.0).
        #expect(!Proofs.isConsistent(first: 0, firstRoot: .zero, second: 5, secondRoot: root(5), proof: []))
        #expect(!Proofs.isConsistent(first: 3, firstRoot: root(3), second: 5, secondRoot: root(5), proof: []))
    }

    @Test func endlessProofsAreRefusedAtOnce() {
        let long = [Digest](repeating: root(1), count: 1_000)
        #expect(!Proofs.isIncluded(leaf: root(1), index: 0, size: .max, root: root(1), proof: long))
        #expect(!Proofs.isConsistent(first: 1, firstRoot: root(1), second: .max, secondRoot: root(2), proof: long))
        #expect(
            !Proofs.isConsistent(
                first: .max - 1, firstRoot: root(1), second: .max, secondRoot: root(2), proof: [root(1)]))
    }

    /// Each hash changed, left out, doubled, swapped with its neighbour; one more at either end.
    private static func alterations(of proof: [Digest]) -> [[Digest]] {
        var results = [proof + [.zero], [.zero] + proof]
        for index in proof.indices {
            var altered = proof
            var bytes = proof[index].bytes
            bytes[index % 32] ^= 1
            altered[index] = Digest(bytes)!
            results.append(altered)
            altered = proof
            altered.remove(at: index)
            results.append(altered)
            altered = proof
            altered.insert(proof[index], at: index)
            results.append(altered)
            if index > 0, proof[index] != proof[index - 1] {
                altered = proof
                altered.swapAt(index, index - 1)
                results.append(altered)
            }
        }
        return results
    }
}
