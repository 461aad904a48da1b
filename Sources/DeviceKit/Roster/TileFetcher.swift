import RelayAPI
import Secrets
import Statements
import TransparencyLog

/// Notes which subtrees a proof asks for.
private final class SubtreeRecorder: HashSource {
    var subtrees: Set<Subtree> = []

    func hash(of subtree: Subtree) throws(LogError) -> Digest {
        subtrees.insert(subtree)
        return .zero
    }
}

/// Answers from tiles that were fetched.
private struct FetchedHashes: HashSource {
    let hashes: [Subtree: Digest]

    func hash(of subtree: Subtree) throws(LogError) -> Digest {
        guard let hash = hashes[subtree] else { throw LogError(.missingHash, part: "subtree") }
        return hash
    }
}

extension DeviceSession {
    /// A consistency proof that we make ourselves from the log's hash tiles: for pairs of trees that no answer covers.
    ///
    /// The tiles are not believed: whoever uses the proof checks it against two signed roots.
    func consistencyProof(_ log: LogKind, from first: UInt64, to second: UInt64) async throws -> [Digest] {
        let recorder = SubtreeRecorder()
        _ = try recorder.consistencyProof(from: first, to: second)
        return try await fetched(recorder, log, inTreeOf: second).consistencyProof(from: first, to: second)
    }

    /// The root of a prefix of a tree, made from its hash tiles, which are not believed either.
    func prefixRoot(_ log: LogKind, size: UInt64, in tree: UInt64) async throws -> Digest {
        let recorder = SubtreeRecorder()
        _ = try recorder.root(size: size)
        return try await fetched(recorder, log, inTreeOf: tree).root(size: size)
    }

    /// The hashes of the noted subtrees, from tiles of a tree.
    private func fetched(
        _ recorder: SubtreeRecorder, _ log: LogKind, inTreeOf second: UInt64
    ) async throws -> FetchedHashes {
        var hashes: [Subtree: Digest] = [:]
        for subtree in recorder.subtrees {
            let tileLevel = subtree.level / 8
            let width = UInt64(TilePath.fullWidth)
            let position = subtree.index << UInt64(subtree.level % 8)
            let index = position / width
            let inTree = second >> UInt64(8 * tileLevel)
            let path = TilePath(
                kind: .hashes(level: tileLevel), index: index, width: Int(min(width, inTree - index * width)))
            let tile = try await tile(log, path)
            hashes[subtree] = HashTile.hash(
                in: tile, level: subtree.level % 8,
                index: Int(subtree.index - (index * width) >> UInt64(subtree.level % 8)))
        }
        return FetchedHashes(hashes: hashes)
    }

    private func tile(_ log: LogKind, _ path: TilePath) async throws -> [Digest] {
        let key = "\(log.rawValue)/\(path)"
        if let tile = tiles[key] { return tile }
        let bytes = try await connection.answer(
            to: .get(APIPath.tile(identity.organisation, log, path)), signer: signer)
        let tile = try HashTile.decode(bytes, width: path.width)
        tiles[key] = tile
        return tile
    }

    /// Entries of the roster log from `first` on, below `size`, handed over bundle by bundle.
    ///
    /// How many there are is the relay's word: whoever takes them checks each against the rules before the next bundle is
    /// asked for, so that a log without end costs one bundle.
    static func rosterEntries(
        _ organisation: OrganisationID, from first: UInt64, to size: UInt64, connection: RelayConnection,
        signer: RequestSigner, take: (ArraySlice<[UInt8]>) throws -> Void
    ) async throws {
        let width = UInt64(TilePath.fullWidth)
        var index = first / width
        while index * width < size {
            let count = Int(min(width, size - index * width))
            let path = TilePath(kind: .entries, index: index, width: count)
            let bytes = try await connection.answer(
                to: .get(APIPath.tile(organisation, .roster, path)), signer: signer)
            let bundle = try EntryBundle.decode(bytes, count: count)
            try take(bundle.dropFirst(index == first / width ? Int(first % width) : 0))
            index += 1
        }
    }
}
