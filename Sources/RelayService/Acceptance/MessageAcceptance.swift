import Membership
import RelayAPI
import RelayStorage
import Secrets
import Statements

/// Accepts messages: all or nothing, everything in one transaction.
struct MessageAcceptance: Sendable {
    /// 24 hours: how long a claim is good.
    static let claimLifeSeconds: Int64 = 86_400

    let envelope: Envelope
    private let isWithinQuota: @Sendable (DeviceID, Timestamp) -> Bool

    /// - Parameters:
    ///   - envelope: Its hashes are checked by its type; its signature is checked here, before it waits for a batch.
    ///   - isWithinQuota: Asked last, for a message that is not logged yet.
    /// - Throws: `RuleViolation`.
    init(
        _ envelope: Envelope, view: RosterView, isWithinQuota: @escaping @Sendable (DeviceID, Timestamp) -> Bool
    ) throws(RuleViolation) {
        _ = try ManifestRules.verifySender(envelope.manifest, note: envelope.note, view: view)
        self.envelope = envelope
        self.isWithinQuota = isWithinQuota
    }

    private var manifest: Manifest { envelope.manifest }

    enum Written {
        case new(UInt64)
        case old(UInt64)
        /// Another message has the id; its manifest may stand in this very batch.
        case conflict(UInt64)

        var isNew: Bool { if case .new = self { true } else { false } }
    }

    func write(to batch: inout Batch) throws -> Written {
        let organisation = batch.organisation
        if let known = try batch.transaction.message(manifest.message, of: organisation) {
            guard known.manifest == envelope.note.hash, known.sender == manifest.sender else {
                return .conflict(known.index)
            }
            return .old(known.index)
        }
        try batch.check(manifest.seen)
        let view = batch.view
        try checkRecipients(view)
        let reference = try References.reference(of: manifest, in: batch.transaction)
        try ManifestRules.checkPlace(manifest, view: view, time: batch.time, reference: reference)
        try checkClaims(batch)
        let blobs = try uploaded(batch)
        guard isWithinQuota(manifest.sender, batch.time) else {
            throw Problems.quota("This device has sent its hour's quota of messages.", retryAfter: 60)
        }

        let place = try batch.appendActivity(envelope.note, message: manifest.message, isSought: false)
        guard let sender = view.device(manifest.sender)?.member else { throw RuleViolation(.unknown, "the sender") }
        let message = StoredMessage(
            id: manifest.message, index: place.index, manifest: envelope.note.hash, sender: manifest.sender,
            senderMember: sender, member: manifest.member, expires: manifest.expires,
            recipients: manifest.recipients.map(\.device), reference: manifest.reference)
        try batch.transaction.storeMessage(
            message,
            parts: StoredParts(
                alert: envelope.alert, capsule: envelope.capsule, capsuleSealedKey: envelope.capsuleSealedKey,
                recoverySealedKey: envelope.recoverySealedKey, content: envelope.content),
            sealedKeys: zip(manifest.recipients, envelope.sealedKeys).map { ($0.device, $1) }, of: organisation)
        try batch.transaction.attach(blobs, to: manifest.message, of: organisation)
        try batch.transaction.markClaimsUsed(of: manifest.message, of: organisation)
        try queue(message, at: place, in: &batch)
        if case .logged(let referred) = reference { try tell(referred, of: message, at: place, in: &batch) }
        return .new(place.index)
    }

    /// The senders of what this message carries on learn that it goes on, and to whom.
    private func tell(
        _ referred: ReferredMessage, of message: StoredMessage, at place: (index: UInt64, leafHash: LeafHash),
        in batch: inout Batch
    ) throws {
        guard case .forwardOf = manifest.reference else { return }
        let served = Set(manifest.recipients.filter { $0.step == 0 }.map(\.device))
        for member in References.others(referred.senders, than: message.senderMember) {
            try batch.notify(member, of: message.id, at: place, but: served)
        }
    }

