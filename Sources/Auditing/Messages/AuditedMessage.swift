import Membership
public import Secrets
public import Statements

/// A message as the activity log tells it.
public struct AuditedMessage: Sendable {
    /// A device that it was sealed to, and what became of it there.
    public struct Recipient: Sendable {
        public let device: DeviceID
        /// Whether its sealed bytes may have left for the device.
        public internal(set) var isServed = false
        public internal(set) var isDelivered = false
        /// Whether the relay gave it up for the device.
        public internal(set) var isUndeliverable = false

        init(_ device: DeviceID) { self.device = device }
    }

    /// Something that was logged about it.
    public struct Fact: Sendable {
        /// A receipt's action, or an event's kind: `served`, `fallback`, `undeliverable`, `unanswered`, `pushed`.
        public let word: String
        /// The reason that a receipt gives; of an event, what left, why not, or which prekey.
        public let reason: String?
        public let device: DeviceID?
        public let member: MemberID?
        /// The signer's own time; an event has none but its entry's.
        public let at: Timestamp
        /// The entry's time.
        public let logged: Timestamp
        public let index: UInt64
    }

    /// Which messages' facts are kept: they are many.
    public enum Detail: Sendable {
        case none
        case all
        /// Of messages whose ids begin so.
        case beginning(String)
        /// Of these messages.
        case messages(Set<MessageID>)
        /// What these devices did, or was done to them.
        case devices(Set<DeviceID>)

        /// Whether a fact of this device about this message is kept.
        func covers(_ message: MessageID, _ device: DeviceID?) -> Bool {
            guard case .devices(let devices) = self else { return covers(message) }
            return device.map(devices.contains) ?? false
        }

        /// Whether any fact about this message may be.
        func covers(_ message: MessageID) -> Bool {
            switch self {
            case .none: false
            case .all, .devices: true
            case .messages(let messages): messages.contains(message)
            case .beginning(let prefix): message.description.hasPrefix(prefix)
            }
        }
    }

    public let message: MessageID
    /// The manifest's place.
    public let index: UInt64
    /// Hash of the manifest.
    public let manifest: Digest
    public let sender: DeviceID
    /// `nil` when the sender is no device of the roster.
    public let senderMember: MemberID?
    /// The addressed.
    public let member: MemberID
    /// What it answers or carries on.
    public let reference: Manifest.Reference?
    /// The members that sent it and what it carries on, the nearest first: its entries concern them.
    public let senders: [MemberID]
    public let at: Timestamp
    public let logged: Timestamp
    public let expires: Timestamp
    public let urgency: Urgency
    public internal(set) var recipients: [Recipient]
    /// Devices that could not be sealed to, and why.
    public let without: [Manifest.Without]
    /// Whether its manifest names a capsule.
    let hasCapsule: Bool
    public internal(set) var state = MessageState.waiting
    /// By any device, whatever came after.
    public internal(set) var isAcknowledged = false
    /// Whether a device of the addressed said that somebody read it, took it up or handed it on.
    public internal(set) var isOpened = false
    /// Whether the relay said that nobody answered in time.
    public internal(set) var isUnanswered = false
    /// Whether every promise about it was kept. ``AuditVerdict`` knows whether the log itself holds.
    public internal(set) var isSound = true
    /// Receipts and events, in the order of the log; empty unless asked for.
    public internal(set) var facts: [Fact]
    /// When somebody had answered or declined it, so that its pages were over.
    var over: Timestamp?
    /// Its end is overdue and was never logged.
    var isUnexplained = false
    /// The members whose messages carry this one on.
    var forwarders: Set<MemberID> = []

    /// - Parameter facts: What was logged about it before.
    init(
        _ manifest: Manifest, hash: Digest, index: UInt64, logged: Timestamp, senderMember: MemberID?,
        senders: [MemberID], facts: [Fact]
    ) {
        self.init(
            message: manifest.message, index: index, manifest: hash, sender: manifest.sender,
            senderMember: senderMember, member: manifest.member, reference: manifest.reference, senders: senders,
            at: manifest.at, logged: logged, expires: manifest.expires, urgency: manifest.urgency,
            recipients: manifest.recipients.map { Recipient($0.device) }, without: manifest.without,
            hasCapsule: manifest.capsule != nil, facts: facts)
    }

    init(
        message: MessageID, index: UInt64, manifest: Digest, sender: DeviceID, senderMember: MemberID?,
        member: MemberID, reference: Manifest.Reference?, senders: [MemberID], at: Timestamp, logged: Timestamp,
        expires: Timestamp, urgency: Urgency, recipients: [Recipient], without: [Manifest.Without], hasCapsule: Bool,
        facts: [Fact]
    ) {
        self.message = message
        self.index = index
        self.manifest = manifest
        self.sender = sender
        self.senderMember = senderMember
        self.member = member
        self.reference = reference
        self.senders = senders
        self.at = at
        self.logged = logged
        self.expires = expires
        self.urgency = urgency
        self.recipients = recipients
        self.without = without
        self.hasCapsule = hasCapsule
        self.facts = facts
    }

    /// Whether it answers another: then it is done once it was delivered, for nobody answers an answer.
    public var isReply: Bool { if case .inReplyTo = reference { true } else { false } }

    /// Whether somebody acknowledged, handed off or closed it, or it is a reply that arrived: then it owes no `unanswered`.
    var isAnswered: Bool { isAcknowledged || state >= .handedOff || (isReply && state >= .delivered) }

    /// For the rules of what refers to it.
    var referred: ReferredMessage {
        ReferredMessage(
            message: message, member: member, senders: senders, urgency: urgency,
            lifeMilliseconds: expires.milliseconds(since: at))
    }

    /// Without the facts that are not asked for.
    func with(_ detail: Detail) -> AuditedMessage {
        if facts.isEmpty { return self }
        if case .all = detail { return self }
        var copy = self
        copy.facts = facts.filter { detail.covers(message, $0.device) }
        return copy
    }

    /// The devices for which it waits.
    var waiting: Set<DeviceID> {
        Set(recipients.filter { !$0.isDelivered && !$0.isUndeliverable }.map(\.device))
    }

    /// Whether no device can get it any more.
    var isUndeliverable: Bool { recipients.allSatisfy(\.isUndeliverable) }

    /// Whether no device ever had it and none can get it any more: its state alone says that it waits.
    public var isGivenUp: Bool { state == .waiting && isUndeliverable }

    /// How far it came, as people say it.
    public var stateWords: String { state.words(isGivenUp: isGivenUp) }
}
