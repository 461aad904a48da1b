import Auditing
import Membership
import Sealing
package import Secrets
package import SignerSupport
package import Statements
import TransparencyLog

/// A message that was sent.
package struct Sent {
    package let message: MessageID
    package let manifest: Digest
    package let sender: DeviceID
    package let member: MemberID
    package let expires: Timestamp
    package let index: UInt64
    /// The members whom its entries concern.
    package let senders: [MemberID]
    /// Whether it answers another.
    package let isReply: Bool
    package let hasCapsule: Bool
}

/// A manifest whose fields a test may change; the binding follows unless it is set.
package struct ManifestDraft {
    package var organisation: OrganisationID
    package var seen: SeenBoth
    package var message: MessageID
    package var sender: DeviceID
    package var at: Timestamp
    package var expires: Timestamp
    package var urgency = Urgency.urgent
    package var member: MemberID
    package var reference: Manifest.Reference?
    package var commitment: Digest
    package var recipients: [Manifest.Recipient]
    package var without: [Manifest.Without]
    package var recovery: Manifest.Recovery?
    package var capsule: Manifest.Capsule?
    package var alert: Manifest.Blob
    package var content: Manifest.Blob
    package var binding: Digest

    package var manifest: Manifest {
        Manifest(
            organisation: organisation, seen: seen, message: message, sender: sender, at: at, expires: expires,
            urgency: urgency, member: member, reference: reference, commitment: commitment, recipients: recipients,
            without: without, recovery: recovery, capsule: capsule, alert: alert, content: content, binding: binding)
    }
}

/// A receipt whose fields a test may change.
package struct ReceiptDraft {
    package var organisation: OrganisationID
    package var seen: SeenBoth
    package var message: MessageID
    package var manifest: Digest
    package var device: DeviceID
    package var reason: ReceiptReason?
    package var capsule: CapsuleVerdict?
    package var at: Timestamp
    package var number: UInt64
    package var previous: Digest?
}

extension World {
    /// Seals and logs a message to all live devices of a member.
    /// - Parameters:
    ///   - without: A device that has no prekey.
    ///   - isSilent: Whether no event says that it cannot be delivered to a device that was left out.
    ///   - served: Devices that listen: the event stands in the message's batch.
    ///   - fallback: Whether the prekeys are the devices' fallback ones; each was said before, when it was claimed.
    ///   - other: A device that it is sealed to besides.
    ///   - recovery: The recovery key that it is sealed to, if not to the one in force.
    ///   - prekeys: The message whose prekeys are used; its own, unless a relay gives out the same ones twice.
    @discardableResult
    package func send(
        _ name: String, from sender: String = "ivy", to member: String = "bo", lifeSeconds: Int64 = 3_600,
        urgency: Urgency = .urgent, without: String? = nil, served: [String] = [],
        fallback: Bool = false, prekeys: String? = nil, also other: String? = nil,
        recovery: RecoveryPublicKey? = nil, capsule: String = #"{"patient":"p-1","sha256":"HASH"}"#,
        isSilent: Bool = false, by signer: String? = nil, reference: Manifest.Reference? = nil,
        carrying carried: Sent? = nil,
        change: (inout ManifestDraft) -> Void = { _ in }
    ) -> Sent {
        let sealed = seal(
            name, from: sender, to: member, without: without, prekeys: fallback ? "fallback" : prekeys ?? name,
            other: other, recovery: recovery ?? view.recoveryKey, capsule: capsule)
        var draft = ManifestDraft(
            organisation: organisation, seen: seen, message: .named(name), sender: .named(sender), at: now,
            expires: now.adding(seconds: lifeSeconds), urgency: urgency, member: .named(member),
            reference: carried.map { .forwardOf($0.message) } ?? reference, commitment: sealed.commitment,
            recipients: sealed.manifestRecipients,
            without: without.map { [.init(device: .named($0), reason: .noPrekey)] } ?? [],
            recovery: sealed.manifestRecovery, capsule: sealed.manifestCapsule, alert: .init(of: sealed.alert),
            content: .init(of: sealed.content),
            binding: sealed.binding)
        change(&draft)
        let manifest = draft.manifest
        let note = SignedNote(manifest.text, by: [.device(signer ?? sender)])
        let index = activity.append(Entry(time: now, body: note.bytes))
        var isReply = false
        if case .inReplyTo = manifest.reference { isReply = true }
        let sent = Sent(
            message: manifest.message, manifest: note.hash, sender: manifest.sender, member: manifest.member,
            expires: manifest.expires, index: index,
            senders: [view.device(manifest.sender)!.member] + (carried?.senders ?? []), isReply: isReply,
            hasCapsule: manifest.capsule != nil)
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
        open.append(sent)
        if let without, !isSilent {
            notify(sent, of: log(.undeliverable(.named(without), sent.message, .noPrekey)))
        }
        return sent
    }

