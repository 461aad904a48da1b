public import Secrets

/// A witness's named Ed25519 public key for timestamped cosignatures (c2sp.org/tlog-cosignature v1.0.1, type 0x04).
///
/// What is cosigned does not name the cosigner: one public key must never serve two names.
public struct WitnessKey: NamedKey {
    /// 0x04.
    public static let type: UInt8 = 4

    public let name: String
    public let key: VerifyingKey
    public let id: UInt32

    /// - Precondition: `name` is permitted as a key's name (``SignedNote/isKeyName(_:)``).
    public init(name: String, key: VerifyingKey) {
        precondition(SignedNote.isKeyName(name))
        self.name = name
        self.key = key
        id = Self.id(name, key)
    }
}
