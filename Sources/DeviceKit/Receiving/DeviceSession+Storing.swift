import DeviceStorage
import Membership
import RelayAPI
import Secrets
import Statements

extension DeviceSession {
    /// Message, steps, receipt and queue position: one transaction.
    func storeOpened(
        _ received: ReceivedItem, _ opened: OpenedMessage, sender: Device, recipient: Manifest.Recipient,
        broken: [BrokenPromise], timer: inout StepTimer
    ) throws {
        for promise in opened.broken {
            try record(
                promise.promise == "capsule" ? .capsuleDiffers : .badAlert, promise.why,
                message: received.manifest.message, parts: received.parts)
        }
        let details = MessageDetails(
            entryIndex: received.index, manifestHash: received.note.hash.hex, manifest: received.manifest,
            member: sender.member, prekey: recipient.prekey, capsule: opened.capsule, broken: broken + opened.broken,
            quarantine: nil)
        try store(received, details, state: "stored", opened: opened, action: .delivered, timer: &timer)
    }

    /// What matches its manifest and does not open waits apart; the queue goes on.
    func quarantine(
        _ received: ReceivedItem, _ failure: Undecryptable, sender: Device, recipient: Manifest.Recipient,
        broken: [BrokenPromise], timer: inout StepTimer
    ) throws {
        let manifest = received.manifest
        if failure.isForeignPrekey {
            try record(
                .foreignPrekey, "a message was sealed to a prekey that this device never published",
                message: manifest.message, parts: received.parts)
        }
        try record(
            .undecryptable,
            "a message from \(manifest.sender) does not open (\(failure.reason.rawValue)); it waits in quarantine",
            message: manifest.message, parts: received.parts)
        let details = MessageDetails(
            entryIndex: received.index, manifestHash: received.note.hash.hex, manifest: manifest, member: sender.member,
            prekey: recipient.prekey, capsule: .none, broken: broken, quarantine: failure.reason)
        try store(received, details, state: "quarantined", opened: nil, action: .undecryptable, timer: &timer)
    }

    private func store(
        _ received: ReceivedItem, _ details: MessageDetails, state: String, opened: OpenedMessage?,
        action: ReceiptAction,
        timer: inout StepTimer
    ) throws {
        let time = connection.clock.now()
        let message = received.manifest.message
        let row = MessageRow(
            id: message.description, number: received.item.number, received: time.milliseconds, state: state,
            urgency: Urgency.allCases.firstIndex(of: details.urgency) ?? 0,
            summary: MessageSummary(details).bytes, envelope: APIJSON.encode(received.item),
            content: opened?.content, details: details.bytes)
        timer.note(.stored, opened == nil ? "kept in quarantine" : "stored under the store key")
        let notes = timer.take()
        try durably { step, lines in
            // Another process on this profile may have been faster.
            guard try step.add(row) else { return }
            if details.broken.contains(where: \.isOpen) { try step.setUncompared(message, to: true) }
            if let opened { try step.setMessageKey(row.id, to: opened.key.secret) }
            try addLink(of: received.manifest, content: opened?.content, in: step)
            lines += try StepLog.append(notes, at: time, to: step).lines
            if received.isProven {
                lines += try makeReceipt(
                    action, reason: details.quarantine, details: details, message: message, at: time, in: step)
                try step.advanceQueue(past: received.item.number, leaf: received.entry.leafHash)
            }
            try storeCheckpoints(step)
        }
    }

    /// A fallback prekey is for when no one-time prekey is left.
    func checkPrekeyUse(_ received: ReceivedItem, _ recipient: Manifest.Recipient) throws {
        let row = try profile.store.look { try $0.prekey(recipient.prekey.description) }
        guard row?.purpose == PrekeyPurpose.fallback.rawValue else { return }
        // The heads around the sealing: if both say that one-time keys were left, the relay kept them back.
        let heads = try profile.store.look { try $0.heads(limit: 200) }
            .compactMap { try? SignedNote(parsing: $0) }.compactMap { note in
                (try? Head(parsing: note.text)).map { ($0, note) }
            }
        let before = heads.first { $0.0.time <= received.manifest.at && $0.0.device != nil }
        let after = heads.last { $0.0.time > received.manifest.at && $0.0.device != nil }
        guard let before, let after, (before.0.device?.oneTimeLeft ?? 0) > 0, (after.0.device?.oneTimeLeft ?? 0) > 0,
            after.0.time.milliseconds(since: before.0.time) <= 300_000
        else { return }
        try record(
            .fallbackAbused, "the relay gave the fallback prekey away while one-time prekeys were left",
            message: received.manifest.message,
            parts: received.parts + [("head_before", before.1.bytes), ("head_after", after.1.bytes)])
    }
}