    private func seal(
        _ name: String, from sender: String, to member: String, without: String?, prekeys: String, other: String?,
        recovery: RecoveryPublicKey?, capsule: String
    ) -> SealedMessage {
        let devices =
            view.liveDevices(of: .named(member)).map(\.id).filter { $0 != without.map { DeviceID.named($0) } }
            + (other.map { [.named($0)] } ?? [])
        let text = capsule.replacing("HASH", with: Digest.of(name).hex)
        let parts = [name, sender, prekeys, text, recovery?.id.description ?? ""] + devices.map(\.description)
        let sealed = sealed.message(parts) {
            let sealer = MessageSealer(
                organisation: organisation, message: .named(name), sender: .named(sender),
                recipients: devices.map { device in
                    .init(device: device, step: 0, delaySeconds: 0, prekey: prekey(prekeys, of: device))
                }, recovery: recovery?.encapsulation, audit: view.auditKey)
            return try! sealer.seal(
                content: Array(name.utf8), capsule: Array(text.utf8), key: MessageKey(),
                alert: { _ in Array("alert".utf8) })
        }
        if let capsule = sealed.capsule { capsules[.named(name)] = (capsule.sealedKey, capsule.blob) }
        return sealed
    }

    /// A device's prekey of this name: its fallback one, or the one for a message.
    package func prekey(_ name: String, of device: DeviceID) -> PrekeyText {
        PrekeyText(
            organisation: organisation, device: device, purpose: name == "fallback" ? .fallback : .oneTime,
            notAfter: World.start.adding(seconds: 30 * 86_400),
            key: EncapsulationPrivateKey.named("prekey \(name) \(device)").publicKey)
    }

    /// The relay has no one-time prekeys of a member's devices left, and says so before it gives out the fallback ones.
    @discardableResult
    package func claimFallbacks(_ name: String, of member: String) -> [UInt64] {
        view.liveDevices(of: .named(member)).map { device in
            log(.fallback(device.id, .named(name), prekey("fallback", of: device.id).id))
        }
    }

    /// Lets a message out to a device.
    @discardableResult
    package func serve(_ sent: Sent, to device: String) -> UInt64 {
        log(.served(.named(device), sent.message, .envelope))
    }

    /// Signs and logs a receipt.
    @discardableResult
    package func receipt(
        _ action: ReceiptAction, of sent: Sent, by device: String, signer: Signer? = nil,
        change: (inout ReceiptDraft) -> Void = { _ in }
    ) -> UInt64 {
        log(sign(action, of: sent, by: device, signer: signer, change: change), action, of: sent, by: device)
    }

    /// Signs a receipt that continues its device's chain.
    package func sign(
        _ action: ReceiptAction, of sent: Sent, by device: String, signer: Signer? = nil,
        change: (inout ReceiptDraft) -> Void = { _ in }
    ) -> SignedNote {
        let chain = chains[.named(device)] ?? (0, nil)
        var draft = ReceiptDraft(
            organisation: organisation, seen: seen, message: sent.message, manifest: sent.manifest,
            device: .named(device), reason: ReceiptReason.permitted(for: action)[0],
            capsule: action == .delivered ? (sent.hasCapsule ? .agrees : CapsuleVerdict.none) : nil, at: now,
            number: chain.number + 1, previous: chain.last)
        change(&draft)
        let receipt = Receipt(
            organisation: draft.organisation, seen: draft.seen, message: draft.message, manifest: draft.manifest,
            device: draft.device, action: action, reason: draft.reason, capsule: draft.capsule,
            filed: action == .filed ? .of("filed") : nil, at: draft.at, number: draft.number, previous: draft.previous,
            steps: .of("steps"))
        let note = SignedNote(receipt.text, by: [signer ?? .device(device)])
        chains[.named(device)] = (draft.number, note.hash)
        return note
    }

    /// Logs a signed receipt.
    @discardableResult
    package func log(_ note: SignedNote, _ action: ReceiptAction, of sent: Sent, by device: String) -> UInt64 {
        let index = activity.append(Entry(time: now, body: note.bytes))
        if action == .delivered { waiting[.named(device)]?.removeAll { $0.message == sent.message } }
        if [.acknowledged, .handedOff, .closed].contains(action) || (action == .delivered && sent.isReply) {
            open.removeAll { $0.message == sent.message }
        }
        notify(sent, of: index)
        return index
    }

    /// Serves, and takes a receipt of delivery.
    package func deliver(_ sent: Sent, to device: String) {
        serve(sent, to: device)
        wait(seconds: 1)
        receipt(.delivered, of: sent, by: device)
    }

    /// Sends a message and plays what one device says of it, a second apart.
    @discardableResult
    package func play(
        _ name: String, to device: String, lifeSeconds: Int64 = 3_600, urgency: Urgency = .urgent,
        _ actions: [ReceiptAction]
    ) -> Sent {
        let sent = send(name, to: device, lifeSeconds: lifeSeconds, urgency: urgency, served: [device])
        for action in actions {
            wait(seconds: 1)
            receipt(action, of: sent, by: device)
        }
        return sent
    }

    /// Says that a message expired unanswered.
    @discardableResult
    package func unanswered(_ sent: Sent) -> UInt64 {
        open.removeAll { $0.message == sent.message }
        let index = log(.unanswered(sent.message))
        notify(sent, of: index)
        return index
    }
}
