public import Secrets

/// The sender's statement of one message: who, to whom, when, and the hashes of every sealed part.
public struct Manifest: StatementText {
    public static let type: StaticString = "nightbell.manifest/v1"
    /// 256.
    public static let maximumRecipients = 256
    /// 10.
    public static let maximumAttachments = 10
    /// The only suite there is.
    public static let suite: UInt64 = 1

    /// One recipient device.
    public struct Recipient: Hashable, Sendable {
        public let device: DeviceID
        /// 0 is released at once; a later step by escalation.
        public let step: UInt64
        public let delaySeconds: UInt64
        public let prekey: PrekeyID
        public let sealedKeyHash: Digest

        public init(device: DeviceID, step: UInt64, delaySeconds: UInt64, prekey: PrekeyID, sealedKeyHash: Digest) {
            self.device = device
            self.step = step
            self.delaySeconds = delaySeconds
            self.prekey = prekey
            self.sealedKeyHash = sealedKeyHash
        }
    }

    /// A device of the addressed that could not be sealed to.
    public struct Without: Hashable, Sendable {
        public let device: DeviceID
        public let reason: WithoutReason

        public init(device: DeviceID, reason: WithoutReason) {
            self.device = device
            self.reason = reason
        }
    }

    /// The recovery key as one more recipient.
    public struct Recovery: Hashable, Sendable {
        public let key: PrekeyID
        public let sealedKeyHash: Digest

        public init(key: PrekeyID, sealedKeyHash: Digest) {
            self.key = key
            self.sealedKeyHash = sealedKeyHash
        }
    }

    /// The sealed capsule and its key, sealed to the audit key.
    public struct Capsule: Hashable, Sendable {
        public let key: PrekeyID
        public let commitment: Digest
        public let sealedKeyHash: Digest
        public let blob: Blob

        public init(key: PrekeyID, commitment: Digest, sealedKeyHash: Digest, blob: Blob) {
            self.key = key
            self.commitment = commitment
            self.sealedKeyHash = sealedKeyHash
            self.blob = blob
        }
    }

    /// Size and hash of sealed bytes.
    public struct Blob: Hashable, Sendable {
        public let size: UInt64
        public let hash: Digest

        public init(size: UInt64, hash: Digest) {
            self.size = size
            self.hash = hash
        }

        public init(of bytes: [UInt8]) { self.init(size: UInt64(bytes.count), hash: Digest.sha256(bytes)) }
    }

    /// What the message answers or carries on.
    public enum Reference: Hashable, Sendable {
        case inReplyTo(MessageID)
        case forwardOf(MessageID)

        public var message: MessageID {
            switch self {
            case .inReplyTo(let message), .forwardOf(let message): message
            }
        }
    }

    public let organisation: OrganisationID
    public let seen: SeenBoth
    public let message: MessageID
    public let sender: DeviceID
    public let at: Timestamp
    public let expires: Timestamp
    public let urgency: Urgency
    public let member: MemberID
    public let reference: Reference?
    public let commitment: Digest
    /// By step, then device id.
    public let recipients: [Recipient]
    /// By device id.
    public let without: [Without]
    public let recovery: Recovery?
    public let capsule: Capsule?
    public let alert: Blob
    public let content: Blob
    /// The sealed attachments, in their order, none twice.
    public let attachments: [Blob]
    public let binding: Digest

    public init(
        organisation: OrganisationID, seen: SeenBoth, message: MessageID, sender: DeviceID, at: Timestamp,
        expires: Timestamp, urgency: Urgency, member: MemberID, reference: Reference?, commitment: Digest,
        recipients: [Recipient], without: [Without], recovery: Recovery?, capsule: Capsule?, alert: Blob, content: Blob,
        attachments: [Blob] = [], binding: Digest
    ) {
        self.organisation = organisation
        self.seen = seen
        self.message = message
        self.sender = sender
        self.at = at
        self.expires = expires
        self.urgency = urgency
        self.member = member
        self.reference = reference
        self.commitment = commitment
        self.recipients = recipients
        self.without = without
        self.recovery = recovery
        self.capsule = capsule
        self.alert = alert
        self.content = content
        self.attachments = attachments
        self.binding = binding
    }

