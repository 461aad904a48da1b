public import Secrets
public import Statements

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

    /// The logged message that a receipt must be about.
    public struct Subject: Hashable, Sendable {
        public let message: MessageID
        /// Hash of the manifest.
        public let manifest: Digest
        /// The devices that it was sealed to.
        public let recipients: [DeviceID]
        /// The members whose messages carry this one on; `nil` for a reader who is not shown them.
        public let forwarders: Set<MemberID>?

        public init(message: MessageID, manifest: Digest, recipients: [DeviceID], forwarders: Set<MemberID>?) {
            self.message = message
            self.manifest = manifest
            self.recipients = recipients
            self.forwarders = forwarders
        }

        public init(_ manifest: Manifest, hash: Digest, forwarders: Set<MemberID>? = nil) {
            self.init(
                message: manifest.message, manifest: hash, recipients: manifest.recipients.map(\.device),
                forwarders: forwarders)
        }
    }

    /// - Parameters:
    ///   - view: The roster in force at the receipt's place.
    ///   - chain: The device's receipts before this one.
    /// - Throws: ``RuleViolation``. A receipt's own time is never a reason to refuse it.
    public static func check(
        _ receipt: Receipt, note: SignedNote, subject: Subject, view: RosterView, chain: Chain
    ) throws(RuleViolation) {
        try verifySignature(receipt, note: note, view: view)
        try checkPlace(receipt, subject: subject, view: view, chain: chain)
    }

    /// ``check(_:note:subject:view:chain:)`` for whoever verified many signatures at once, before their places were known.
    /// - Parameter isSigned: Whether the note carries exactly the signature of the device that it names.
    /// - Throws: ``RuleViolation``.
    public static func check(
        _ receipt: Receipt, isSigned: Bool, subject: Subject, view: RosterView, chain: Chain
    ) throws(RuleViolation) {
        try verifySignature(receipt, isSigned: isSigned, view: view)
        try checkPlace(receipt, subject: subject, view: view, chain: chain)
    }

    /// The signature alone.
    /// - Throws: ``RuleViolation/Code/unknown`` or ``RuleViolation/Code/badSignature``.
    public static func verifySignature(
        _ receipt: Receipt, note: SignedNote, view: RosterView
    ) throws(RuleViolation) {
        try verifySignature(receipt, view: view) { device in
            (try? note.verify(exactly: [NoteKey(device: device.key)])) != nil
        }
    }

    /// ``verifySignature(_:note:view:)`` for whoever verified many signatures at once, before their places were known.
    /// - Parameter isSigned: Whether the note carries exactly the signature of the device that it names.
    /// - Throws: ``RuleViolation/Code/unknown`` or ``RuleViolation/Code/badSignature``.
    public static func verifySignature(
        _ receipt: Receipt, isSigned: Bool, view: RosterView
    ) throws(RuleViolation) {
        try verifySignature(receipt, view: view) { _ in isSigned }
    }

    private static func verifySignature(
        _ receipt: Receipt, view: RosterView, isSigned: (Device) -> Bool
    ) throws(RuleViolation) {
        guard let device = view.device(receipt.device) else { throw RuleViolation(.unknown, "the receipting device") }
        guard isSigned(device) else { throw RuleViolation(.badSignature, "the receipt's signature") }
    }

    /// ``check(_:note:subject:view:chain:)`` without the signature.
    /// - Throws: ``RuleViolation``.
    public static func checkPlace(
        _ receipt: Receipt, subject: Subject, view: RosterView, chain: Chain
    ) throws(RuleViolation) {
        guard receipt.organisation == view.roster.organisation else {
            throw RuleViolation(.wrongOrganisation, "the receipt is of another organisation")
        }
        guard let device = view.liveDevice(receipt.device) else {
            throw RuleViolation(.signerRevoked, "the receipting device is revoked or suspended")
        }
        guard receipt.message == subject.message, receipt.manifest == subject.manifest,
            subject.recipients.contains(receipt.device)
        else { throw RuleViolation(.wrongMessage, "the message was not sealed to this device") }
        // Nobody is rid of a message before another has one that carries it on.
        if receipt.action == .handedOff, let forwarders = subject.forwarders, !forwarders.contains(device.member) {
            throw RuleViolation(.badReference, "nothing that its member sent before carries the message on")
        }
        guard receipt.number == chain.number + 1, receipt.previous == chain.last else {
            throw RuleViolation(.brokenChain, "the receipt does not continue the device's receipts")
        }
    }
}
