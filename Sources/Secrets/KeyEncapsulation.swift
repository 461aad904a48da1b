import CSodium
import Crypto

/// X25519 with libsodium's sealed boxes.
public struct X25519PrivateKey: ~Copyable, Sendable {
    /// 32.
    public static let byteCount = 32

    private let scalar: SecretBytes
    public let publicKey: [UInt8]

    public init() {
        self.init(SecretBytes(random: Self.byteCount))
    }

    /// The key of a 32-byte scalar.
    public init(_ scalar: consuming SecretBytes) {
        Sodium.ready
        precondition(scalar.count == Self.byteCount)
        var publicKey = [UInt8](repeating: 0, count: Self.byteCount)
        unsafe scalar.withUnsafeBytes { scalar in
            _ = unsafe crypto_scalarmult_base(&publicKey, scalar.baseAddress!.assumingMemoryBound(to: UInt8.self))
        }
        self.publicKey = publicKey
        self.scalar = scalar
    }

    /// The scalar, in guarded memory, for storing it sealed.
    public borrowing func secret() -> SecretBytes { scalar.duplicate() }

    /// Opens `crypto_box_seal`.
    /// - Throws: ``SecretsError/Code/doesNotOpen``.
    public borrowing func openSealedBox(_ box: [UInt8]) throws(SecretsError) -> SecretBytes {
        guard box.count > SealedBox.overhead else { throw SecretsError(.doesNotOpen) }
        var opened = false
        let secret = unsafe SecretBytes(count: box.count - SealedBox.overhead) { output in
            unsafe scalar.withUnsafeBytes { scalar in
                opened =
                    unsafe crypto_box_seal_open(
                        output.baseAddress!.assumingMemoryBound(to: UInt8.self), box, UInt64(box.count), publicKey,
                        scalar.baseAddress!.assumingMemoryBound(to: UInt8.self)) == 0
            }
        }
        guard opened else { throw SecretsError(.doesNotOpen) }
        return secret
    }
}

public enum SealedBox {
    /// 48 bytes more than what is sealed.
    public static let overhead = 48

    /// `crypto_box_seal` to an X25519 public key.
    /// - Throws: ``SecretsError/Code/badPublicKey`` for a key of the wrong length or of small order.
    public static func seal(_ secret: borrowing SecretBytes, to publicKey: [UInt8]) throws(SecretsError) -> [UInt8] {
        Sodium.ready
        guard publicKey.count == X25519PrivateKey.byteCount else { throw SecretsError(.badPublicKey) }
        var box = [UInt8](repeating: 0, count: secret.count + overhead)
        let sealed = unsafe secret.withUnsafeBytes { secret in
            unsafe crypto_box_seal(
                &box, secret.baseAddress!.assumingMemoryBound(to: UInt8.self), UInt64(secret.count), publicKey)
        }
        guard sealed == 0 else { throw SecretsError(.badPublicKey) }
        return box
    }
}

/// ML-KEM-768 (FIPS 203) by swift-crypto, whose objects are made for one operation and dropped.
public enum MLKEM768 {
    /// 64.
    public static let seedByteCount = 64
    /// 1,184.
    public static let publicKeyByteCount = 1184
    /// 1,088.
    public static let ciphertextByteCount = 1088

    /// The public key of a 64-byte seed.
    public static func publicKey(seed: borrowing SecretBytes) -> [UInt8] {
        var exposed = seed.exposed()
        defer { wipe(&exposed) }
        // A 64-byte seed always gives a key (FIPS 203, algorithm 16).
        let key = try! Crypto.MLKEM768.PrivateKey(seedRepresentation: exposed, publicKey: nil)
        return [UInt8](key.publicKey.rawRepresentation)
    }

    /// Ciphertext (1,088 bytes) and shared secret (32 bytes).
    /// - Throws: ``SecretsError/Code/badPublicKey``.
    public static func encapsulate(
        to publicKey: [UInt8], _ body: (_ ciphertext: [UInt8], _ sharedSecret: borrowing SecretBytes) -> Void
    ) throws(SecretsError) {
        guard publicKey.count == publicKeyByteCount,
            let key = try? Crypto.MLKEM768.PublicKey(rawRepresentation: publicKey),
            let result = try? key.encapsulate()
        else { throw SecretsError(.badPublicKey) }
        body([UInt8](result.encapsulated), secret(of: result.sharedSecret))
    }

    /// The shared secret. A ciphertext that was changed gives another secret, not an error (implicit rejection).
    /// - Throws: ``SecretsError/Code/doesNotOpen`` for a wrong length.
    public static func decapsulate(
        _ ciphertext: [UInt8], seed: borrowing SecretBytes
    ) throws(SecretsError) -> SecretBytes {
        guard ciphertext.count == ciphertextByteCount, seed.count == seedByteCount else {
            throw SecretsError(.doesNotOpen)
        }
        var exposed = seed.exposed()
        defer { wipe(&exposed) }
        guard let key = try? Crypto.MLKEM768.PrivateKey(seedRepresentation: exposed, publicKey: nil),
            let shared = try? key.decapsulate(ciphertext)
        else { throw SecretsError(.doesNotOpen) }
        return secret(of: shared)
    }

    private static func secret(of key: SymmetricKey) -> SecretBytes {
        // `withUnsafeBytes` of swift-crypto cannot return a type that does not copy.
        unsafe SecretBytes(count: key.bitCount / 8) { output in
            unsafe key.withUnsafeBytes { unsafe output.copyMemory(from: $0) }
        }
    }
}
