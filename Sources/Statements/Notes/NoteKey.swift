public import Secrets

/// A named Ed25519 public key (signed-note type 0x01).
public struct NoteKey: Hashable, Sendable {
    /// 0x01.
    static let ed25519: UInt8 = 1

    public let name: String
    public let key: VerifyingKey
    /// First 4 bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ public key), big-endian.
    public let id: UInt32

    public init(name: String, key: VerifyingKey) {
        self.name = name
        self.key = key
        id = Self.id(name, type: Self.ed25519, key)
    }

    /// The key of a device, under its id.
    public init(device key: VerifyingKey) { self.init(name: DeviceID(key: key).description, key: key) }

    /// The key of an invitation, under its id.
    public init(invitation key: VerifyingKey) { self.init(name: InvitationID(key: key).description, key: key) }

    /// The recovery key.
    public init(recovery key: VerifyingKey) { self.init(name: "recovery", key: key) }

    /// Parses a vkey: `name+keyID_hex+base64(0x01 ‖ key)`.
    public init?(vkey: String) {
        guard let (name, key) = Self.parse(vkey, type: Self.ed25519) else { return nil }
        self.init(name: name, key: key)
    }

    /// The vkey text.
    public var vkey: String { Self.vkey(name, type: Self.ed25519, key) }

    /// Whether this is the line's key, by name and key id.
    public func isKey(of signature: NoteSignature) -> Bool {
        // By bytes: `==` of strings is canonical equivalence.
        signature.keyID == id && signature.name.utf8.elementsEqual(name.utf8)
    }

    /// Whether `signature` is by this key over `text`.
    public func verifies(_ signature: NoteSignature, of text: [UInt8]) -> Bool {
        isKey(of: signature) && key.isValid(signature: signature.bytes, for: text)
    }

    // MARK: What keys of every type share

    /// First 4 bytes of SHA-256(name ‖ LF ‖ type ‖ public key), big-endian.
    static func id(_ name: String, type: UInt8, _ key: VerifyingKey) -> UInt32 {
        let hash = Digest.sha256(Array(name.utf8) + [Ascii.lineFeed, type] + key.bytes)
        return hash.bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// `name+keyID_hex+base64(type ‖ key)`.
    static func vkey(_ name: String, type: UInt8, _ key: VerifyingKey) -> String {
        "\(name)+\(hex(id(name, type: type, key)))+\(Base64.encode([type] + key.bytes))"
    }

    /// Name and key of a vkey of this type, whose key id is the true one.
    static func parse(_ vkey: String, type: UInt8) -> (name: String, key: VerifyingKey)? {
        let parts = vkey.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, SignedNote.isKeyName(String(parts[0])), let bytes = Base64.decode(Array(parts[2].utf8)),
            bytes.first == type, let key = VerifyingKey(Array(bytes.dropFirst()))
        else { return nil }
        let name = String(parts[0])
        guard hex(id(name, type: type, key)) == parts[1] else { return nil }
        return (name, key)
    }

    private static func hex(_ id: UInt32) -> String {
        Hex.encode([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: id >> UInt32($0)) })
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