    public init(reading reader: inout TextReader) throws(StatementError) {
        organisation = try reader.identifier("org")
        seen = try .read(from: &reader)
        message = try reader.identifier("message")
        guard try reader.integer("suite") == Self.suite else { throw reader.error("suite", .unsupported) }
        sender = try reader.identifier("sender")
        at = try reader.time("at")
        expires = try reader.time("expires")
        guard expires > at else { throw reader.error("expires") }
        urgency = try reader.word("urgency")
        member = try reader.identifier("member")
        if reader.isNext("in-reply-to") {
            reference = .inReplyTo(try reader.identifier("in-reply-to"))
        } else if reader.isNext("forward-of") {
            reference = .forwardOf(try reader.identifier("forward-of"))
        } else {
            reference = nil
        }
        commitment = try reader.hash("commit")
        recipients = try Self.recipients(from: &reader)
        without = try Self.without(from: &reader)
        if let fields = try reader.fieldsOrNone("recovery", count: 2) {
            let error = reader.error("recovery")
            recovery = Recovery(
                key: try TextReader.identifier(fields[0], or: error),
                sealedKeyHash: try TextReader.hash(fields[1], or: error))
        } else {
            recovery = nil
        }
        if let fields = try reader.fieldsOrNone("capsule", count: 5) {
            let error = reader.error("capsule")
            capsule = Capsule(
                key: try TextReader.identifier(fields[0], or: error),
                commitment: try TextReader.hash(fields[1], or: error),
                sealedKeyHash: try TextReader.hash(fields[2], or: error),
                blob: Blob(
                    size: try TextReader.integer(fields[3], or: error), hash: try TextReader.hash(fields[4], or: error))
            )
        } else {
            capsule = nil
        }
        alert = try Self.blob("alert", from: &reader)
        content = try Self.blob("content", from: &reader)
        attachments = try Self.attachments(from: &reader)
        binding = try reader.hash("binding")
    }

    private static func recipients(from reader: inout TextReader) throws(StatementError) -> [Recipient] {
        var recipients: [Recipient] = []
        while reader.isNext("to") {
            let fields = try reader.fields("to", count: 5)
            let error = reader.error("to")
            let recipient = Recipient(
                device: try TextReader.identifier(fields[0], or: error),
                step: try TextReader.integer(fields[1], or: error),
                delaySeconds: try TextReader.integer(fields[2], or: error),
                prekey: try TextReader.identifier(fields[3], or: error),
                sealedKeyHash: try TextReader.hash(fields[4], or: error))
            if let last = recipients.last {
                guard (last.step, last.device) < (recipient.step, recipient.device) else { throw error }
            }
            recipients.append(recipient)
        }
        guard (1...maximumRecipients).contains(recipients.count),
            Set(recipients.map(\.device)).count == recipients.count
        else { throw reader.error("to") }
        return recipients
    }

    private static func without(from reader: inout TextReader) throws(StatementError) -> [Without] {
        var without: [Without] = []
        while reader.isNext("without") {
            let fields = try reader.fields("without", count: 2)
            let error = reader.error("without")
            let device = Without(
                device: try TextReader.identifier(fields[0], or: error),
                reason: try TextReader.word(fields[1], or: error))
            if let last = without.last {
                guard last.device < device.device else { throw error }
            }
            without.append(device)
        }
        return without
    }

    private static func attachments(from reader: inout TextReader) throws(StatementError) -> [Blob] {
        var attachments: [Blob] = []
        while reader.isNext("attachment") { attachments.append(try blob("attachment", from: &reader)) }
        guard attachments.count <= maximumAttachments, Set(attachments.map(\.hash)).count == attachments.count else {
            throw reader.error("attachment")
        }
        return attachments
    }

