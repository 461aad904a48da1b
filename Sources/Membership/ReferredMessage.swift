public import Statements

/// What the log says, before a manifest's place, of the message that the manifest answers or carries on.
public struct ReferredMessage: Hashable, Sendable {
    /// 8: how often a message can be handed on, so that whom an entry concerns stays a short list.
    public static let maximumForwards = 8

    public let message: MessageID
    /// The member addressed.
    public let member: MemberID
    /// Its sender's member, then those of the messages that it carries on, the nearest first.
    public let senders: [MemberID]
    public let urgency: Urgency
    /// From `at` to `expires`.
    public let lifeMilliseconds: Int64

    public init(message: MessageID, member: MemberID, senders: [MemberID], urgency: Urgency, lifeMilliseconds: Int64) {
        self.message = message
        self.member = member
        self.senders = senders
        self.urgency = urgency
        self.lifeMilliseconds = lifeMilliseconds
    }

    public init(_ manifest: Manifest, senders: [MemberID]) {
        self.init(
            message: manifest.message, member: manifest.member, senders: senders, urgency: manifest.urgency,
            lifeMilliseconds: manifest.expires.milliseconds(since: manifest.at))
    }

    /// Whether the member sent it, has it, or sent what it carries on.
    public func concerns(_ other: MemberID) -> Bool { other == member || senders.contains(other) }
}

/// What a verifier can say of a manifest's reference.
public enum Reference: Hashable, Sendable {
    /// Nothing is referred to, or nothing of that id is logged before.
    case absent
    case logged(ReferredMessage)
    /// A client is not shown every message: there the relay and the auditor alone can tell.
    case notShown
}
