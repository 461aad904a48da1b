public import Secrets
public import Statements

/// Who signs in a test. Every key follows from a word, so that a failure repeats itself.
public enum Signer: Hashable, Sendable {
    case device(String)
    case invitation(String)
    case recovery(String)

    public var key: SigningKey { Self.key("\(self)") }

    public var noteName: String {
        switch self {
        case .device(let name): DeviceID.named(name).description
        case .invitation(let name): InvitationID.named(name).description
        case .recovery: "recovery"
        }
    }

    public func signature(of text: [UInt8]) -> NoteSignature { SignedNote.signature(of: text, by: key, as: noteName) }

    public static func key(_ word: String) -> SigningKey {
        SigningKey(seed: SecretBytes(copying: Digest.sha256(Array(word.utf8)).bytes))
    }
}

extension SignedNote {
    /// A note with these signatures, in this order.
    public init(_ text: [UInt8], by signers: [Signer]) {
        self.init(text: text, signatures: signers.map { $0.signature(of: text) })
    }
}

extension Identifier where Kind == DeviceKind {
    public static func named(_ name: String) -> DeviceID { DeviceID(key: Signer.device(name).key.verifyingKey) }
}

extension Identifier where Kind == InvitationKind {
    public static func named(_ name: String) -> InvitationID {
        InvitationID(key: Signer.invitation(name).key.verifyingKey)
    }
}

extension Identifier where Kind == MemberKind {
    public static func named(_ name: String) -> MemberID {
        MemberID(bytes: Digest.sha256(Array("member \(name)".utf8)).bytes.prefix(MemberKind.byteCount))
    }
}

extension Identifier where Kind == MessageKind {
    public static func named(_ name: String) -> MessageID {
        MessageID(bytes: Digest.sha256(Array("message \(name)".utf8)).bytes.prefix(MessageKind.byteCount))
    }
}

extension Digest {
    public static func of(_ word: String) -> Digest { sha256(Array(word.utf8)) }
}