    private static func blob(_ key: StaticString, from reader: inout TextReader) throws(StatementError) -> Blob {
        let fields = try reader.fields(key, count: 2)
        let error = reader.error(key.description)
        return Blob(size: try TextReader.integer(fields[0], or: error), hash: try TextReader.hash(fields[1], or: error))
    }

    public func write(to writer: inout TextWriter) {
        writer.line("org", organisation)
        seen.write(to: &writer)
        writer.line("message", message)
        writer.line("suite", Self.suite)
        writer.line("sender", sender)
        writer.line("at", at)
        writer.line("expires", expires)
        writer.line("urgency", urgency.rawValue)
        writer.line("member", member)
        switch reference {
        case .inReplyTo(let message): writer.line("in-reply-to", message)
        case .forwardOf(let message): writer.line("forward-of", message)
        case nil: break
        }
        writer.line("commit", commitment)
        for to in recipients {
            writer.line("to", to.device, to.step, to.delaySeconds, to.prekey, to.sealedKeyHash)
        }
        for device in without { writer.line("without", device.device, device.reason.rawValue) }
        if let recovery {
            writer.line("recovery", recovery.key, recovery.sealedKeyHash)
        } else {
            writer.line("recovery", "none")
        }
        if let capsule {
            writer.line(
                "capsule", capsule.key, capsule.commitment, capsule.sealedKeyHash, capsule.blob.size, capsule.blob.hash)
        } else {
            writer.line("capsule", "none")
        }
        writer.line("alert", alert.size, alert.hash)
        writer.line("content", content.size, content.hash)
        for attachment in attachments { writer.line("attachment", attachment.size, attachment.hash) }
        writer.line("binding", binding)
    }

    /// What ties every sealed part to this message, its sender and its recipients.
    public var bindingText: BindingText {
        BindingText(
            organisation: organisation, message: message, sender: sender, commitment: commitment,
            recipients: recipients.map { .init(device: $0.device, prekey: $0.prekey) }, recovery: recovery?.key,
            capsule: capsule.map { .init(key: $0.key, commitment: $0.commitment) })
    }

    public func recipient(_ device: DeviceID) -> Recipient? { recipients.first { $0.device == device } }
}

/// The text whose hash is the `binding`. Written, never parsed: both sides make it from what they hold.
public struct BindingText: Sendable {
    public struct Recipient: Sendable {
        public let device: DeviceID
        public let prekey: PrekeyID

        public init(device: DeviceID, prekey: PrekeyID) {
            self.device = device
            self.prekey = prekey
        }
    }

    public struct Capsule: Sendable {
        public let key: PrekeyID
        public let commitment: Digest

        public init(key: PrekeyID, commitment: Digest) {
            self.key = key
            self.commitment = commitment
        }
    }

    public let organisation: OrganisationID
    public let message: MessageID
    public let sender: DeviceID
    public let commitment: Digest
    public let recipients: [Recipient]
    public let recovery: PrekeyID?
    public let capsule: Capsule?

    public init(
        organisation: OrganisationID, message: MessageID, sender: DeviceID, commitment: Digest, recipients: [Recipient],
        recovery: PrekeyID?, capsule: Capsule?
    ) {
        self.organisation = organisation
        self.message = message
        self.sender = sender
        self.commitment = commitment
        self.recipients = recipients
        self.recovery = recovery
        self.capsule = capsule
    }

    public var text: [UInt8] {
        var writer = TextWriter()
        writer.type("nightbell.binding/v1")
        writer.line("org", organisation)
        writer.line("message", message)
        writer.line("suite", Manifest.suite)
        writer.line("sender", sender)
        writer.line("commit", commitment)
        for to in recipients { writer.line("to", to.device, to.prekey) }
        writer.line("recovery", orNone: recovery)
        if let capsule {
            writer.line("capsule", capsule.key, capsule.commitment)
        } else {
            writer.line("capsule", "none")
        }
        return writer.bytes
    }

    /// SHA-256 of the text.
    public var hash: Digest { Digest.sha256(text) }
}
