import FuzzSupport
import Sealing
import Secrets
import Statements

/// The story's one sealed message: everything fixed but what sealing draws at random, which is kept from the file.
struct SealedStory {
    /// The sealed bytes.
    struct Parts: Equatable {
        var sealedKeys: [[UInt8]]
        var recoverySealedKey: [UInt8]
        var auditSealedKey: [UInt8]
        var content: [UInt8]
        var alert: [UInt8]
        var capsule: [UInt8]
        var attachments: [[UInt8]]
    }

    static let at = Story.start.adding(seconds: 1_800)
    static let message = Fixed.message("call", at: at)
    static let content = Array(
        (#"{"schema":"nightbell.text/1","text":"Mrs. K., 71, crushing chest pain since 02:50","attachments":["#
            + #"{"id":"0e5a8d6c-43c3-8f6e-9d5b-1f0f6f6f8d10","kind":"recording","media_type":"audio/wav","bytes":65600,"#
            + #""sha256":"\#(Digest.sha256(files[0]).hex)","title":"call.wav"},"#
            + #"{"id":"0e5a8d6c-43c3-8f6e-9d5b-1f0f6f6f8d11","kind":"document","media_type":"text/plain","bytes":9,"#
            + #""sha256":"\#(Digest.sha256(files[1]).hex)","title":"ecg.txt"}]}"#).utf8)
    /// One of two chunks, one of one.
    static let files = [(0..<65_600).map { UInt8($0 % 251) }, Array("ST 3 mm\n\n".utf8)]
    static let capsule = Array(#"{"record_id":"r-1","patient":"MRN 0042","practice":"Grünwald","operator":"Ivy"}"#.utf8)
    static let alertText = TextValue(typed: "Chest pain, 71, since 02:50")!
    static let deviceKeys = ["device bo phone", "device bo tablet"]

    /// The claimed prekeys: a one-time one, and a fallback.
    static let prekeys: [(name: String, text: PrekeyText)] = zip(deviceKeys, [PrekeyPurpose.oneTime, .fallback]).map {
        (
            "prekey of \($0)",
            PrekeyText(
                organisation: Story.genesis.organisation, device: Fixed.device($0), purpose: $1,
                notAfter: Story.start.adding(seconds: 90 * 86_400),
                key: Fixed.encapsulationKey("prekey of \($0)").publicKey)
        )
    }

    static var key: MessageKey { MessageKey(SecretBytes(copying: Fixed.seed("message key"))) }

    static let sealer = MessageSealer(
        organisation: Story.genesis.organisation, message: message, sender: Fixed.device("device ivy"),
        recipients: zip(deviceKeys, prekeys).map {
            .init(device: Fixed.device($0), step: 0, delaySeconds: 0, prekey: $1.text)
        }, recovery: Fixed.recoveryKey().publicKey.encapsulation, audit: Fixed.encapsulationKey("audit key").publicKey)

    static let commitments = MessageOpener.Commitments(
        key: key.commitment(), capsule: Digest(capsuleCommitment)!)

    static let capsuleCommitment: [UInt8] = key.subkey(3).subkey(1, context: "nbcapsul").exposed()

    static let bindingText = BindingText(
        organisation: sealer.organisation, message: message, sender: sealer.sender, commitment: key.commitment(),
        recipients: sealer.recipients.map { .init(device: $0.device, prekey: $0.prekey.id) },
        recovery: sealer.recovery!.id,
        capsule: .init(key: sealer.audit!.id, commitment: commitments.capsule!))

    static func alert(_ binding: Digest) -> AlertText {
        AlertText(
            organisation: sealer.organisation, message: message, sender: sealer.sender, binding: binding, at: at,
            urgency: .urgent, text: alertText)
    }

    static func alertPlaintext(_ binding: Digest) -> [UInt8] {
        let alert = alert(binding)
        return alert.plaintext(signature: Fixed.signingKey("device ivy").signature(for: alert.signedText))
    }

    let parts: Parts
    var binding: Digest { Self.bindingText.hash }

    /// What is pushed to one of the recipients.
    func page(_ recipient: Int) -> Page {
        Page(
            message: Self.message, prekey: Self.sealer.recipients[recipient].prekey.id, binding: binding,
            sealedKey: parts.sealedKeys[recipient], sealedAlert: parts.alert)!
    }

    /// Keeps the sealed bytes of the file while they open, and seals anew otherwise.
    init(keeping kept: Parts?) throws {
        if let kept, Self.opens(kept) {
            parts = kept
            return
        }
        let sealed = try Self.sealer.seal(
            content: Self.content, capsule: Self.capsule, key: Self.key, alert: Self.alertPlaintext)
        parts = Parts(
            sealedKeys: sealed.sealedKeys, recoverySealedKey: sealed.recoverySealedKey!,
            auditSealedKey: sealed.capsule!.sealedKey, content: sealed.content, alert: sealed.alert,
            capsule: sealed.capsule!.blob,
            attachments: Self.files.enumerated().map { Self.seal($1, index: $0, binding: sealed.binding) })
        precondition(sealed.binding == binding && Self.opens(parts))
    }

    /// Whether every holder opens its part and finds what was sealed.
    static func opens(_ parts: Parts) -> Bool {
        let binding = bindingText.hash
        do {
            for (recipient, sealedKey) in zip(sealer.recipients, parts.sealedKeys) {
                let name = prekeys.first { $0.text.device == recipient.device }!.name
                try check(sealedKey, Fixed.encapsulationKey(name), parts)
            }
            try check(parts.recoverySealedKey, Fixed.recoveryKey().encapsulation, parts)
            let capsule = try MessageOpener.openCapsule(
                parts.capsule, sealedKey: parts.auditSealedKey, with: Fixed.encapsulationKey("audit key"),
                binding: binding, commitment: commitments.capsule!)
            guard parts.attachments.count == files.count else { return false }
            for (index, sealed) in parts.attachments.enumerated() {
                guard try open(sealed, index: index) == files[index] else { return false }
            }
            return capsule == Self.capsule && parts.sealedKeys.count == sealer.recipients.count
        } catch { return false }
    }

    private static func seal(_ file: [UInt8], index: Int, binding: Digest) -> [UInt8] {
        var sealer = AttachmentSealer(key: key, index: index, binding: binding)
        var sealed = sealer.header
        var rest = file[...]
        while rest.count >= Attachment.chunkByteCount {
            sealed += sealer.seal(Array(rest.prefix(Attachment.chunkByteCount)))
            rest = rest.dropFirst(Attachment.chunkByteCount)
        }
        return sealed + sealer.finish(Array(rest))
    }

    private static func open(_ sealed: [UInt8], index: Int) throws(SealingError) -> [UInt8] {
        guard let count = Attachment.chunkCount(sealedByteCount: UInt64(sealed.count)) else {
            throw SealingError(.attachment)
        }
        var opener = try AttachmentOpener(
            header: Array(sealed.prefix(Attachment.headerByteCount)), key: key, index: index, binding: bindingText.hash)
        var file: [UInt8] = []
        for chunk in 0..<count {
            let start = Attachment.headerByteCount + chunk * Attachment.sealedChunkByteCount
            file += try opener.open(
                Array(sealed[start..<(start + Attachment.sealedChunkByteCount)]), isLast: chunk == count - 1)
        }
        return file
    }

    private static func check(
        _ sealedKey: [UInt8], _ key: borrowing EncapsulationPrivateKey, _ parts: Parts
    ) throws(SealingError) {
        let binding = bindingText.hash
        let opened = try MessageOpener.openKey(sealedKey, with: key, binding: binding, commitments: commitments)
        let content = try MessageOpener.openContent(parts.content, key: opened, binding: binding)
        let alert = try MessageOpener.openAlert(parts.alert, key: opened, binding: binding)
        let capsule = try MessageOpener.openCapsule(parts.capsule, key: opened, binding: binding)
        guard content == Self.content, alert == alertPlaintext(binding), capsule == Self.capsule else {
            throw SealingError(.content)
        }
    }
}
