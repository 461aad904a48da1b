import DeviceKit
import Membership
import RelayAPI
import Secrets
import Statements
import Testing
import TransparencyLog

@testable import Sealing

/// A member's own device with somebody dishonest at it: it claims, seals and signs as the real client does, and between
/// the steps a test changes what it likes.
final class LyingSender {
    let world: LieWorld
    let who: Who
    let signer: RequestSigner
    let session: DeviceSession

    private init(_ world: LieWorld, _ who: Who) throws {
        self.world = world
        self.who = who
        signer = try world.signer(of: who)
        session = try world.session(of: who)
    }

    /// Lends one.
    static func at<Result>(
        _ who: Who, of world: LieWorld, _ body: (LyingSender) async throws -> Result
    ) async throws -> Result {
        let sender = try LyingSender(world, who)
        do {
            try await sender.session.refresh()
            let result = try await body(sender)
            await sender.session.close()
            return result
        } catch {
            await sender.session.close()
            throw error
        }
    }

    /// Seals a text or record as it should be, and keeps the message's key for worse.
    /// - Parameter capsule: What the auditor is told in place of the truth.
    func letter(
        _ content: MessageContent, to member: Who, key: borrowing MessageKey = MessageKey(),
        capsule: CapsuleContent? = nil
    ) async throws -> LyingLetter {
        let message = MessageID.make(at: .now())
        let prekeys = try await claim(message, for: world.member(member))
        let view = session.view
        let sealer = MessageSealer(
            organisation: world.keys.organisation, message: message, sender: world.device(who), recipients: prekeys,
            recovery: view.recoveryKey?.encapsulation, audit: view.auditKey)
        let at = Timestamp.now()
        let parts = try sealer.seal(
            content: content.plaintext, capsule: try (capsule ?? CapsuleContent(of: content, patient: nil)).plaintext,
            key: key
        ) { binding in
            let alert = AlertText(
                organisation: world.keys.organisation, message: message, sender: world.device(who), binding: binding,
                at: at, urgency: .urgent, text: TextValue(typed: "call")!)
            return alert.plaintext(signature: signer.key.signature(for: alert.signedText))
        }
        return LyingLetter(
            organisation: world.keys.organisation, seen: seen, message: message, sender: world.device(who), at: at,
            member: world.member(member), prekeys: sealer.recipients.map(\.prekey), parts: parts)
    }

    /// What this device had seen.
    var seen: SeenBoth {
        SeenBoth(roster: session.checkpoints[.roster]!.seen, activity: session.checkpoints[.activity]!.seen)
    }

    private func claim(_ message: MessageID, for member: MemberID) async throws -> [MessageSealer.Recipient] {
        let devices = ManifestRules.requiredDevices(for: member, view: session.view)
        let answer = try await session.connection.answer(
            to: .post(
                APIPath.claims(world.keys.organisation),
                json: ClaimRequest(message: message.description, devices: devices.map(\.id.description))),
            signer: signer, as: ClaimAnswer.self)
        return try zip(devices, answer.prekeys).map { device, claimed in
            let shape = try #require(claimed.prekey)
            let signed = try SignedPrekey(
                text: Array(shape.text.utf8), signature: Base64.decode(Array(shape.signature.utf8)) ?? [],
                key: device.key)
            return MessageSealer.Recipient(device: device.id, step: 0, delaySeconds: 0, prekey: signed.prekey)
        }
    }

    /// Posts an envelope.
    /// - Throws: `RelayRefusal`.
    func post(_ envelope: Envelope) async throws {
        _ = try await session.connection.answer(
            to: .post(
                APIPath.messages(world.keys.organisation), bytes: envelope.bytes, type: "application/octet-stream"),
            signer: nil, as: LoggedEntry.self)
    }

    /// Posts what the relay must not take.
    /// - Returns: The code of its problem.
    func refusal(of envelope: Envelope) async throws -> String {
        do {
            try await post(envelope)
            return "accepted"
        } catch let refusal as RelayRefusal {
            return refusal.problem.code.rawValue
        }
    }
}

