import Secrets
import Statements

/// A 32-byte key sealed to one X25519 + ML-KEM-768 key: box (80) ‖ ciphertext (1,088) ‖ wrapped (48).
///
/// Safe while either X25519 or ML-KEM holds. Each wrapping key is used once.
public enum SealedKey {
    /// 1,216.
    public static let byteCount = boxByteCount + MLKEM768.ciphertextByteCount + wrappedByteCount
    static let boxByteCount = 32 + SealedBox.overhead
    static let wrappedByteCount = MessageKey.byteCount + XChaCha20Poly1305.tagByteCount

    /// - Throws: ``SealingError/Code/badKey`` when nothing can be sealed to this key.
    static func seal(
        _ secret: borrowing SecretBytes, to key: EncapsulationKey, binding: Digest
    ) throws(SealingError) -> [UInt8] {
        let classical = SecretBytes(random: 32)
        var sealed: [UInt8] = []
        do {
            let box = try SealedBox.seal(classical, to: key.x25519)
            // The closure cannot take a borrowed secret in, so it only combines.
            var wrapKey: SecretBytes?
            var ciphertext: [UInt8] = []
            try MLKEM768.encapsulate(to: key.mlkem768) { encapsulated, shared in
                ciphertext = encapsulated
                wrapKey = Self.wrapKey(
                    classical: classical, quantum: shared, box: box, ciphertext: encapsulated, to: key, binding: binding
                )
            }
            guard let wrapKey = wrapKey.take() else { throw SealingError(.badKey) }
            sealed = box + ciphertext + XChaCha20Poly1305.wrap(secret, once: wrapKey, binding: binding.bytes)
        } catch {
            throw SealingError(.badKey)
        }
        return sealed
    }

    /// - Throws: ``SealingError/Code/seal``.
    static func open(
        _ sealed: [UInt8], with key: borrowing EncapsulationPrivateKey, binding: Digest
    ) throws(SealingError) -> SecretBytes {
        guard sealed.count == byteCount else { throw SealingError(.seal) }
        let box = Array(sealed[..<boxByteCount])
        let ciphertext = Array(sealed[boxByteCount..<(boxByteCount + MLKEM768.ciphertextByteCount)])
        let wrapped = Array(sealed[(boxByteCount + MLKEM768.ciphertextByteCount)...])
        do {
            let classical = try key.x25519.openSealedBox(box)
            let quantum = try MLKEM768.decapsulate(ciphertext, seed: key.mlkemSeed)
            let wrapKey = wrapKey(
                classical: classical, quantum: quantum, box: box, ciphertext: ciphertext, to: key.publicKey,
                binding: binding)
            return try XChaCha20Poly1305.unwrap(wrapped, once: wrapKey, binding: binding.bytes)
        } catch {
            throw SealingError(.seal)
        }
    }

    /// BLAKE2b-256("nightbell.wrap/v1" ‖ s1 ‖ s2 ‖ box ‖ ct ‖ x ‖ SHA-256(q) ‖ binding).
    private static func wrapKey(
        classical: borrowing SecretBytes, quantum: borrowing SecretBytes, box: [UInt8], ciphertext: [UInt8],
        to key: EncapsulationKey, binding: Digest
    ) -> SecretBytes {
        let context =
            box + ciphertext + key.x25519 + Digest.sha256(key.mlkem768).bytes + binding.bytes
        return SecretBytes(copying: Array("nightbell.wrap/v1".utf8)).appending(classical).appending(quantum)
            .appending(SecretBytes(copying: context)).hash()
    }
}
