public import Secrets
import Statements

/// What a log asks a witness with (c2sp.org/tlog-witness, `add-checkpoint`): the size that the witness cosigned last, a
/// consistency proof from there, and the checkpoint.
public struct AddCheckpoint: Hashable, Sendable {
    /// 63.
    public static let maximumProofLength = 63
    /// 32 KiB: a proof, and a checkpoint with more signatures than a log has.
    public static let maximumByteCount = 32_768
    /// What a conflict's body is: one size and a line feed.
    public static let sizeType = "text/x.tlog.size"
    /// Where it is sent, below a witness's submission prefix.
    public static let path = "/add-checkpoint"

    public let old: UInt64
    public let proof: [Digest]
    /// The checkpoint note, not verified.
    public let checkpoint: [UInt8]

    /// - Precondition: `proof` has at most 63 hashes.
    public init(old: UInt64, proof: [Digest], checkpoint: [UInt8]) {
        precondition(proof.count <= Self.maximumProofLength)
        self.old = old
        self.proof = proof
        self.checkpoint = checkpoint
    }

    /// Parses exactly what ``bytes`` writes.
    /// - Throws: ``LogError/Code/malformed``.
    public init(parsing bytes: [UInt8]) throws(LogError) {
        let error = LogError(.malformed, part: "add-checkpoint")
        guard bytes.count <= Self.maximumByteCount else { throw error }
        var rest = bytes[...]
        func line() -> ArraySlice<UInt8>? {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return rest[rest.startIndex..<end]
        }
        guard let first = line(), first.starts(with: "old ".utf8),
            let old = try? TextReader.integer(first.dropFirst(4), or: StatementError(.malformed, part: "old"))
        else { throw error }
        var proof: [Digest] = []
        while let hash = line() {
            if hash.isEmpty {
                guard !rest.isEmpty else { throw error }
                self.init(old: old, proof: proof, checkpoint: Array(rest))
                return
            }
            guard proof.count < Self.maximumProofLength, let bytes = Base64.decode(hash), let digest = Digest(bytes)
            else { throw error }
            proof.append(digest)
        }
        throw error
    }

    public var bytes: [UInt8] {
        var text = "old \(old)\n"
        for hash in proof { text += Base64.encode(hash.bytes) + "\n" }
        return Array((text + "\n").utf8) + checkpoint
    }

    /// The size in a conflict's body; `nil` unless it is exactly one number and a line feed.
    public static func size(parsing body: [UInt8]) -> UInt64? {
        guard body.last == UInt8(ascii: "\n") else { return nil }
        return try? TextReader.integer(body.dropLast(), or: StatementError(.malformed, part: "size"))
    }

    /// A conflict's body.
    public static func body(size: UInt64) -> [UInt8] { Array("\(size)\n".utf8) }

    /// Where a witness serves an origin's latest cosigned checkpoint, below its monitoring prefix.
    public static func monitoringPath(origin: String) -> String {
        "/\(Digest.sha256(Array(origin.utf8)).hex)/checkpoint"
    }
}
