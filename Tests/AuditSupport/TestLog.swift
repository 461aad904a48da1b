import Auditing
package import Secrets
import SignerSupport
package import Statements
package import TransparencyLog

/// One log of a relay that signs whatever the test makes it hold.
package final class TestLog {
    package let kind: LogKind
    private let origin: String
    private let signer: LogSigner
    package private(set) var entries: [[UInt8]] = []
    package private(set) var tree = GrowingTree()
    /// The newest checkpoint: many statements name it.
    private var signed: SignedCheckpoint?

    package init(_ kind: LogKind, origin: String) {
        self.kind = kind
        self.origin = origin
        signer = LogSigner(origin: origin, key: Signer.key("\(kind.rawValue) log"))
    }

    package init(_ other: TestLog) {
        kind = other.kind
        origin = other.origin
        signer = LogSigner(origin: origin, key: Signer.key("\(kind.rawValue) log"))
        entries = other.entries
        tree = other.tree
        signed = other.signed
    }

    @discardableResult
    package func append(_ entry: Entry) -> UInt64 { append(entry.bytes) }

    /// Whatever it is.
    @discardableResult
    package func append(_ bytes: [UInt8]) -> UInt64 {
        entries.append(bytes)
        tree.append(MerkleTree.leafHash(bytes))
        return tree.size - 1
    }

    package var size: UInt64 { tree.size }
    package var root: Digest { tree.root }
    package var key: LogKey { signer.logKey }
    package var checkpoint: SignedCheckpoint {
        if let signed, signed.size == size { return signed }
        let checkpoint = signer.sign(size: size, root: root)
        signed = checkpoint
        return checkpoint
    }

    /// What a dishonest relay may sign as well.
    package func sign(size: UInt64, root: Digest) -> SignedCheckpoint { signer.sign(size: size, root: root) }
    package func sign(_ head: Head) -> [UInt8] { signer.sign(head).bytes }
}

/// Gives an audit what a test put there.
package struct MemorySource: LogSource {
    package var checkpoints: [LogKind: [UInt8]]
    package var entries: [LogKind: [[UInt8]]]
    package var cosigned: [LogKind: [[UInt8]]] = [:]

    package func checkpoint(of log: LogKind) async throws -> [UInt8]? { checkpoints[log] }

    package func cosigned(of log: LogKind) async throws -> [[UInt8]] { cosigned[log] ?? [] }

    package func bundle(_ path: TilePath, of log: LogKind) async throws -> [UInt8]? {
        let first = Int(path.index) * TilePath.fullWidth
        guard let entries = entries[log], first + path.width <= entries.count else { return nil }
        return EntryBundle.encode(entries[first..<(first + path.width)])
    }
}