    private func queue(
        _ message: StoredMessage, at place: (index: UInt64, leafHash: LeafHash), in batch: inout Batch
    ) throws {
        let byteCount = UInt64(
            envelope.content.count + envelope.alert.count + (envelope.capsule?.count ?? 0) + Envelope.sealedKeyByteCount
        )
        for (recipient, sealedKey) in zip(manifest.recipients, envelope.sealedKeys) where recipient.step == 0 {
            // The device listens: its bytes leave with the commit, so the event stands before them.
            let served = batch.listeners.hasRoom(recipient.device)
            try batch.enqueue(
                NewQueueItem(
                    kind: .envelope, index: place.index, leafHash: place.leafHash, message: message.id,
                    byteCount: byteCount, served: served),
                sealed: served
                    ? SealedParts(
                        sealedKey: sealedKey, alert: envelope.alert, capsule: envelope.capsule,
                        content: envelope.content) : nil,
                for: recipient.device)
            if served { _ = try batch.append(.served(recipient.device, message.id, .envelope)) }
            try batch.page(message, manifest.urgency, to: recipient.device, served: served)
            batch.then(.waits(recipient.device))
        }
        for device in manifest.without {
            let reason: RelayEvent.UndeliverableReason = device.reason == .noPrekey ? .noPrekey : .queueFull
            let undeliverable = try batch.append(.undeliverable(device.device, message.id, reason))
            try batch.notify(about: message, at: undeliverable)
        }
    }

    func answer(_ written: Written, _ batch: Batch) throws -> LoggedEntry {
        switch written {
        case .new(let index): return try batch.logged(.activity, at: index, seen: manifest.seen.activity.size)
        case .old(let index): return try batch.stored(.activity, at: index, seen: manifest.seen.activity.size)
        case .conflict(let index):
            var problem = Problem(
                .conflict, status: 409, detail: "Another message with this id was accepted before.",
                next: "Look at the logged manifest: if it is yours with the same binding, it was sent.")
            problem.statement = try batch.stored(.activity, at: index, seen: 0)
            throw problem
        }
    }

    /// Says which devices are missing or too many, which the rule alone would not.
    private func checkRecipients(_ view: RosterView) throws {
        guard let member = view.member(manifest.member), member.status == .active else { return }
        let required = Set(ManifestRules.requiredDevices(for: manifest.member, view: view).map(\.id))
        guard !required.isEmpty else { throw Problems.noDevice }
        let named = Set(manifest.recipients.map(\.device)).union(manifest.without.map(\.device))
        guard named != required else { return }
        var problem = Problem(
            .recipients, status: 409, detail: "The recipients are not exactly the devices that the roster requires.",
            next: "Fetch the roster, check these devices against it, and seal anew.")
        problem.missing = required.subtracting(named).map(\.description).sorted()
        problem.extra = named.subtracting(required).map(\.description).sorted()
        throw problem
    }

    /// The attachments that the manifest names: whole, and uploaded by this sender.
    private func uploaded(_ batch: Batch) throws -> [BlobNumber] {
        var missing: [Digest] = []
        var numbers: [BlobNumber] = []
        for attachment in manifest.attachments {
            let blob = try batch.transaction.upload(attachment.hash, by: manifest.sender, of: batch.organisation)
            guard let blob, blob.isComplete, blob.size == attachment.size else {
                missing.append(attachment.hash)
                continue
            }
            numbers.append(blob.number)
        }
        guard missing.isEmpty else { throw Problems.blobsMissing(missing) }
        return numbers
    }

    /// Every prekey was claimed by this sender for this message, and every device left out was one that had none.
    private func checkClaims(_ batch: Batch) throws {
        var stale: [DeviceID] = []
        let oldest = batch.time.adding(seconds: -Self.claimLifeSeconds)
        func claim(_ device: DeviceID) throws -> StoredClaim? {
            guard let claim = try batch.transaction.claim(of: manifest.message, for: device, of: batch.organisation),
                claim.claimant == manifest.sender, claim.at > oldest
            else { return nil }
            return claim
        }
        for recipient in manifest.recipients {
            if try claim(recipient.device)?.prekey?.id != recipient.prekey { stale.append(recipient.device) }
        }
        for device in manifest.without {
            guard let claim = try claim(device.device), claim.prekey == nil, claim.without == device.reason else {
                stale.append(device.device)
                continue
            }
        }
        guard stale.isEmpty else {
            var problem = Problem(
                .unclaimed, status: 409,
                detail: "A prekey was not claimed by this device for this message, or its claim is over.",
                next: "Claim again, under a new message id when a day has passed, and seal anew.")
            problem.stale = stale.map(\.description)
            throw problem
        }
    }
}

extension Problems {
    static let noDevice = Problem(
        .noDevice, status: 409, detail: "The addressed member has no device that could receive this.",
        next: "Call by telephone, or send to somebody else. An admin can invite a device for this member.")

    /// The statement that did it and its proof are added where it is sent.
    static let revoked = Problem(
        .revoked, status: 403, detail: "This device is revoked, or its member suspended.",
        next: "Ask an admin of your organisation for a new invitation.")
}
