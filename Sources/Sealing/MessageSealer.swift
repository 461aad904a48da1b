public import Secrets
public import Statements

/// Seals one message to every recipient device, the recovery key and the audit key.
public struct MessageSealer: Sendable {
    /// A device and the prekey that was claimed for it.
    public struct Recipient: Sendable {
        public let device: DeviceID
        public let step: UInt64
        public let delaySeconds: UInt64
        public let prekey: PrekeyText

        public init(device: DeviceID, step: UInt64, delaySeconds: UInt64, prekey: PrekeyText) {
            self.device = device
            self.step = step
            self.delaySeconds = delaySeconds
            self.prekey = prekey
        }
    }

    public let organisation: OrganisationID
    public let message: MessageID
    public let sender: DeviceID
    /// In any order; sealed in the manifest's.
    public let recipients: [Recipient]
    public let recovery: EncapsulationKey?
    public let audit: EncapsulationKey?

    public init(
        organisation: OrganisationID, message: MessageID, sender: DeviceID, recipients: [Recipient],
        recovery: EncapsulationKey?, audit: EncapsulationKey?
    ) {
        self.organisation = organisation
        self.message = message
        self.sender = sender
        self.recipients = recipients.sorted { ($0.step, $0.device) < ($1.step, $1.device) }
        self.recovery = recovery
        self.audit = audit
    }

    /// What every sealed part is bound to under this key; attachments are sealed before the rest.
    public func binding(key: borrowing MessageKey) -> Digest {
        let capsuleKey = key.capsuleKey()
        return BindingText(
            organisation: organisation, message: message, sender: sender, commitment: key.commitment(),
            recipients: recipients.map { .init(device: $0.device, prekey: $0.prekey.id) }, recovery: recovery?.id,
            capsule: audit.map { .init(key: $0.id, commitment: capsuleKey.commitment()) }
        ).hash
    }

    /// Seals.
    /// - Parameters:
    ///   - content: One UTF-8 JSON object, at most 65,535 bytes.
    ///   - capsule: One JSON object, at most 1,023 bytes; left out when there is no audit key.
    ///   - alert: Makes the alert's plaintext for the binding (it carries the sender's signature over it).
    ///   - key: The message key; the caller drops it after use.
    /// - Throws: ``SealingError/Code/tooLarge`` or ``SealingError/Code/badKey``.
    public func seal(
        content: [UInt8], capsule: [UInt8], key: borrowing MessageKey, alert: (_ binding: Digest) -> [UInt8]
    ) throws(SealingError) -> SealedMessage {
        let commitment = key.commitment()
        let capsuleKey = key.capsuleKey()
        let binding = binding(key: key)
        var sealedKeys: [[UInt8]] = []
        for recipient in recipients {
            sealedKeys.append(try SealedKey.seal(key.secret, to: recipient.prekey.key, binding: binding))
        }
        var recoverySealedKey: [UInt8]?
        if let recovery { recoverySealedKey = try SealedKey.seal(key.secret, to: recovery, binding: binding) }
        var sealedCapsule: SealedMessage.Capsule?
        if let audit {
            sealedCapsule = SealedMessage.Capsule(
                key: audit.id, commitment: capsuleKey.commitment(),
                sealedKey: try SealedKey.seal(capsuleKey.secret, to: audit, binding: binding),
                blob: try SealedPart.seal(
                    capsule, bucket: SealedPart.capsuleBucket, key: capsuleKey.secret, binding: binding))
        }
        return SealedMessage(
            binding: binding, commitment: commitment, recipients: recipients, sealedKeys: sealedKeys,
            recovery: recovery?.id, recoverySealedKey: recoverySealedKey, capsule: sealedCapsule,
            alert: try SealedPart.seal(
                alert(binding), bucket: SealedPart.alertBucket, key: key.alertKey(), binding: binding),
            content: try SealedPart.seal(
                content, bucket: SealedPart.contentBucket(for: content.count), key: key.contentKey(), binding: binding))
    }
}

/// The sealed parts of one message, and what its manifest says of them.
public struct SealedMessage: Sendable {
    /// The capsule and its key, sealed to the audit key.
    public struct Capsule: Sendable {
        public let key: PrekeyID
        public let commitment: Digest
        public let sealedKey: [UInt8]
        public let blob: [UInt8]
    }

    public let binding: Digest
    public let commitment: Digest
    fileprivate let recipients: [MessageSealer.Recipient]
    /// In the manifest's order.
    public let sealedKeys: [[UInt8]]
    fileprivate let recovery: PrekeyID?
    public let recoverySealedKey: [UInt8]?
    public let capsule: Capsule?
    public let alert: [UInt8]
    public let content: [UInt8]

    fileprivate init(
        binding: Digest, commitment: Digest, recipients: [MessageSealer.Recipient], sealedKeys: [[UInt8]],
        recovery: PrekeyID?, recoverySealedKey: [UInt8]?, capsule: Capsule?, alert: [UInt8], content: [UInt8]
    ) {
        self.binding = binding
        self.commitment = commitment
        self.recipients = recipients
        self.sealedKeys = sealedKeys
        self.recovery = recovery
        self.recoverySealedKey = recoverySealedKey
        self.capsule = capsule
        self.alert = alert
        self.content = content
    }

    /// The `to` lines.
    public var manifestRecipients: [Manifest.Recipient] {
        zip(recipients, sealedKeys).map { recipient, sealedKey in
            Manifest.Recipient(
                device: recipient.device, step: recipient.step, delaySeconds: recipient.delaySeconds,
                prekey: recipient.prekey.id, sealedKeyHash: Digest.sha256(sealedKey))
        }
    }

    public var manifestRecovery: Manifest.Recovery? {
        guard let recovery, let recoverySealedKey else { return nil }
        return Manifest.Recovery(key: recovery, sealedKeyHash: Digest.sha256(recoverySealedKey))
    }

    public var manifestCapsule: Manifest.Capsule? {
        capsule.map {
            Manifest.Capsule(
                key: $0.key, commitment: $0.commitment, sealedKeyHash: Digest.sha256($0.sealedKey),
                blob: Manifest.Blob(of: $0.blob))
        }
    }
}
