import FuzzSupport
import Secrets
import Statements
import TransparencyLog

/// One statement or event of the file.
struct StatementVector {
    let name: String
    let type: StaticString
    let fields: JSONValue
    let text: [UInt8]
    let signers: [Signer]

    init(_ name: String, _ statement: some StatementText & VectorFields, signers: [Signer]) {
        self.name = name
        type = Swift.type(of: statement).type
        fields = statement.fields
        text = statement.text
        self.signers = signers
    }

    /// A whole note, or an event's text.
    var body: [UInt8] {
        signers.isEmpty ? text : SignedNote(text: text, signatures: signers.map { $0.signature(of: text) }).bytes
    }

    var json: JSONValue {
        [
            "name": .string(name), "type": .string(type.description), "fields": fields,
            "text": .string(String(decoding: text, as: UTF8.self)), "hash": .string(Digest.sha256(text).hex),
            "signers": .array(signers.map { .string($0.key) }),
            "signatures": .array(
                signers.map { signer in
                    let note = SignedNote(text: [], signatures: [signer.signature(of: text)])
                    return .string(String(decoding: note.bytes.dropFirst().dropLast(), as: UTF8.self))
                }),
        ]
    }
}

/// One of the organisation's logs, as it grows.
final class StoryLog {
    let kind: LogKind
    let origin: String
    private let signer: LogSigner
    private(set) var tree = GrowingTree()
    private(set) var entries: [(vector: StatementVector, entry: Entry)] = []
    private(set) var checkpoints: [SignedCheckpoint] = []

    init(_ kind: LogKind) {
        self.kind = kind
        origin = Story.genesis.origin(of: kind)
        signer = LogSigner(origin: origin, key: Fixed.signingKey("\(kind.rawValue) log"))
    }

    /// One batch: entries of one time, then a checkpoint.
    func append(_ vectors: [StatementVector], at time: Timestamp) {
        for vector in vectors {
            let entry = Entry(time: time, body: vector.body)
            entries.append((vector, entry))
            tree.append(entry.leafHash)
        }
        checkpoints.append(signer.sign(size: tree.size, root: tree.root))
    }

    var newest: SignedCheckpoint { checkpoints.last! }
    var key: LogKey { signer.logKey }

    func sign(_ head: Head) -> SignedNote { signer.sign(head) }

    func proof(of index: UInt64) -> LogProof {
        LogProof(
            index: index, path: try! tree.inclusionProof(index: index, size: tree.size), checkpoint: newest.note.bytes)
    }
}
