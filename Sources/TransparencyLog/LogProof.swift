public import Secrets
public import Statements

/// A C2SP tlog-proof: index, inclusion path and the checkpoint that they lead to, without `extra`.
public struct LogProof: Sendable {
    private static let firstLine = "c2sp.org/tlog-proof@v1"

    public let index: UInt64
    public let path: [Digest]
    /// The checkpoint note, not verified.
    public let checkpoint: [UInt8]

    public init(index: UInt64, path: [Digest], checkpoint: [UInt8]) {
        self.index = index
        self.path = path
        self.checkpoint = checkpoint
    }

    /// Parses exactly what ``bytes`` writes.
    /// - Throws: ``LogError/Code/malformed``.
    public init(parsing bytes: [UInt8]) throws(LogError) {
        let error = LogError(.malformed, part: "tlog-proof")
        guard bytes.count <= SignedNote.maximumByteCount else { throw error }
        var rest = bytes[...]
        func line() -> ArraySlice<UInt8>? {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return rest[rest.startIndex..<end]
        }
        guard let first = line(), first.elementsEqual(Self.firstLine.utf8), let second = line(),
            second.starts(with: "index ".utf8),
            let index = try? TextReader.integer(second.dropFirst(6), or: StatementError(.malformed, part: "index"))
        else { throw error }
        var path: [Digest] = []
        while let hash = line() {
            if hash.isEmpty {
                self.init(index: index, path: path, checkpoint: Array(rest))
                return
            }
            guard path.count < Proofs.maximumLength, let bytes = Base64.decode(hash), let digest = Digest(bytes) else {
                throw error
            }
            path.append(digest)
        }
        throw error
    }

    public var bytes: [UInt8] {
        var text = "\(Self.firstLine)\nindex \(index)\n"
        for hash in path { text += Base64.encode(hash.bytes) + "\n" }
        return Array((text + "\n").utf8) + checkpoint
    }

    /// Verifies the checkpoint and the entry's place under it.
    /// - Throws: what ``LogKey/verify(checkpoint:)`` throws, or ``LogError/Code/proofFailed``.
    public func verify(entry: Entry, key: LogKey) throws(LogError) -> SignedCheckpoint {
        let signed = try key.verify(checkpoint: checkpoint)
        guard
            Proofs.isIncluded(
                leaf: entry.leafHash, index: index, size: signed.size, root: signed.root, proof: path)
        else { throw LogError(.proofFailed, part: "inclusion") }
        return signed
    }
}
