public import Secrets

extension MessageSealer {
    /// The sealed content once more, from what was sealed: whoever has the key, the nonce and the very bytes shows with it
    /// that they are those whose hash a manifest names. Nothing is ever sealed anew like this.
    /// - Returns: `nil` when such bytes could not have been sealed.
    public static func contentSealedAgain(
        _ content: [UInt8], key: borrowing MessageKey, nonce: [UInt8], binding: Digest
    ) -> [UInt8]? {
        guard nonce.count == XChaCha20Poly1305.nonceByteCount,
            let bucket = SealedPart.contentBucket(for: content.count), let padded = Padding.pad(content, to: bucket)
        else { return nil }
        return XChaCha20Poly1305.sealedAgain(padded, nonce: nonce, key: key.contentKey(), binding: binding.bytes)
    }
}
