import Secrets
import Testing
import TransparencyLog

@Suite struct FetchedHashesTests {
    /// The hashes of a tile, by the plain definition.
    private static func tile(_ path: TilePath, of plain: PlainTree) -> [Digest] {
        guard case .hashes(let level) = path.kind else { return [] }
        let leaves = 1 << (8 * level)
        return (0..<path.width).map { offset in
            let start = (Int(path.index) * TilePath.fullWidth + offset) * leaves
            return plain.root(start..<start + leaves)
        }
    }

    /// What a question gives that may have only the tiles which it was seen to need.
    private static func answer<Answer>(
        _ plain: PlainTree, inTreeOf size: Int, _ question: (any HashSource) throws(LogError) -> Answer
    ) throws -> Answer {
        var hashes = FetchedHashes(treeOf: UInt64(size))
        let all = Set(TilePath.all(size: UInt64(size)))
        let needed = try hashes.missing(for: question)
        #expect(Set(needed).count == needed.count, "a tile is asked for twice")
        for path in needed {
            #expect(all.contains(path), "\(path) of \(size)")
            hashes.add(tile(path, of: plain), at: path)
        }
        let left = try hashes.missing(for: question)
        #expect(left.isEmpty)
        return try question(hashes)
    }

    @Test func everySmallTreeGivesTheProofsOfTheDefinition() throws {
        let plain = PlainTree(count: 40)
        for size in 1...40 {
            for index in 0..<size {
                let path = try Self.answer(plain, inTreeOf: size) { hashes throws(LogError) in
                    try hashes.inclusionProof(index: UInt64(index), size: UInt64(size))
                }
                #expect(path == plain.path(index, in: 0..<size), "\(index) of \(size)")
            }
            for first in 1...size {
                let (proof, root) = try Self.answer(plain, inTreeOf: size) { hashes throws(LogError) in
                    (
                        try hashes.consistencyProof(from: UInt64(first), to: UInt64(size)),
                        try hashes.root(size: UInt64(first))
                    )
                }
                #expect(proof == plain.proof(first, size), "\(first) to \(size)")
                #expect(root == plain.root(size: first), "\(first) of \(size)")
            }
        }
    }

    /// Around the ends of tiles, up to a third level of them.
    @Test func treesOfManyTilesGiveTheProofsOfTheDefinition() throws {
        let plain = PlainTree(count: 65_793)
        let ends = [1, 2, 255, 256, 257, 511, 512, 513, 700, 65_535, 65_536, 65_537, 65_792, 65_793]
        for size in ends {
            for place in ends where place <= size {
                let (path, proof, root) = try Self.answer(plain, inTreeOf: size) { hashes throws(LogError) in
                    (
                        try hashes.inclusionProof(index: UInt64(place - 1), size: UInt64(size)),
                        try hashes.consistencyProof(from: UInt64(place), to: UInt64(size)),
                        try hashes.root(size: UInt64(place))
                    )
                }
                #expect(path == plain.path(place - 1, in: 0..<size), "\(place - 1) of \(size)")
                #expect(proof == plain.proof(place, size), "\(place) to \(size)")
                #expect(root == plain.root(size: place), "\(place) of \(size)")
            }
        }
    }

    static let places: [(Subtree, UInt64, String)] = [
        (Subtree(level: 0, index: 5), 300, "tile/0/000"),
        (Subtree(level: 0, index: 256), 300, "tile/0/001.p/44"),
        (Subtree(level: 3, index: 32), 300, "tile/0/001.p/44"),
        (Subtree(level: 7, index: 1), 256, "tile/0/000"),
        (Subtree(level: 7, index: 2), 384, "tile/0/001.p/128"),
        (Subtree(level: 8, index: 0), 256, "tile/1/000.p/1"),
        (Subtree(level: 8, index: 272), 70_000, "tile/1/001.p/17"),
        (Subtree(level: 9, index: 1), 1_024, "tile/1/000.p/4"),
        (Subtree(level: 15, index: 1), 70_000, "tile/1/000"),
        (Subtree(level: 16, index: 0), 70_000, "tile/2/000.p/1"),
        (Subtree(level: 63, index: 0), .max, "tile/7/000.p/255"),
    ]

    @Test(arguments: places)
    func aSubtreeLiesInTheTileOfItsLevel(_ subtree: Subtree, _ size: UInt64, _ path: String) {
        #expect(TilePath(holding: subtree, inTreeOf: size)?.description == path)
    }

    @Test func whatLiesBeyondTheTreeIsInNoTile() throws {
        for subtree in [
            Subtree(level: 0, index: 300), Subtree(level: 3, index: 37), Subtree(level: 8, index: 1),
            Subtree(level: 9, index: 0), Subtree(level: 64, index: 0), Subtree(level: -1, index: 0),
            Subtree(level: 0, index: .max),
        ] {
            #expect(TilePath(holding: subtree, inTreeOf: 300) == nil, "\(subtree)")
            let hashes = FetchedHashes(treeOf: 300)
            #expect(throws: LogError(.missingHash, part: "")) { try hashes.hash(of: subtree) }
            #expect(throws: LogError(.missingHash, part: "")) {
                try hashes.missing { source throws(LogError) in try source.hash(of: subtree) }
            }
        }
    }

    @Test func whatWasNotFetchedIsMissing() throws {
        let plain = PlainTree(count: 600)
        var hashes = FetchedHashes(treeOf: 600)
        let first = TilePath(kind: .hashes(level: 0), index: 0, width: 256)
        hashes.add(Self.tile(first, of: plain), at: first)
        #expect(try hashes.hash(of: Subtree(level: 2, index: 63)) == plain.root(252..<256))
        #expect(throws: LogError(.missingHash, part: "")) { try hashes.root(size: 600) }
        let missing = try hashes.missing { source throws(LogError) in try source.root(size: 600) }
        #expect(missing.map(\.description) == ["tile/1/000.p/2", "tile/0/002.p/88"])
    }
}