/// A message between sealing and signing, open to every change.
struct LyingLetter: Sendable {
    let organisation: OrganisationID
    var seen: SeenBoth
    var message: MessageID
    var sender: DeviceID
    var at: Timestamp
    var member: MemberID
    var reference: Manifest.Reference?
    /// In the manifest's order; empty for a letter that was taken from another's envelope.
    var prekeys: [PrekeyText] = []
    var commitment: Digest
    var recipients: [(device: DeviceID, prekey: PrekeyID)]
    var sealedKeys: [[UInt8]]
    var recovery: PrekeyID?
    var recoverySealedKey: [UInt8]?
    var capsule: (key: PrekeyID, commitment: Digest, sealedKey: [UInt8], blob: [UInt8])?
    var alert: [UInt8]
    var content: [UInt8]
    /// What the manifest says; ``trueBinding`` unless it lies.
    var binding: Digest

    init(
        organisation: OrganisationID, seen: SeenBoth, message: MessageID, sender: DeviceID, at: Timestamp,
        member: MemberID, prekeys: [PrekeyText], parts: SealedMessage
    ) {
        self.organisation = organisation
        self.seen = seen
        self.message = message
        self.sender = sender
        self.at = at
        self.member = member
        self.prekeys = prekeys
        commitment = parts.commitment
        recipients = parts.manifestRecipients.map { ($0.device, $0.prekey) }
        sealedKeys = parts.sealedKeys
        recovery = parts.manifestRecovery?.key
        recoverySealedKey = parts.recoverySealedKey
        capsule = parts.capsule.map { ($0.key, $0.commitment, $0.sealedKey, $0.blob) }
        alert = parts.alert
        content = parts.content
        binding = parts.binding
    }

    /// Somebody's envelope, opened for changes.
    init(_ envelope: Envelope) {
        let manifest = envelope.manifest
        organisation = manifest.organisation
        seen = manifest.seen
        message = manifest.message
        sender = manifest.sender
        at = manifest.at
        member = manifest.member
        commitment = manifest.commitment
        recipients = manifest.recipients.map { ($0.device, $0.prekey) }
        sealedKeys = envelope.sealedKeys
        recovery = manifest.recovery?.key
        recoverySealedKey = envelope.recoverySealedKey
        if let said = manifest.capsule, let sealedKey = envelope.capsuleSealedKey, let blob = envelope.capsule {
            capsule = (said.key, said.commitment, sealedKey, blob)
        }
        alert = envelope.alert
        content = envelope.content
        binding = manifest.binding
    }

    /// The binding that the rest of the manifest gives.
    var trueBinding: Digest {
        BindingText(
            organisation: organisation, message: message, sender: sender, commitment: commitment,
            recipients: recipients.map { .init(device: $0.device, prekey: $0.prekey) }, recovery: recovery,
            capsule: capsule.map { .init(key: $0.key, commitment: $0.commitment) }
        ).hash
    }

    /// Signs it, with hashes of the parts as they are now.
    func signed(by signer: RequestSigner) throws -> Envelope {
        let manifest = Manifest(
            organisation: organisation, seen: seen, message: message, sender: sender, at: at,
            expires: at.adding(seconds: 3_600), urgency: .urgent, member: member, reference: reference,
            commitment: commitment,
            recipients: zip(recipients, sealedKeys).map { recipient, sealedKey in
                Manifest.Recipient(
                    device: recipient.device, step: 0, delaySeconds: 0, prekey: recipient.prekey,
                    sealedKeyHash: Digest.sha256(sealedKey))
            }, without: [],
            recovery: recovery.flatMap { key in
                recoverySealedKey.map { Manifest.Recovery(key: key, sealedKeyHash: Digest.sha256($0)) }
            },
            capsule: capsule.map {
                Manifest.Capsule(
                    key: $0.key, commitment: $0.commitment, sealedKeyHash: Digest.sha256($0.sealedKey),
                    blob: Manifest.Blob(of: $0.blob))
            }, alert: Manifest.Blob(of: alert), content: Manifest.Blob(of: content), binding: binding)
        return try Envelope(
            note: SignedNote(text: manifest.text, signedBy: signer.key, as: signer.keyID), manifest: manifest,
            sealedKeys: sealedKeys, recoverySealedKey: recoverySealedKey, capsuleSealedKey: capsule?.sealedKey,
            alert: alert, capsule: capsule?.blob, content: content)
    }

    /// Seals another key to one recipient than to the others.
    mutating func reseal(_ device: DeviceID, with key: borrowing MessageKey) throws {
        let place = try #require(recipients.firstIndex { $0.device == device })
        sealedKeys[place] = try SealedKey.seal(key.duplicate(), to: prekeys[place].key, binding: binding)
    }
}
