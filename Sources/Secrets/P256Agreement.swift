import Crypto

/// ECDH on P-256 by swift-crypto, whose objects are made for one operation and dropped.
public struct P256PrivateKey: ~Copyable, Sendable {
    /// 32.
    public static let byteCount = 32
    /// 65: 0x04 ‖ x ‖ y (X9.63, uncompressed).
    public static let publicKeyByteCount = 65

    private let scalar: SecretBytes
    /// ``publicKeyByteCount`` bytes.
    public let publicKey: [UInt8]

    /// A fresh key.
    public init() {
        let key = P256.KeyAgreement.PrivateKey()
        var raw = [UInt8](key.rawRepresentation)
        scalar = SecretBytes(moving: &raw)
        publicKey = [UInt8](key.publicKey.x963Representation)
    }

    /// The key of a scalar.
    /// - Throws: ``SecretsError/Code/wrongLength`` for what is no scalar of P-256.
    public init(_ scalar: consuming SecretBytes) throws(SecretsError) {
        var exposed = scalar.exposed()
        defer { wipe(&exposed) }
        guard let key = try? P256.KeyAgreement.PrivateKey(rawRepresentation: exposed) else {
            throw SecretsError(.wrongLength)
        }
        publicKey = [UInt8](key.publicKey.x963Representation)
        self.scalar = scalar
    }

    /// The scalar, in guarded memory, for storing it sealed.
    public borrowing func secret() -> SecretBytes { scalar.duplicate() }

    /// The x coordinate of the product, 32 bytes.
    /// - Throws: ``SecretsError/Code/badPublicKey`` for what is no point of the curve.
    public borrowing func agree(with publicKey: [UInt8]) throws(SecretsError) -> SecretBytes {
        var exposed = scalar.exposed()
        defer { wipe(&exposed) }
        guard publicKey.count == Self.publicKeyByteCount,
            let theirs = try? P256.KeyAgreement.PublicKey(x963Representation: publicKey),
            let key = try? P256.KeyAgreement.PrivateKey(rawRepresentation: exposed),
            let shared = try? key.sharedSecretFromKeyAgreement(with: theirs)
        else { throw SecretsError(.badPublicKey) }
        return unsafe SecretBytes(count: 32) { output in
            unsafe shared.withUnsafeBytes { unsafe output.copyMemory(from: $0) }
        }
    }

    /// Whether these bytes are a point of the curve, in ``publicKeyByteCount`` bytes.
    public static func isPublicKey(_ bytes: [UInt8]) -> Bool {
        bytes.count == publicKeyByteCount && (try? P256.KeyAgreement.PublicKey(x963Representation: bytes)) != nil
    }
}

extension SecretBytes {
    /// HKDF with SHA-256 (RFC 5869) over these bytes.
    /// - Parameter length: At most 8,160 bytes.
    public borrowing func hkdf(salt: borrowing SecretBytes, info: [UInt8], length: Int) -> SecretBytes {
        var (material, salt) = (exposed(), salt.exposed())
        defer {
            wipe(&material)
            wipe(&salt)
        }
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: material), salt: salt, info: info, outputByteCount: length)
        return unsafe SecretBytes(count: length) { output in
            unsafe key.withUnsafeBytes { unsafe output.copyMemory(from: $0) }
        }
    }
}

/// AES-128 in Galois counter mode, where another's format demands it; what is our own is XChaCha20-Poly1305.
public enum AES128GCM {
    /// 16.
    public static let keyByteCount = 16
    /// 12.
    public static let nonceByteCount = 12
    /// 16.
    public static let tagByteCount = 16

    /// Ciphertext ‖ tag. The caller never uses a key and nonce twice.
    public static func seal(_ plaintext: [UInt8], key: borrowing SecretBytes, nonce: [UInt8]) -> [UInt8] {
        precondition(key.count == keyByteCount && nonce.count == nonceByteCount)
        var exposed = key.exposed()
        defer { wipe(&exposed) }
        // Fails for a wrong length alone.
        let box = try! AES.GCM.seal(plaintext, using: SymmetricKey(data: exposed), nonce: AES.GCM.Nonce(data: nonce))
        return [UInt8](box.ciphertext) + [UInt8](box.tag)
    }

    /// What ``seal(_:key:nonce:)`` made.
    /// - Throws: ``SecretsError/Code/doesNotOpen``.
    public static func open(
        _ sealed: [UInt8], key: borrowing SecretBytes, nonce: [UInt8]
    ) throws(SecretsError) -> [UInt8] {
        precondition(key.count == keyByteCount && nonce.count == nonceByteCount)
        guard sealed.count >= tagByteCount else { throw SecretsError(.doesNotOpen) }
        var exposed = key.exposed()
        defer { wipe(&exposed) }
        let split = sealed.count - tagByteCount
        guard
            let nonce = try? AES.GCM.Nonce(data: nonce),
            let box = try? AES.GCM.SealedBox(nonce: nonce, ciphertext: sealed[..<split], tag: sealed[split...]),
            let opened = try? AES.GCM.open(box, using: SymmetricKey(data: exposed))
        else { throw SecretsError(.doesNotOpen) }
        return [UInt8](opened)
    }
}
