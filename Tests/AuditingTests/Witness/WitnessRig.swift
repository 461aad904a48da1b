import Auditing
import Secrets
import SignerSupport
import Statements
import Synchronization
import TransparencyLog

/// A log that can tell two histories, signed by one key, and what asks a witness about it.
struct ForkingLog: Sendable {
    private let seed: String
    /// Two lists of leaves that part at ``fork``.
    private let histories: [[Digest]]
    let fork: Int

    init(_ origin: String = "log.example/one", count: Int, fork: Int) {
        seed = origin
        self.fork = fork
        histories = ["left", "right"].map { side in
            (0..<count).map { MerkleTree.leafHash(Array("\($0 < fork ? "both" : side) \($0)".utf8)) }
        }
    }

    static func key(_ word: String) -> SigningKey {
        SigningKey(seed: SecretBytes(copying: Digest.of("key of \(word)").bytes))
    }

    var signer: LogSigner { LogSigner(origin: seed, key: Self.key(seed)) }

    var key: NoteKey { signer.logKey.key }

    func root(_ size: Int, _ history: Int) -> Digest { MerkleTree.root(of: histories[history][..<size]) }

    func checkpoint(_ size: Int, _ history: Int = 0) -> SignedCheckpoint {
        signer.sign(size: UInt64(size), root: root(size, history))
    }

    func proof(_ old: Int, _ new: Int, _ history: Int = 0) -> [Digest] {
        guard old > 0, old < new else { return [] }
        var tree = GrowingTree()
        for leaf in histories[history][..<new] { tree.append(leaf) }
        return try! tree.consistencyProof(from: UInt64(old), to: UInt64(new))
    }

    /// What an honest client of one history would send.
    func request(_ old: Int, _ new: Int, _ history: Int = 0) -> [UInt8] {
        AddCheckpoint(
            old: UInt64(old), proof: proof(old, new, history), checkpoint: checkpoint(new, history).note.bytes
        ).bytes
    }
}

/// A memory that a test looks into, and that can fail, or lose its process after it was written.
final class TestMemory: WitnessKeeper.Memory {
    struct Full: Error {}

    private struct Content {
        var bytes: [UInt8]
        var evidence: [[[UInt8]]] = []
        var fails = false
    }

    private let content: Mutex<Content>

    init(_ state: WitnessState) { content = Mutex(Content(bytes: state.bytes)) }

    var bytes: [UInt8] { content.withLock { $0.bytes } }
    var evidence: [[[UInt8]]] { content.withLock { $0.evidence } }

    func fail(_ fails: Bool) { content.withLock { $0.fails = fails } }

    func replace(_ state: WitnessState) throws {
        try content.withLock { content in
            guard !content.fails else { throw Full() }
            content.bytes = state.bytes
        }
    }

    func keep(evidence: [[UInt8]]) -> Bool {
        content.withLock { $0.evidence.append(evidence) }
        return true
    }
}

extension WitnessKeeper {
    static let testName = "witness.example/w1"

    /// A witness that remembers what the memory holds: as after a start.
    static func started(_ memory: TestMemory) throws -> WitnessKeeper {
        let signer = CosignatureSigner(name: testName, key: ForkingLog.key(testName))
        return WitnessKeeper(try Witness(signer: signer, state: WitnessState(parsing: memory.bytes)), memory: memory)
    }

    /// A new witness that knows these logs.
    static func new(_ keys: [NoteKey]) throws -> (keeper: WitnessKeeper, memory: TestMemory) {
        var state = WitnessState(witness: WitnessKey(name: testName, key: ForkingLog.key(testName).verifyingKey))
        for key in keys { _ = try state.add(key) }
        let memory = TestMemory(state)
        return (try started(memory), memory)
    }
}
