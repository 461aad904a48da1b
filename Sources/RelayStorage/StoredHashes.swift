public import Statements
public import TransparencyLog

/// Hashes of complete subtrees from stored tiles: what a ``GrowingTree`` has forgotten, and what a monitor asks for.
public struct StoredHashes: HashSource {
    private let tiles: any HashTiles
    private let log: LogKind
    private let organisation: OrganisationID
    private let tree: GrowingTree?

    /// - Parameter tree: Asked first.
    public init(tiles: any HashTiles, log: LogKind, organisation: OrganisationID, tree: GrowingTree? = nil) {
        self.tiles = tiles
        self.log = log
        self.organisation = organisation
        self.tree = tree
    }

    public func hash(of subtree: Subtree) throws(LogError) -> LeafHash {
        if let kept = tree?.keptHash(of: subtree) { return kept }
        let tileLevel = subtree.level / 8
        let levelInTile = subtree.level % 8
        // How many hashes of the tile this subtree covers, and where they begin.
        let count = 1 << levelInTile
        let start = subtree.index << UInt64(levelInTile)
        let hashes = try hashes(level: tileLevel, from: start, count: count)
        guard hashes.count == count else { throw LogError(.missingHash, part: "tile") }
        return MerkleTree.root(of: hashes[...])
    }

    /// Hashes of tile level `level` from `start`; they lie in one tile.
    public func hashes(level: Int, from start: UInt64, count: Int) throws(LogError) -> [LeafHash] {
        do {
            if let tile = try tiles.fullTile(level: level, index: start / 256, of: log, of: organisation) {
                let all = try HashTile.decode(tile, width: TilePath.fullWidth)
                let first = Int(start % 256)
                guard first + count <= all.count else { throw LogError(.missingHash, part: "tile") }
                return Array(all[first..<(first + count)])
            }
            if level == 0 { return try tiles.leafHashes(from: start, count: count, of: log, of: organisation) }
        } catch let error as LogError {
            throw error
        } catch {
            throw LogError(.missingHash, part: "storage")
        }
        // A partial tile of a higher level: each of its hashes is the root of a full tile below.
        var result: [LeafHash] = []
        for index in start..<(start + UInt64(count)) {
            result.append(MerkleTree.root(of: try hashes(level: level - 1, from: index * 256, count: 256)[...]))
        }
        return result
    }
}
