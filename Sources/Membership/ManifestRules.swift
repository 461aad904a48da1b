import Secrets
public import Statements

/// The rules of a manifest, at its place in the activity log. The relay refuses by them, a client labels by them, an
/// auditor finds by them.
public enum ManifestRules {
    /// The sealed sizes that suite 1 gives: content buckets, alert and capsule with 40 bytes of nonce and tag.
    public static let contentSizes: Set<UInt64> = [552, 2_088, 8_232, 32_808, 65_576]
    public static let alertSize: UInt64 = 552
    public static let capsuleSize: UInt64 = 1_064
    /// 24 bytes in front, then whole chunks of 65,553: a file of 25 MiB with its padding has 401 of them.
    public static let attachmentHeaderSize: UInt64 = 24
    public static let attachmentChunkSize: UInt64 = 65_553
    public static let attachmentChunks: ClosedRange<UInt64> = 1...401
    /// All attachments of a message together: 64 MiB.
    public static let attachmentChunksTogether: UInt64 = 1_024

    /// How many chunks sealed bytes of this size hold; `nil` for a size that suite 1 does not give.
    public static func attachmentChunkCount(size: UInt64) -> UInt64? {
        guard size > attachmentHeaderSize, (size - attachmentHeaderSize).isMultiple(of: attachmentChunkSize) else {
            return nil
        }
        let count = (size - attachmentHeaderSize) / attachmentChunkSize
        return attachmentChunks.contains(count) ? count : nil
    }

    /// The sender's device and member, when the signature is exactly theirs.
    /// - Throws: ``RuleViolation``.
    public static func verifySender(
        _ manifest: Manifest, note: SignedNote, view: RosterView
    ) throws(RuleViolation) -> (device: Device, member: Member) {
        let device = try signer(of: manifest, view: view) { device in
            (try? note.verify(exactly: [NoteKey(device: device.key)])) != nil
        }
        return (device, try standing(of: manifest, view: view))
    }

    private static func signer(
        of manifest: Manifest, view: RosterView, isSigned: (Device) -> Bool
    ) throws(RuleViolation) -> Device {
        guard manifest.organisation == view.roster.organisation else {
            throw RuleViolation(.wrongOrganisation, "the manifest is of another organisation")
        }
        guard let device = view.device(manifest.sender) else { throw RuleViolation(.unknown, "the sending device") }
        guard isSigned(device) else { throw RuleViolation(.badSignature, "the manifest's signature") }
        return device
    }

    private static func standing(of manifest: Manifest, view: RosterView) throws(RuleViolation) -> Member {
        guard manifest.organisation == view.roster.organisation else {
            throw RuleViolation(.wrongOrganisation, "the manifest is of another organisation")
        }
        guard let device = view.liveDevice(manifest.sender), let member = view.member(device.member) else {
            throw RuleViolation(.signerRevoked, "the sending device is revoked or suspended")
        }
        return member
    }

    /// Everything that the roster in force at the manifest's place decides, the signature included.
    /// - Parameters:
    ///   - view: The roster of the last `roster` event before, at the entry's time.
    ///   - time: The entry's time.
    ///   - reference: What is logged before of the message that it refers to.
    /// - Throws: ``RuleViolation``.
    public static func check(
        _ manifest: Manifest, note: SignedNote, view: RosterView, time: Timestamp, reference: Reference
    ) throws(RuleViolation) {
        _ = try verifySender(manifest, note: note, view: view)
        try checkPlace(manifest, view: view, time: time, reference: reference)
    }

    /// ``check(_:note:view:time:reference:)`` for whoever verified many signatures at once, before their places were known.
    /// - Parameter isSigned: Whether the note carries exactly the signature of the device that it names as its sender.
    /// - Throws: ``RuleViolation``.
    public static func check(
        _ manifest: Manifest, isSigned: Bool, view: RosterView, time: Timestamp, reference: Reference
    ) throws(RuleViolation) {
        _ = try signer(of: manifest, view: view) { _ in isSigned }
        try checkPlace(manifest, view: view, time: time, reference: reference)
    }

