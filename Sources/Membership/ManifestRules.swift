public import Secrets
public import Statements

/// The rules of a manifest, at its place in the activity log. The relay refuses by them, a client labels by them, an
/// auditor finds by them.
public enum ManifestRules {
    /// The sealed sizes that suite 1 gives: content buckets, alert and capsule with 40 bytes of nonce and tag.
    public static let contentSizes: Set<UInt64> = [552, 2_088, 8_232, 32_808, 65_576]
    public static let alertSize: UInt64 = 552
    public static let capsuleSize: UInt64 = 1_064

    /// The sender's device and member, when the signature is exactly theirs.
    /// - Throws: ``RuleViolation``.
    public static func verifySender(
        _ manifest: Manifest, note: SignedNote, view: RosterView
    ) throws(RuleViolation) -> (device: Device, member: Member) {
        guard manifest.organisation == view.roster.organisation else {
            throw RuleViolation(.wrongOrganisation, "the manifest is of another organisation")
        }
        guard let device = view.device(manifest.sender) else { throw RuleViolation(.unknown, "the sending device") }
        do { try note.verify(exactly: [NoteKey(device: device.key)]) } catch {
            throw RuleViolation(.badSignature, "the manifest's signature")
        }
        guard view.liveDevice(manifest.sender) != nil, let member = view.member(device.member) else {
            throw RuleViolation(.signerRevoked, "the sending device is revoked or suspended")
        }
        return (device, member)
    }

    /// Everything that the roster in force at the manifest's place decides, the signature included.
    /// - Parameters:
    ///   - view: The roster of the last `roster` event before, at the entry's time.
    ///   - time: The entry's time.
    /// - Throws: ``RuleViolation``.
    public static func check(
        _ manifest: Manifest, note: SignedNote, view: RosterView, time: Timestamp
    ) throws(RuleViolation) {
        let sender = try verifySender(manifest, note: note, view: view)
        try ClockRules.check(at: manifest.at, entryTime: time, signatures: 1)
        guard manifest.seen.roster.size == view.size, manifest.seen.roster.root == view.roster.root(size: view.size)
        else { throw RuleViolation(.stale, "the roster that the sender saw is not the one in force") }
        guard let addressed = view.member(manifest.member), addressed.status == .active else {
            throw RuleViolation(.unknown, "the addressed member is not active")
        }
        guard view.mayWrite(from: sender.member, to: addressed) else {
            throw RuleViolation(.notPermitted, "the policy does not let this sender write to that member")
        }
        let life = manifest.expires.milliseconds(since: manifest.at)
        guard life <= Int64(view.policy.maximumLifespanSeconds) * 1000 else {
            throw RuleViolation(.outOfBounds, "the message would live longer than the policy permits")
        }
        try checkRecipients(manifest, view: view)
        try checkParts(manifest, view: view)
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

/// The rules of a receipt, at its place in the activity log.
public enum ReceiptRules {
    /// A device's receipts so far.
    public struct Chain: Hashable, Sendable {
        public let number: UInt64
        public let last: Digest?

        public init(number: UInt64, last: Digest?) {
            self.number = number
            self.last = last
        }

        public static let start = Chain(number: 0, last: nil)
    }

    /// - Parameters:
    ///   - manifest: The logged manifest of the message, and its hash.
    ///   - view: The roster in force at the receipt's place.
    ///   - chain: The device's receipts before this one.
    /// - Throws: ``RuleViolation``. A receipt's own time is never a reason to refuse it.
    public static func check(
        _ receipt: Receipt, note: SignedNote, manifest: Manifest, manifestHash: Digest, view: RosterView, chain: Chain
    ) throws(RuleViolation) {
        guard receipt.organisation == view.roster.organisation else {
            throw RuleViolation(.wrongOrganisation, "the receipt is of another organisation")
        }
        guard let device = view.device(receipt.device) else { throw RuleViolation(.unknown, "the receipting device") }
        do { try note.verify(exactly: [NoteKey(device: device.key)]) } catch {
            throw RuleViolation(.badSignature, "the receipt's signature")
        }
        guard view.liveDevice(receipt.device) != nil else {
            throw RuleViolation(.signerRevoked, "the receipting device is revoked or suspended")
        }
        guard receipt.message == manifest.message, receipt.manifest == manifestHash,
            manifest.recipient(receipt.device) != nil
        else { throw RuleViolation(.wrongMessage, "the message was not sealed to this device") }
        guard receipt.number == chain.number + 1, receipt.previous == chain.last else {
            throw RuleViolation(.brokenChain, "the receipt does not continue the device's receipts")
        }
    }
}

/// What a signer of the activity log had seen, against the trees of both logs at the statement's place.
public enum SeenRules {
    /// - Parameters:
    ///   - isSigned: Whether the log's signature on what was seen is true.
    ///   - root: The root of the log's first `size` entries; `nil` when the log is shorter at this place.
    /// - Throws: ``RuleViolation/Code/seenUnsigned`` or ``RuleViolation/Code/seenContradicts``.
    public static func check(
        _ seen: SeenBoth, isSigned: (LogKind, Seen) -> Bool, root: (LogKind, UInt64) -> Digest?
    ) throws(RuleViolation) {
        for log in LogKind.allCases {
            guard isSigned(log, seen[log]) else {
                throw RuleViolation(.seenUnsigned, "seen \(log.rawValue) is not signed by this log")
            }
            guard root(log, seen[log].size) == seen[log].root else {
                throw RuleViolation(.seenContradicts, "seen \(log.rawValue) is signed and is not a prefix of this log")
            }
        }
    }
}
