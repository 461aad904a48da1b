import Secrets
import SignerSupport
import Testing
import TransparencyLog

@testable import Auditing

@Suite struct PrefixRootsTests {
    @Test func everyPrefixHasTheRootOfThePlainDefinition() {
        var roots = PrefixRoots()
        var leaves: [Digest] = []
        #expect(roots.root == MerkleTree.emptyRoot)
        for number in 0..<70 {
            let leaf = Digest.of("leaf \(number)")
            leaves.append(leaf)
            roots.append(leaf)
            #expect(roots.root == MerkleTree.root(of: leaves[...]))
        }
        #expect(roots.size == 70)
        for size in 0...70 {
            #expect(roots.root(size: UInt64(size)) == MerkleTree.root(of: leaves[..<size]))
        }
        #expect(roots.root(size: 71) == nil)
    }

    @Test func tilesAreThoseOfTheLayout() {
        var builder = TileBuilder()
        var leaves: [Digest] = []
        var tiles: [String: [UInt8]] = [:]
        for number in 0..<600 {
            leaves.append(.of("leaf \(number)"))
            for tile in builder.append(leaves[number]) { tiles[tile.path.description] = tile.bytes }
        }
        for tile in builder.partial { tiles[tile.path.description] = tile.bytes }
        let expected = TilePath.all(size: 600).filter { $0.kind != .entries }.map(\.description)
        #expect(Set(tiles.keys) == Set(expected))
        #expect(tiles["tile/0/001"] == HashTile.encode(Array(leaves[256..<512])))
        #expect(tiles["tile/0/002.p/88"] == HashTile.encode(Array(leaves[512...])))
        let nodes = [leaves[0..<256], leaves[256..<512]].map { MerkleTree.root(of: $0) }
        #expect(tiles["tile/1/000.p/2"] == HashTile.encode(nodes))
    }
}
