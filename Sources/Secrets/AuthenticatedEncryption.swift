import CSodium

/// XChaCha20-Poly1305-IETF (draft-irtf-cfrg-xchacha-03, libsodium).
public enum XChaCha20Poly1305 {
    /// 32.
    public static let keyByteCount = 32
    /// 24.
    public static let nonceByteCount = 24
    /// 16.
    public static let tagByteCount = 16
    /// Nonce in front and tag behind: 40.
    public static let overhead = nonceByteCount + tagByteCount

    /// Random nonce ‖ ciphertext ‖ tag.
    public static func seal(_ plaintext: [UInt8], key: borrowing SecretBytes, binding: [UInt8]) -> [UInt8] {
        let nonce = randomBytes(nonceByteCount)
        return unsafe plaintext.withUnsafeBytes { plaintext in
            unsafe nonce + encrypt(plaintext, key: key, nonce: nonce, binding: binding)
        }
    }

    /// What ``seal(_:key:binding:)`` made of the same plaintext with this nonce: to compare it, for a nonce is never used for
    /// a second text.
    public static func sealedAgain(
        _ plaintext: [UInt8], nonce: [UInt8], key: borrowing SecretBytes, binding: [UInt8]
    ) -> [UInt8] {
        precondition(nonce.count == nonceByteCount)
        return unsafe plaintext.withUnsafeBytes { plaintext in
            unsafe nonce + encrypt(plaintext, key: key, nonce: nonce, binding: binding)
        }
    }

    /// What ``seal(_:key:binding:)`` made.
    /// - Throws: ``SecretsError/Code/doesNotOpen``.
    public static func open(
        _ sealed: [UInt8], key: borrowing SecretBytes, binding: [UInt8]
    ) throws(SecretsError) -> [UInt8] {
        guard sealed.count >= overhead else { throw SecretsError(.doesNotOpen) }
        let plaintext = unsafe sealed.withUnsafeBytes { unsafe open($0, key: key, binding: binding) }
        guard let plaintext else { throw SecretsError(.doesNotOpen) }
        return plaintext
    }

    /// The same where it lies, without a copy: of ten thousand for one list.
    /// - Returns: `nil` when it does not open.
    public static func open(
        _ sealed: UnsafeRawBufferPointer, key: borrowing SecretBytes, binding: [UInt8]
    ) -> [UInt8]? {
        guard sealed.count >= overhead else { return nil }
        var opened = false
        let count = sealed.count - overhead
        let plaintext = unsafe [UInt8](unsafeUninitializedCapacity: count) { output, length in
            opened = unsafe decrypt(
                UnsafeRawBufferPointer(rebasing: sealed[nonceByteCount...]), key: key,
                nonce: UnsafeRawBufferPointer(rebasing: sealed[..<nonceByteCount]), binding: binding,
                into: UnsafeMutableRawBufferPointer(start: output.baseAddress, count: count))
            length = opened ? count : 0
        }
        return opened ? plaintext : nil
    }

    /// Seals a secret under a key that is used once, with a nonce of zeros: ciphertext ‖ tag.
    public static func wrap(_ secret: borrowing SecretBytes, once key: borrowing SecretBytes, binding: [UInt8])
        -> [UInt8]
    {
        unsafe secret.withUnsafeBytes { secret in
            unsafe encrypt(secret, key: key, nonce: [UInt8](repeating: 0, count: nonceByteCount), binding: binding)
        }
    }

    /// What ``wrap(_:once:binding:)`` made, straight into guarded memory.
    /// - Throws: ``SecretsError/Code/doesNotOpen``.
    public static func unwrap(
        _ wrapped: [UInt8], once key: borrowing SecretBytes, binding: [UInt8]
    ) throws(SecretsError) -> SecretBytes {
        guard wrapped.count > tagByteCount else { throw SecretsError(.doesNotOpen) }
        return try openSecret(
            wrapped, nonce: [UInt8](repeating: 0, count: nonceByteCount), key: key, binding: binding)
    }

