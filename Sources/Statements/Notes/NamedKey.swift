public import Secrets

/// An Ed25519 public key under a name, for note signatures of one type (c2sp.org/signed-note v1.0.0).
///
/// The name and the type are hashed into the key id: what one key signs under another name or as another type is another
/// line.
public protocol NamedKey: Hashable, Sendable {
    /// The signature type's byte.
    static var type: UInt8 { get }

    var name: String { get }
    var key: VerifyingKey { get }
    /// First 4 bytes of SHA-256(name ‖ LF ‖ type ‖ public key), big-endian.
    var id: UInt32 { get }

    init(name: String, key: VerifyingKey)
}

extension NamedKey {
    /// Parses a vkey: `name+keyID_hex+base64(type ‖ key)`.
    /// - Returns: `nil` unless it is exactly what ``vkey`` writes.
    public init?(vkey: String) {
        // By bytes: a mark joins a "+" that stands beside it to one character.
        let parts = vkey.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let name = String(parts[0]), SignedNote.isKeyName(name),
            let bytes = Base64.decode(Array(parts[2])), bytes.first == Self.type,
            let key = VerifyingKey(Array(bytes.dropFirst()))
        else { return nil }
        self.init(name: name, key: key)
        guard hexID.utf8.elementsEqual(parts[1]) else { return nil }
    }

    /// The vkey text.
    public var vkey: String { "\(name)+\(hexID)+\(Base64.encode([Self.type] + key.bytes))" }

    /// Whether this is the line's key, by name and key id.
    public func isKey(of signature: NoteSignature) -> Bool {
        // By bytes: `==` of strings is canonical equivalence.
        signature.keyID == id && signature.name.isSame(as: name)
    }

    /// ``id`` as it follows from the name and the key.
    static func id(_ name: String, _ key: VerifyingKey) -> UInt32 {
        let hash = Digest.sha256(Array(name.utf8) + [Ascii.lineFeed, type] + key.bytes)
        return hash.bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private var hexID: String { Hex.encode([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: id >> UInt32($0)) }) }
}
