public import Secrets

/// A message's key `K` and the subkeys that suite 1 derives from it.
public struct MessageKey: ~Copyable, Sendable {
    /// 32.
    public static let byteCount = 32

    let secret: SecretBytes

    /// A fresh key.
    public init() { secret = SecretBytes(random: Self.byteCount) }

    /// The key that a sealed key held. - Precondition: 32 bytes.
    public init(_ secret: consuming SecretBytes) {
        precondition(secret.count == Self.byteCount)
        self.secret = secret
    }

    /// For keeping it in a sealed store.
    public borrowing func duplicate() -> SecretBytes { secret.duplicate() }

    borrowing func contentKey() -> SecretBytes { subkey(1) }
    borrowing func alertKey() -> SecretBytes { subkey(2) }
    borrowing func capsuleKey() -> CapsuleKey { CapsuleKey(subkey(3)) }

    /// Subkey 4, which the manifest and the binding show: it fixes `K`, for the cipher does not.
    public borrowing func commitment() -> Digest { Digest(subkey(4).exposed())! }

    /// Subkey `id`, 32 bytes, context `nbseal01`.
    public borrowing func subkey(_ id: UInt64) -> SecretBytes { secret.subkey(id, context: "nbseal01") }
}

/// Subkey 3: all that the audit key's holder gets.
public struct CapsuleKey: ~Copyable, Sendable {
    let secret: SecretBytes

    init(_ secret: consuming SecretBytes) { self.secret = secret }

    /// `crypto_kdf(subkey 3, 1, "nbcapsul")`.
    public borrowing func commitment() -> Digest {
        Digest(secret.subkey(1, context: "nbcapsul").exposed())!
    }
}