    /// Seals a secret for storage: random nonce ‖ ciphertext ‖ tag.
    public static func seal(_ secret: borrowing SecretBytes, key: borrowing SecretBytes, binding: [UInt8]) -> [UInt8] {
        let nonce = randomBytes(nonceByteCount)
        return unsafe secret.withUnsafeBytes { secret in
            unsafe nonce + encrypt(secret, key: key, nonce: nonce, binding: binding)
        }
    }

    /// A stored secret, straight into guarded memory.
    /// - Throws: ``SecretsError/Code/doesNotOpen``.
    public static func openSecret(
        _ sealed: [UInt8], key: borrowing SecretBytes, binding: [UInt8]
    ) throws(SecretsError) -> SecretBytes {
        guard sealed.count > overhead else { throw SecretsError(.doesNotOpen) }
        return try openSecret(
            Array(sealed[nonceByteCount...]), nonce: Array(sealed[..<nonceByteCount]), key: key, binding: binding)
    }

    private static func openSecret(
        _ box: [UInt8], nonce: [UInt8], key: borrowing SecretBytes, binding: [UInt8]
    ) throws(SecretsError) -> SecretBytes {
        var opened = false
        let secret = unsafe SecretBytes(count: box.count - tagByteCount) { output in
            opened = unsafe box.withUnsafeBytes { box in
                unsafe nonce.withUnsafeBytes { nonce in
                    unsafe decrypt(box, key: key, nonce: nonce, binding: binding, into: output)
                }
            }
        }
        guard opened else { throw SecretsError(.doesNotOpen) }
        return secret
    }

    private static func encrypt(
        _ plaintext: UnsafeRawBufferPointer, key: borrowing SecretBytes, nonce: [UInt8], binding: [UInt8]
    ) -> [UInt8] {
        Sodium.ready
        precondition(key.count == keyByteCount && nonce.count == nonceByteCount)
        var output = [UInt8](repeating: 0, count: plaintext.count + tagByteCount)
        unsafe key.withUnsafeBytes { key in
            _ = unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
                &output, nil, plaintext.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(plaintext.count),
                binding, UInt64(binding.count), nil, nonce, key.baseAddress!.assumingMemoryBound(to: UInt8.self))
        }
        return output
    }

    private static func decrypt(
        _ box: UnsafeRawBufferPointer, key: borrowing SecretBytes, nonce: UnsafeRawBufferPointer, binding: [UInt8],
        into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        Sodium.ready
        precondition(key.count == keyByteCount && nonce.count == nonceByteCount)
        return unsafe key.withUnsafeBytes { key in
            unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
                output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, nil,
                box.baseAddress!.assumingMemoryBound(to: UInt8.self), UInt64(box.count), binding, UInt64(binding.count),
                nonce.baseAddress!.assumingMemoryBound(to: UInt8.self),
                key.baseAddress!.assumingMemoryBound(to: UInt8.self)) == 0
        }
    }
}

/// `sodium_pad`: ISO/IEC 7816-4, a 0x80 mark and zeros.
public enum Padding {
    /// Pads to exactly `size` bytes.
    /// - Returns: `nil` when `bytes` and the mark do not fit.
    public static func pad(_ bytes: [UInt8], to size: Int) -> [UInt8]? {
        guard bytes.count + 1 <= size else { return nil }
        var padded = bytes
        padded.reserveCapacity(size)
        padded.append(0x80)
        padded.append(contentsOf: repeatElement(0, count: size - padded.count))
        return padded
    }

    /// - Throws: ``SecretsError/Code/badPadding`` when there is no mark.
    public static func unpad(_ padded: [UInt8]) throws(SecretsError) -> [UInt8] {
        var length = 0
        let result = unsafe sodium_unpad(&length, padded, padded.count, padded.count)
        guard result == 0, length >= 0, length < padded.count else { throw SecretsError(.badPadding) }
        return Array(padded[..<length])
    }
}
