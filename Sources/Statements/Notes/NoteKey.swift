public import Secrets

/// A named Ed25519 public key (signed-note type 0x01).
public struct NoteKey: NamedKey {
    /// 0x01.
    public static let type: UInt8 = 1

    public let name: String
    public let key: VerifyingKey
    public let id: UInt32

    public init(name: String, key: VerifyingKey) {
        self.name = name
        self.key = key
        id = Self.id(name, key)
    }

    /// The key of a device, under its id.
    public init(device key: VerifyingKey) { self.init(name: DeviceID(key: key).description, key: key) }

    /// The key of an invitation, under its id.
    public init(invitation key: VerifyingKey) { self.init(name: InvitationID(key: key).description, key: key) }

    /// The recovery key.
    public init(recovery key: VerifyingKey) { self.init(name: "recovery", key: key) }

    /// Whether `signature` is by this key over `text`.
    public func verifies(_ signature: NoteSignature, of text: [UInt8]) -> Bool {
        isKey(of: signature) && key.isValid(signature: signature.bytes, for: text)
    }
}

extension SignedNote {
    /// A new note with one signature.
    public init(text: [UInt8], signedBy key: borrowing SigningKey, as name: String) {
        self.init(text: text, signatures: [Self.signature(of: text, by: key, as: name)])
    }

    /// One signature line over `text`.
    public static func signature(of text: [UInt8], by key: borrowing SigningKey, as name: String) -> NoteSignature {
        let noteKey = NoteKey(name: name, key: key.verifyingKey)
        return NoteSignature(name: name, keyID: noteKey.id, bytes: key.signature(for: text))
    }

    /// Checks that the note carries exactly these keys' signatures, in this order, and that all verify.
    /// - Throws: ``StatementError/Code/badSignature``.
    public func verify(exactly keys: [NoteKey]) throws(StatementError) {
        guard signatures.count == keys.count else { throw StatementError(.badSignature, part: "signatures") }
        for (signature, key) in zip(signatures, keys) {
            guard key.verifies(signature, of: text) else { throw StatementError(.badSignature, part: "signatures") }
        }
    }
}
