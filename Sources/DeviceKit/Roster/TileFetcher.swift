import RelayAPI
import Secrets
import Statements
import TransparencyLog

extension DeviceSession {
    /// A consistency proof that we make ourselves from the log's hash tiles: for pairs of trees that no answer covers.
    ///
    /// The tiles are not believed: whoever uses the proof checks it against two signed roots.
    func consistencyProof(_ log: LogKind, from first: UInt64, to second: UInt64) async throws -> [Digest] {
        try await fetching(log, inTreeOf: second) { hashes throws(LogError) in
            try hashes.consistencyProof(from: first, to: second)
        }
    }

    /// The root of a prefix of a tree, made from its hash tiles, which are not believed either.
    func prefixRoot(_ log: LogKind, size: UInt64, in tree: UInt64) async throws -> Digest {
        try await fetching(log, inTreeOf: tree) { hashes throws(LogError) in try hashes.root(size: size) }
    }

    /// What `question` gives with the hashes that it asks for, from tiles of a tree.
    private func fetching<Answer>(
        _ log: LogKind, inTreeOf size: UInt64, _ question: (any HashSource) throws(LogError) -> Answer
    ) async throws -> Answer {
        var hashes = FetchedHashes(treeOf: size)
        for path in try hashes.missing(for: question) { hashes.add(try await tile(log, path), at: path) }
        return try question(hashes)
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
