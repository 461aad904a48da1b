import DeviceStorage
import RelayAPI
import Sealing
import Secrets
import Statements

/// What a queue item carries beside its entry.
struct SealedItem {
    let sealedKey: [UInt8]
    let alert: [UInt8]
    let capsule: [UInt8]?
    let content: [UInt8]

    /// - Returns: `nil` when a part is missing or is not that of the manifest: the relay's fault.
    init?(_ item: QueueItem, manifest: Manifest, recipient: Manifest.Recipient) {
        func bytes(_ text: String?) -> [UInt8]? { text.flatMap { Base64.decode(Array($0.utf8)) } }
        guard let sealedKey = bytes(item.sealedKey), let alert = bytes(item.alert), let content = bytes(item.content),
            Digest.sha256(sealedKey) == recipient.sealedKeyHash, Manifest.Blob(of: alert) == manifest.alert,
            Manifest.Blob(of: content) == manifest.content
        else { return nil }
        let capsule = bytes(item.capsule)
        guard capsule.map({ Manifest.Blob(of: $0) }) == manifest.capsule?.blob else { return nil }
        self.sealedKey = sealedKey
        self.alert = alert
        self.capsule = capsule
        self.content = content
    }
}

/// What opening gave.
struct OpenedMessage {
    let key: KeptKey
    let content: [UInt8]
    let capsule: CapsuleVerdict
    let broken: [BrokenPromise]
}

/// A message's key in one place, for whoever stores it: secrets are not copied.
final class KeptKey: Sendable {
    let secret: SecretBytes

    init(_ secret: consuming SecretBytes) { self.secret = secret }
}

/// Why a message whose bytes are right does not open.
struct Undecryptable: Error {
    let reason: ReceiptReason
    /// The prekey was never ours.
    let isForeignPrekey: Bool
}

extension DeviceSession {
    /// Opens a message whose bytes match its manifest, noting each step.
    /// - Throws: ``Undecryptable``.
    func open(
        _ sealed: SealedItem, manifest: Manifest, recipient: Manifest.Recipient, senderKey: VerifyingKey,
        timer: inout StepTimer
    ) throws -> OpenedMessage {
        let id = recipient.prekey.description
        let known = try profile.store.look { try $0.prekey(id) }
        var notes = timer
        let opened = try profile.store.look { store in
            try store.withPrivatePrekey(id) { secret -> OpenedMessage in
                guard let key = EncapsulationPrivateKey(secret: secret) else {
                    throw Undecryptable(reason: .noPrekey, isForeignPrekey: false)
                }
                return try open(sealed, manifest: manifest, key: key, senderKey: senderKey, timer: &notes)
            }
        }
        timer = notes
        guard let opened else { throw Undecryptable(reason: .noPrekey, isForeignPrekey: known == nil) }
        return opened
    }

    private func open(
        _ sealed: SealedItem, manifest: Manifest, key: borrowing EncapsulationPrivateKey, senderKey: VerifyingKey,
        timer: inout StepTimer
    ) throws -> OpenedMessage {
        // Under what this manifest says of itself, whatever it says that its binding is: parts of another message, or of
        // another sender, do not open under it.
        let binding = manifest.bindingText.hash
        do {
            let messageKey = try MessageOpener.openKey(
                sealed.sealedKey, with: key, binding: binding,
                commitments: MessageOpener.Commitments(manifest))
            timer.note(
                .sealedKey,
                "our sealed key opened with prekey \(manifest.recipient(identity.device)?.prekey.description ?? "")")
            timer.note(.commitment, "the key is the one that the manifest commits to, for every recipient the same")
            let content = try MessageOpener.openContent(sealed.content, key: messageKey, binding: binding)
            timer.note(.content, "the content opened under the manifest's binding")
            var broken: [BrokenPromise] = []
            let verdict = capsuleVerdict(sealed, manifest, messageKey, content: content, broken: &broken)
            checkAlert(sealed, manifest, messageKey, senderKey: senderKey, broken: &broken)
            return OpenedMessage(
                key: KeptKey(messageKey.duplicate()), content: content, capsule: verdict, broken: broken)
        } catch {
            throw Undecryptable(reason: error.receiptReason ?? .seal, isForeignPrekey: false)
        }
    }

    private func capsuleVerdict(
        _ sealed: SealedItem, _ manifest: Manifest, _ key: borrowing MessageKey, content: [UInt8],
        broken: inout [BrokenPromise]
    ) -> CapsuleVerdict {
        guard let bytes = sealed.capsule else { return .none }
        let plaintext = try? MessageOpener.openCapsule(bytes, key: key, binding: manifest.binding)
        let verdict = plaintext.flatMap(CapsuleContent.init(plaintext:))?.verdict(on: content) ?? .differs
        if verdict == .differs {
            broken.append(BrokenPromise("capsule", "the sender's capsule for the auditor says something else"))
        }
        return verdict
    }

    /// The alert is the sender's, about this message, and says what the manifest says.
    private func checkAlert(
        _ sealed: SealedItem, _ manifest: Manifest, _ key: borrowing MessageKey, senderKey: VerifyingKey,
        broken: inout [BrokenPromise]
    ) {
        guard let plaintext = try? MessageOpener.openAlert(sealed.alert, key: key, binding: manifest.binding),
            let (alert, signature) = try? AlertText.parse(
                plaintext, organisation: identity.organisation, message: manifest.message, binding: manifest.binding),
            alert.sender == manifest.sender, alert.at == manifest.at, alert.urgency == manifest.urgency,
            senderKey.isValid(signature: signature, for: alert.signedText)
        else {
            broken.append(BrokenPromise("alert", "the sealed alert is not what the sender signed in the manifest"))
            return
        }
    }
}
