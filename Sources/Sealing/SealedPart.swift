import Secrets

/// Content, alert and capsule: padded, then XChaCha20-Poly1305 under a subkey, bound to the message.
public enum SealedPart {
    /// The sizes that content is padded to; longer content goes into an attachment.
    public static let contentBuckets = [512, 2_048, 8_192, 32_768, 65_536]
    /// 65,535: the longest content plaintext.
    public static let maximumContentByteCount = contentBuckets.last! - 1
    /// 511: the longest alert plaintext.
    public static let maximumAlertByteCount = alertBucket - 1
    /// 1,023: the longest capsule plaintext.
    public static let maximumCapsuleByteCount = capsuleBucket - 1
    static let alertBucket = 512
    static let capsuleBucket = 1_024

    /// The sealed sizes that a manifest may name.
    public static let contentByteCounts = contentBuckets.map { $0 + XChaCha20Poly1305.overhead }
    /// 552.
    public static let alertByteCount = alertBucket + XChaCha20Poly1305.overhead
    /// 1,064.
    public static let capsuleByteCount = capsuleBucket + XChaCha20Poly1305.overhead

    /// The smallest bucket that holds `count` bytes and the padding mark.
    static func contentBucket(for count: Int) -> Int? { contentBuckets.first { count + 1 <= $0 } }

    /// - Throws: ``SealingError/Code/tooLarge``.
    static func seal(
        _ plaintext: [UInt8], bucket: Int?, key: borrowing SecretBytes, binding: Digest
    ) throws(SealingError) -> [UInt8] {
        guard let bucket, let padded = Padding.pad(plaintext, to: bucket) else { throw SealingError(.tooLarge) }
        return XChaCha20Poly1305.seal(padded, key: key, binding: binding.bytes)
    }

    /// - Throws: ``SealingError/Code/content`` or ``SealingError/Code/padding``.
    static func open(
        _ sealed: [UInt8], isBucket: (_ padded: Int, _ unpadded: Int) -> Bool, key: borrowing SecretBytes,
        binding: Digest
    ) throws(SealingError) -> [UInt8] {
        let padded: [UInt8]
        do { padded = try XChaCha20Poly1305.open(sealed, key: key, binding: binding.bytes) } catch {
            throw SealingError(.content)
        }
        let plaintext: [UInt8]
        do { plaintext = try Padding.unpad(padded) } catch { throw SealingError(.padding) }
        guard isBucket(padded.count, plaintext.count) else { throw SealingError(.padding) }
        return plaintext
    }
}
