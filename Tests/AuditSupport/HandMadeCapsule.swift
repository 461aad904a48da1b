package import Sealing
package import Secrets
import SignerSupport
package import Statements

/// Suite 1 by hand: a capsule as a sender makes it who does not keep to `MessageSealer`.
package enum HandMadeCapsule {
    package static func commitment(of key: borrowing MessageKey) -> Digest {
        Digest(key.subkey(3).subkey(1, context: "nbcapsul").exposed())!
    }

    /// Subkey 3 sealed to the audit key, and the capsule under it.
    package static func seal(
        _ key: borrowing MessageKey, of message: String, to audit: EncapsulationKey, binding: Digest
    ) -> (key: [UInt8], capsule: [UInt8]) {
        let classical = SecretBytes(random: 32)
        let box = try! SealedBox.seal(classical, to: audit.x25519)
        let secret = key.subkey(3)
        var result: [UInt8] = []
        try! MLKEM768.encapsulate(to: audit.mlkem768) { ciphertext, shared in
            let context = box + ciphertext + audit.x25519 + Digest.sha256(audit.mlkem768).bytes + binding.bytes
            let wrapKey = SecretBytes(copying: Array("nightbell.wrap/v1".utf8)).appending(classical).appending(shared)
                .appending(SecretBytes(copying: context)).hash()
            result = box + ciphertext + XChaCha20Poly1305.wrap(secret, once: wrapKey, binding: binding.bytes)
        }
        let plaintext = Array(#"{"sha256":"\#(Digest.of(message).hex)"}"#.utf8)
        let padded = Padding.pad(plaintext, to: 1_024)!
        return (result, XChaCha20Poly1305.seal(padded, key: secret, binding: binding.bytes))
    }
}
