public import Secrets
public import Statements

/// Opens what ``MessageSealer`` sealed. The caller has checked that the bytes match the manifest's hashes.
public enum MessageOpener {
    /// What the binding commits to, as the manifest shows it.
    public struct Commitments: Sendable {
        public let key: Digest
        public let capsule: Digest?

        public init(key: Digest, capsule: Digest?) {
            self.key = key
            self.capsule = capsule
        }

        public init(_ manifest: Manifest) {
            self.init(key: manifest.commitment, capsule: manifest.capsule?.commitment)
        }
    }

    /// Opens a sealed key and recomputes both commitments before anything else is opened with it.
    /// - Throws: ``SealingError/Code/seal`` or ``SealingError/Code/commitment``.
    public static func openKey(
        _ sealedKey: [UInt8], with key: borrowing EncapsulationPrivateKey, binding: Digest, commitments: Commitments
    ) throws(SealingError) -> MessageKey {
        let secret = try SealedKey.open(sealedKey, with: key, binding: binding)
        guard secret.count == MessageKey.byteCount else { throw SealingError(.seal) }
        let messageKey = MessageKey(secret)
        guard constantTimeEqual(messageKey.commitment().bytes, commitments.key.bytes) else {
            throw SealingError(.commitment)
        }
        if let capsule = commitments.capsule {
            guard constantTimeEqual(messageKey.capsuleKey().commitment().bytes, capsule.bytes) else {
                throw SealingError(.commitment)
            }
        }
        return messageKey
    }

    /// - Throws: ``SealingError/Code/content`` or ``SealingError/Code/padding`` (only the smallest bucket opens).
    public static func openContent(
        _ sealed: [UInt8], key: borrowing MessageKey, binding: Digest
    ) throws(SealingError) -> [UInt8] {
        try SealedPart.open(
            sealed, isBucket: { SealedPart.contentBucket(for: $1) == $0 }, key: key.contentKey(), binding: binding)
    }

    /// - Throws: ``SealingError/Code/content`` or ``SealingError/Code/padding``.
    public static func openAlert(
        _ sealed: [UInt8], key: borrowing MessageKey, binding: Digest
    ) throws(SealingError) -> [UInt8] {
        try SealedPart.open(
            sealed, isBucket: { padded, _ in padded == SealedPart.alertBucket }, key: key.alertKey(), binding: binding)
    }

    /// A recipient's look into the capsule.
    /// - Throws: ``SealingError/Code/content`` or ``SealingError/Code/padding``.
    public static func openCapsule(
        _ sealed: [UInt8], key: borrowing MessageKey, binding: Digest
    ) throws(SealingError) -> [UInt8] {
        try openCapsule(sealed, key: key.capsuleKey(), binding: binding)
    }

    /// The auditor's: the sealed key holds subkey 3 alone.
    /// - Throws: ``SealingError/Code/seal``, ``SealingError/Code/commitment``, ``SealingError/Code/content``,
    ///   ``SealingError/Code/padding``.
    public static func openCapsule(
        _ sealed: [UInt8], sealedKey: [UInt8], with audit: borrowing EncapsulationPrivateKey, binding: Digest,
        commitment: Digest
    ) throws(SealingError) -> [UInt8] {
        let key = try capsuleKey(sealedKey, with: audit, binding: binding, commitment: commitment)
        return try openCapsule(sealed, key: key, binding: binding)
    }

    /// Opens a capsule as an auditor does who gives it away: with its key.
    /// - Throws: As ``openCapsule(_:sealedKey:with:binding:commitment:)``.
    public static func discloseCapsule(
        _ sealed: [UInt8], sealedKey: [UInt8], with audit: borrowing EncapsulationPrivateKey, binding: Digest,
        commitment: Digest
    ) throws(SealingError) -> DisclosedCapsule {
        let key = try capsuleKey(sealedKey, with: audit, binding: binding, commitment: commitment)
        let plaintext = try openCapsule(sealed, key: key, binding: binding)
        return DisclosedCapsule(key: key.secret.exposed(), plaintext: plaintext)
    }

    /// Opens a capsule with the key that an auditor gave away.
    /// - Parameter disclosedKey: 32 bytes; others are not what the manifest commits to.
    /// - Throws: ``SealingError/Code/commitment``, ``SealingError/Code/content``, ``SealingError/Code/padding``.
    public static func openCapsule(
        _ sealed: [UInt8], disclosedKey: [UInt8], binding: Digest, commitment: Digest
    ) throws(SealingError) -> [UInt8] {
        guard disclosedKey.count == MessageKey.byteCount else { throw SealingError(.commitment) }
        let key = CapsuleKey(SecretBytes(copying: disclosedKey))
        guard key.commitment() == commitment else { throw SealingError(.commitment) }
        return try openCapsule(sealed, key: key, binding: binding)
    }

    /// What was sealed to the audit key, when it is what the manifest commits to.
    private static func capsuleKey(
        _ sealedKey: [UInt8], with audit: borrowing EncapsulationPrivateKey, binding: Digest, commitment: Digest
    ) throws(SealingError) -> CapsuleKey {
        let secret = try SealedKey.open(sealedKey, with: audit, binding: binding)
        guard secret.count == MessageKey.byteCount else { throw SealingError(.seal) }
        let key = CapsuleKey(secret)
        guard constantTimeEqual(key.commitment().bytes, commitment.bytes) else { throw SealingError(.commitment) }
        return key
    }

    private static func openCapsule(
        _ sealed: [UInt8], key: borrowing CapsuleKey, binding: Digest
    ) throws(SealingError) -> [UInt8] {
        try SealedPart.open(
            sealed, isBucket: { padded, _ in padded == SealedPart.capsuleBucket }, key: key.secret, binding: binding)
    }
}
