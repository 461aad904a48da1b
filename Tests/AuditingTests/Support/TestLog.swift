import Auditing
import Secrets
import SignerSupport
import Statements
import TransparencyLog

/// One log of a relay that signs whatever the test makes it hold.
final class TestLog {
    let kind: LogKind
    private let signer: LogSigner
    private(set) var entries: [[UInt8]] = []
    private(set) var tree = GrowingTree()

    init(_ kind: LogKind, origin: String) {
        self.kind = kind
        signer = LogSigner(origin: origin, key: Signer.key("\(kind.rawValue) log"))
    }

    @discardableResult
    func append(_ entry: Entry) -> UInt64 { append(entry.bytes) }

    /// Whatever it is.
    @discardableResult
    func append(_ bytes: [UInt8]) -> UInt64 {
        entries.append(bytes)
        tree.append(MerkleTree.leafHash(bytes))
        return tree.size - 1
    }

    var size: UInt64 { tree.size }
    var root: Digest { tree.root }
    var key: LogKey { signer.logKey }
    var checkpoint: SignedCheckpoint { signer.sign(size: size, root: root) }

    /// What a dishonest relay may sign as well.
    func sign(size: UInt64, root: Digest) -> SignedCheckpoint { signer.sign(size: size, root: root) }
    func sign(_ head: Head) -> [UInt8] { signer.sign(head).bytes }
}

/// Gives an audit what a test put there.
struct MemorySource: LogSource {
    var checkpoints: [LogKind: [UInt8]]
    var entries: [LogKind: [[UInt8]]]

    func checkpoint(of log: LogKind) async throws -> [UInt8]? { checkpoints[log] }

    func bundle(_ path: TilePath, of log: LogKind) async throws -> [UInt8]? {
        let first = Int(path.index) * TilePath.fullWidth
        guard let entries = entries[log], first + path.width <= entries.count else { return nil }
        return EntryBundle.encode(entries[first..<(first + path.width)])
    }
}
