import Secrets
import TransparencyLog

/// The hash tiles of a log, made from its leaf hashes as they come: at most 255 hashes a level are held.
struct TileBuilder {
    private var levels: [[Digest]] = []
    private var counts: [UInt64] = []

    /// - Returns: The tiles that the leaf completes.
    mutating func append(_ leaf: Digest) -> [(path: TilePath, bytes: [UInt8])] {
        var full: [(path: TilePath, bytes: [UInt8])] = []
        var hash = leaf
        var level = 0
        while true {
            if level == levels.count {
                levels.append([])
                counts.append(0)
            }
            levels[level].append(hash)
            guard levels[level].count == TilePath.fullWidth else { return full }
            let tile = levels[level]
            let path = TilePath(kind: .hashes(level: level), index: counts[level], width: TilePath.fullWidth)
            full.append((path, HashTile.encode(tile)))
            levels[level].removeAll(keepingCapacity: true)
            counts[level] += 1
            hash = HashTile.hash(in: tile, level: 8, index: 0)
            level += 1
        }
    }

    /// The partial tiles at the log's right edge.
    var partial: [(path: TilePath, bytes: [UInt8])] {
        levels.indices.filter { !levels[$0].isEmpty }.map { level in
            (
                TilePath(kind: .hashes(level: level), index: counts[level], width: levels[level].count),
                HashTile.encode(levels[level])
            )
        }
    }
}
