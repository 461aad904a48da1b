public import Secrets

/// Hashes of complete subtrees from hash tiles that are fetched once it is known what they are for: proofs made by whoever
/// does not hold the log.
///
/// The tiles are not believed: whoever uses what is made of them checks it against a signed root.
public struct FetchedHashes: HashSource, Sendable {
    /// Leaves of the tree whose tiles they are.
    public let size: UInt64
    private var tiles: [TilePath: [Digest]] = [:]

    public init(treeOf size: UInt64) { self.size = size }

    /// The tiles that `question` needs and that are not here yet, each once, in the order in which it asks.
    /// - Parameter question: What is made of the hashes. Which it asks for must not depend on their values.
    /// - Throws: ``LogError/Code/missingHash`` when it asks for what lies beyond the tree.
    public func missing<Answer>(
        for question: (any HashSource) throws(LogError) -> Answer
    ) throws(LogError) -> [TilePath] {
        let recorder = TileRecorder(size: size)
        _ = try question(recorder)
        return recorder.paths.filter { tiles[$0] == nil }
    }

    /// Takes the hashes of a tile.
    /// - Precondition: There are as many as the tile is wide.
    public mutating func add(_ tile: [Digest], at path: TilePath) {
        precondition(tile.count == path.width)
        tiles[path] = tile
    }

    public func hash(of subtree: Subtree) throws(LogError) -> Digest {
        guard let path = TilePath(holding: subtree, inTreeOf: size), let tile = tiles[path] else {
            throw LogError(.missingHash, part: "subtree")
        }
        let depth = subtree.level % 8
        return HashTile.hash(
            in: tile, level: depth, index: Int(subtree.index % UInt64(TilePath.fullWidth >> depth)))
    }
}

extension TilePath {
    /// The tile from whose hashes that of `subtree` follows, as wide as a tree of `size` leaves has it.
    /// - Returns: `nil` when the subtree does not lie within the tree.
    public init?(holding subtree: Subtree, inTreeOf size: UInt64) {
        guard (0..<64).contains(subtree.level), subtree.index < size >> UInt64(subtree.level) else { return nil }
        let level = subtree.level / 8
        let index = subtree.index / UInt64(Self.fullWidth >> (subtree.level % 8))
        let count = size >> UInt64(8 * level)
        let width = UInt64(Self.fullWidth)
        self.init(kind: .hashes(level: level), index: index, width: Int(min(width, count - index * width)))
    }
}

/// Notes in which tiles lies what a question asks for.
private final class TileRecorder: HashSource {
    private let size: UInt64
    private(set) var paths: [TilePath] = []

    init(size: UInt64) { self.size = size }

    func hash(of subtree: Subtree) throws(LogError) -> Digest {
        guard let path = TilePath(holding: subtree, inTreeOf: size) else {
            throw LogError(.missingHash, part: "subtree")
        }
        // A proof asks for some dozens at the most.
        if !paths.contains(path) { paths.append(path) }
        return .zero
    }
}
