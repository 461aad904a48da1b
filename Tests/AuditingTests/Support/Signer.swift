import Sealing
import Secrets
import Statements

/// Who signs in a test. Every key follows from a word, so that a failure repeats itself.
enum Signer: Hashable, Sendable {
    case device(String)
    case invitation(String)
    case recovery(String)

    var key: SigningKey { Self.key("\(self)") }

    var noteName: String {
        switch self {
        case .device(let name): DeviceID.named(name).description
        case .invitation(let name): InvitationID.named(name).description
        case .recovery: "recovery"
        }
    }

    func signature(of text: [UInt8]) -> NoteSignature { SignedNote.signature(of: text, by: key, as: noteName) }

    static func key(_ word: String) -> SigningKey {
        SigningKey(seed: SecretBytes(copying: Digest.sha256(Array(word.utf8)).bytes))
    }
}

extension SignedNote {
    /// A note with these signatures, in this order.
    init(_ text: [UInt8], by signers: [Signer]) {
        self.init(text: text, signatures: signers.map { $0.signature(of: text) })
    }
}

extension Identifier where Kind == DeviceKind {
    static func named(_ name: String) -> DeviceID { DeviceID(key: Signer.device(name).key.verifyingKey) }
}

extension Identifier where Kind == InvitationKind {
    static func named(_ name: String) -> InvitationID { InvitationID(key: Signer.invitation(name).key.verifyingKey) }
}

extension Identifier where Kind == MemberKind {
    static func named(_ name: String) -> MemberID {
        MemberID(bytes: Digest.sha256(Array("member \(name)".utf8)).bytes.prefix(MemberKind.byteCount))
    }
}

extension Identifier where Kind == MessageKind {
    static func named(_ name: String) -> MessageID {
        MessageID(bytes: Digest.sha256(Array("message \(name)".utf8)).bytes.prefix(MessageKind.byteCount))
    }
}

extension Digest {
    static func of(_ word: String) -> Digest { sha256(Array(word.utf8)) }
}

extension EncapsulationPrivateKey {
    static func named(_ name: String) -> EncapsulationPrivateKey {
        let seed = Digest.of("encapsulation \(name)").bytes
        return EncapsulationPrivateKey(
            x25519: X25519PrivateKey(SecretBytes(copying: seed)), mlkemSeed: SecretBytes(copying: seed + seed))
    }
}

extension TextValue {
    static func words(_ text: String) -> TextValue { TextValue(typed: text)! }
}