    /// ``check(_:note:view:time:reference:)`` without the signature, for whoever verified it before the manifest had a place.
    /// - Throws: ``RuleViolation``.
    public static func checkPlace(
        _ manifest: Manifest, view: RosterView, time: Timestamp, reference: Reference
    ) throws(RuleViolation) {
        let sender = try standing(of: manifest, view: view)
        try ClockRules.check(at: manifest.at, entryTime: time, signatures: 1)
        guard manifest.seen.roster.size == view.size, manifest.seen.roster.root == view.roster.root(size: view.size)
        else { throw RuleViolation(.stale, "the roster that the sender saw is not the one in force") }
        guard let addressed = view.member(manifest.member), addressed.status == .active else {
            throw RuleViolation(.unknown, "the addressed member is not active")
        }
        // Whoever opens every capsule opens no message, whatever else they are.
        guard !addressed.roles.contains(.auditor) else {
            throw RuleViolation(.notPermitted, "nobody writes to an auditor")
        }
        try checkReference(manifest, sender: sender.id, reference)
        guard view.mayWrite(from: sender, to: addressed) || mayAnswer(manifest, sender: sender.id, reference) else {
            throw RuleViolation(.notPermitted, "the policy does not let this sender write to that member")
        }
        let life = manifest.expires.milliseconds(since: manifest.at)
        guard life <= Int64(view.policy.maximumLifespanSeconds) * 1000 else {
            throw RuleViolation(.outOfBounds, "the message would live longer than the policy permits")
        }
        try checkRecipients(manifest, view: view)
        try checkParts(manifest, view: view)
    }

    /// A reply stays among those whom its message concerns; whoever carries a message on has it or sent it, and makes it
    /// neither more nor less urgent, nor longer-lived.
    private static func checkReference(
        _ manifest: Manifest, sender: MemberID, _ reference: Reference
    ) throws(RuleViolation) {
        switch (manifest.reference, reference) {
        case (nil, _), (_, .notShown): return
        case (.inReplyTo(let message), .logged(let referred)):
            guard referred.message == message, referred.concerns(sender), referred.concerns(manifest.member) else {
                throw RuleViolation(.badReference, "a reply from or to somebody whom its message does not concern")
            }
        case (.forwardOf(let message), .logged(let referred)):
            guard referred.message == message, sender == referred.member || sender == referred.senders.first else {
                throw RuleViolation(.badReference, "a message carried on by somebody who neither has nor sent it")
            }
            guard manifest.urgency == referred.urgency,
                manifest.expires.milliseconds(since: manifest.at) <= referred.lifeMilliseconds,
                referred.senders.count <= ReferredMessage.maximumForwards
            else {
                throw RuleViolation(
                    .badReference, "a message carried on with another urgency, for longer, or more than 8 times")
            }
        case (_, .absent): throw RuleViolation(.badReference, "the message that is referred to is not logged before")
        }
    }

    /// Who was written to may answer, whatever the policy says of their roles.
    public static func mayAnswer(_ manifest: Manifest, sender: MemberID, _ reference: Reference) -> Bool {
        guard case .inReplyTo = manifest.reference else { return false }
        return switch reference {
        case .absent: false
        case .notShown: true
        case .logged(let referred): sender == referred.member && referred.senders.contains(manifest.member)
        }
    }

    /// The devices that a message to this member must be sealed to, or name as `without`.
    public static func requiredDevices(for member: MemberID, view: RosterView) -> [Device] {
        view.liveDevices(of: member)
    }

    private static func checkRecipients(_ manifest: Manifest, view: RosterView) throws(RuleViolation) {
        let required = Set(requiredDevices(for: manifest.member, view: view).map(\.id))
        let named = Set(manifest.recipients.map(\.device)).union(manifest.without.map(\.device))
        guard named == required, named.count == manifest.recipients.count + manifest.without.count else {
            throw RuleViolation(.wrongRecipients, "the recipients are not exactly the member's live devices")
        }
        guard manifest.recipients.allSatisfy({ $0.step == 0 && $0.delaySeconds == 0 }) else {
            throw RuleViolation(.wrongRecipients, "a message to a member has no later steps")
        }
    }

    private static func checkParts(_ manifest: Manifest, view: RosterView) throws(RuleViolation) {
        guard contentSizes.contains(manifest.content.size), manifest.alert.size == alertSize,
            manifest.capsule.map({ $0.blob.size == capsuleSize }) ?? true
        else { throw RuleViolation(.outOfBounds, "a sealed part has a size that suite 1 does not give") }
        let chunks = manifest.attachments.map { attachmentChunkCount(size: $0.size) }
        guard !chunks.contains(nil), chunks.reduce(0, { $0 + ($1 ?? 0) }) <= attachmentChunksTogether else {
            throw RuleViolation(
                .outOfBounds, "the attachments have sizes that suite 1 does not give, or too much together")
        }
        guard manifest.recovery?.key == view.recoveryKey?.id else {
            throw RuleViolation(.wrongBinding, "the recovery key is not the one in force")
        }
        guard manifest.capsule?.key == view.auditKey?.id else {
            throw RuleViolation(.wrongBinding, "the audit key is not the one in force")
        }
        guard manifest.bindingText.hash == manifest.binding else {
            throw RuleViolation(.wrongBinding, "the binding is not the hash of what the manifest says")
        }
    }
}
