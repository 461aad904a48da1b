public import Secrets

/// A witness's named Ed25519 public key for timestamped cosignatures (c2sp.org/tlog-cosignature v1.0.1, type 0x04).
///
/// What is cosigned does not name the cosigner: one public key must never serve two names.
public struct WitnessKey: Hashable, Sendable {
    /// 0x04.
    static let type: UInt8 = 4

    public let name: String
    public let key: VerifyingKey
    /// First 4 bytes of SHA-256(name ‖ LF ‖ 0x04 ‖ public key), big-endian.
    public let id: UInt32

    /// - Precondition: `name` is permitted as a key's name (``SignedNote/isKeyName(_:)``).
    public init(name: String, key: VerifyingKey) {
        precondition(SignedNote.isKeyName(name))
        self.name = name
        self.key = key
        id = NoteKey.id(name, type: Self.type, key)
    }

    /// Parses a vkey: `name+keyID_hex+base64(0x04 ‖ key)`.
    public init?(vkey: String) {
        guard let (name, key) = NoteKey.parse(vkey, type: Self.type) else { return nil }
        self.init(name: name, key: key)
    }

    /// The vkey text.
    public var vkey: String { NoteKey.vkey(name, type: Self.type, key) }

    /// Whether this is the line's key, by name and key id.
    public func isKey(of signature: NoteSignature) -> Bool {
        // By bytes: `==` of strings is canonical equivalence.
        signature.keyID == id && signature.name.utf8.elementsEqual(name.utf8)
    }
}
