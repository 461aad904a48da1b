public import Secrets
public import Statements

/// The private half of a prekey, audit key or recovery key: an X25519 scalar and a 64-byte ML-KEM-768 seed.
public struct EncapsulationPrivateKey: ~Copyable, Sendable {
    /// 32 + 64.
    public static let byteCount = X25519PrivateKey.byteCount + MLKEM768.seedByteCount

    let x25519: X25519PrivateKey
    let mlkemSeed: SecretBytes
    public let publicKey: EncapsulationKey

    /// A fresh key.
    public init() {
        self.init(x25519: X25519PrivateKey(), mlkemSeed: SecretBytes(random: MLKEM768.seedByteCount))
    }

    /// The key of a scalar and a seed.
    public init(x25519: consuming X25519PrivateKey, mlkemSeed: consuming SecretBytes) {
        publicKey = EncapsulationKey(x25519: x25519.publicKey, mlkem768: MLKEM768.publicKey(seed: mlkemSeed))
        self.x25519 = x25519
        self.mlkemSeed = mlkemSeed
    }

    /// What ``secret()`` gave.
    /// - Returns: `nil` for another length.
    public init?(secret: borrowing SecretBytes) {
        guard secret.count == Self.byteCount else { return nil }
        self.init(
            x25519: X25519PrivateKey(secret.slice(0..<X25519PrivateKey.byteCount)),
            mlkemSeed: secret.slice(X25519PrivateKey.byteCount..<Self.byteCount))
    }

    /// Scalar ‖ seed, in guarded memory, for storing it sealed.
    public borrowing func secret() -> SecretBytes {
        x25519.secret().appending(mlkemSeed)
    }
}

/// The practice's recovery key, made from one 32-byte secret that is printed once and kept offline.
public struct RecoveryKey: ~Copyable, Sendable {
    /// 32.
    public static let secretByteCount = 32

    public let signing: SigningKey
    public let encapsulation: EncapsulationPrivateKey

    /// `crypto_kdf` with context `nbrecov1`: 1 X25519, 2 Ed25519 seed, 3 ML-KEM seed.
    public init(secret: borrowing SecretBytes) {
        precondition(secret.count == Self.secretByteCount)
        encapsulation = EncapsulationPrivateKey(
            x25519: X25519PrivateKey(secret.subkey(1, context: "nbrecov1")),
            mlkemSeed: secret.subkey(3, context: "nbrecov1", length: MLKEM768.seedByteCount))
        signing = SigningKey(seed: secret.subkey(2, context: "nbrecov1"))
    }

    public var publicKey: RecoveryPublicKey {
        RecoveryPublicKey(signing: signing.verifyingKey, encapsulation: encapsulation.publicKey)
    }
}
