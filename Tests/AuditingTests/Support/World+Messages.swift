import Auditing
import Membership
import Sealing
import Secrets
import SignerSupport
import Statements
import TransparencyLog

/// A message that was sent.
struct Sent {
    let message: MessageID
    let manifest: Digest
    let sender: DeviceID
    let member: MemberID
    let expires: Timestamp
    let index: UInt64
    /// The members whom its entries concern.
    let senders: [MemberID]
}

/// A manifest whose fields a test may change; the binding follows unless it is set.
struct ManifestDraft {
    var organisation: OrganisationID
    var seen: SeenBoth
    var message: MessageID
    var sender: DeviceID
    var at: Timestamp
    var expires: Timestamp
    var urgency = Urgency.urgent
    var member: MemberID
    var reference: Manifest.Reference?
    var commitment: Digest
    var recipients: [Manifest.Recipient]
    var without: [Manifest.Without]
    var capsule: Manifest.Capsule?
    var alert: Manifest.Blob
    var content: Manifest.Blob
    var binding: Digest

    var manifest: Manifest {
        Manifest(
            organisation: organisation, seen: seen, message: message, sender: sender, at: at, expires: expires,
            urgency: urgency, member: member, reference: reference, commitment: commitment, recipients: recipients,
            without: without, recovery: nil, capsule: capsule, alert: alert, content: content, binding: binding)
    }
}

/// A receipt whose fields a test may change.
struct ReceiptDraft {
    var seen: SeenBoth
    var message: MessageID
    var manifest: Digest
    var device: DeviceID
    var reason: ReceiptReason?
    var capsule: CapsuleVerdict?
    var at: Timestamp
    var number: UInt64
    var previous: Digest?
}

extension World {
    /// Seals and logs a message to all live devices of a member.
    /// - Parameters:
    ///   - without: A device that has no prekey.
    ///   - served: Devices that listen: the event stands in the message's batch.
    @discardableResult
    func send(
        _ name: String, from sender: String = "ivy", to member: String = "bo", lifeSeconds: Int64 = 3_600,
        without: String? = nil, served: [String] = [], capsule: String = #"{"patient":"p-1","sha256":"HASH"}"#,
        by signer: String? = nil, reference: Manifest.Reference? = nil, carrying carried: Sent? = nil,
        change: (inout ManifestDraft) -> Void = { _ in }
    ) -> Sent {
        let sealed = seal(name, from: sender, to: member, without: without, capsule: capsule)
        var draft = ManifestDraft(
            organisation: organisation, seen: seen, message: .named(name), sender: .named(sender), at: now,
            expires: now.adding(seconds: lifeSeconds), member: .named(member),
            reference: carried.map { .forwardOf($0.message) } ?? reference, commitment: sealed.commitment,
            recipients: sealed.manifestRecipients,
            without: without.map { [.init(device: .named($0), reason: .noPrekey)] } ?? [],
            capsule: sealed.manifestCapsule, alert: .init(of: sealed.alert), content: .init(of: sealed.content),
            binding: sealed.binding)
        change(&draft)
        let manifest = draft.manifest
        let note = SignedNote(manifest.text, by: [.device(signer ?? sender)])
        let index = activity.append(Entry(time: now, body: note.bytes))
        let sent = Sent(
            message: manifest.message, manifest: note.hash, sender: manifest.sender, member: manifest.member,
            expires: manifest.expires, index: index,
            senders: [view.device(manifest.sender)!.member] + (carried?.senders ?? []))
        for recipient in manifest.recipients {
            enqueue(index, for: recipient.device)
            waiting[recipient.device, default: []].append(sent)
        }
        for member in Set(sent.senders.dropFirst()).subtracting(sent.senders.prefix(1)) {
            for device in view.liveDevices(of: member)
            where !manifest.recipients.contains(where: { $0.device == device.id }) {
                enqueue(index, for: device.id)
            }
        }
        for device in served { log(.served(.named(device), sent.message, .envelope)) }
        if let without {
            notify(sent, of: log(.undeliverable(.named(without), sent.message, .noPrekey)))
        }
        return sent
    }

    private func seal(
        _ name: String, from sender: String, to member: String, without: String?, capsule: String
    ) -> SealedMessage {
        let devices = view.liveDevices(of: .named(member)).filter { $0.id != without.map { DeviceID.named($0) } }
        let sealer = MessageSealer(
            organisation: organisation, message: .named(name), sender: .named(sender),
            recipients: devices.map { device in
                let prekey = PrekeyText(
                    organisation: organisation, device: device.id, purpose: .oneTime,
                    notAfter: now.adding(seconds: 86_400),
                    key: EncapsulationPrivateKey.named("prekey \(name) \(device.id)").publicKey)
                return .init(device: device.id, step: 0, delaySeconds: 0, prekey: prekey)
            }, recovery: nil, audit: view.auditKey)
        let text = capsule.replacing("HASH", with: Digest.of(name).hex)
        let sealed = try! sealer.seal(
            content: Array(name.utf8), capsule: Array(text.utf8), key: MessageKey(), alert: { _ in Array("alert".utf8) }
        )
        if let capsule = sealed.capsule { capsules[.named(name)] = (capsule.sealedKey, capsule.blob) }
        return sealed
    }

    /// Lets a message out to a device.
    @discardableResult
    func serve(_ sent: Sent, to device: String) -> UInt64 { log(.served(.named(device), sent.message, .envelope)) }

    /// Signs and logs a receipt.
    @discardableResult
    func receipt(
        _ action: ReceiptAction, of sent: Sent, by device: String, signer: Signer? = nil,
        change: (inout ReceiptDraft) -> Void = { _ in }
    ) -> UInt64 {
        let chain = chains[.named(device)] ?? (0, nil)
        var draft = ReceiptDraft(
            seen: seen, message: sent.message, manifest: sent.manifest, device: .named(device),
            reason: ReceiptReason.permitted(for: action)[0], capsule: action == .delivered ? .agrees : nil, at: now,
            number: chain.number + 1, previous: chain.last)
        change(&draft)
        let receipt = Receipt(
            organisation: organisation, seen: draft.seen, message: draft.message, manifest: draft.manifest,
            device: draft.device, action: action, reason: draft.reason, capsule: draft.capsule,
            filed: action == .filed ? .of("filed") : nil, at: draft.at, number: draft.number, previous: draft.previous,
            steps: .of("steps"))
        let note = SignedNote(receipt.text, by: [signer ?? .device(device)])
        chains[.named(device)] = (draft.number, note.hash)
        let index = activity.append(Entry(time: now, body: note.bytes))
        if action == .delivered { waiting[.named(device)]?.removeAll { $0.message == sent.message } }
        notify(sent, of: index)
        return index
    }

    /// Serves, and takes a receipt of delivery.
    func deliver(_ sent: Sent, to device: String) {
        serve(sent, to: device)
        wait(seconds: 1)
        receipt(.delivered, of: sent, by: device)
    }

    /// Says that a message expired unanswered.
    @discardableResult
    func unanswered(_ sent: Sent) -> UInt64 {
        let index = log(.unanswered(sent.message))
        notify(sent, of: index)
        return index
    }
}
