public import Statements

/// What a body that came over a push service turned out to be. Never a reason for an alarm but a page that opened.
public enum PushedBody: Sendable {
    /// A challenge: to be said back at once.
    case challenge(ReceivedChallenge)
    /// A page for a message that is stored here: nothing is to be done.
    case stored(MessageID)
    /// A page that opened to its alert.
    case alert(PagedAlert)
    /// A page like one that opened before, and whose message has not come yet: a reason to connect.
    case again(MessageID)
    /// Anything else is a reason to connect: in our own words, and nothing of what came.
    case reason(String)
}

/// What the relay sent to see whether it arrives.
public struct ReceivedChallenge: Sendable {
    /// Over which it came.
    public let subscription: SubscriptionID
    let secret: [UInt8]
}

/// What a page says of its message before anything of it is confirmed: neither is its place in the log known, nor that the
/// relay has it at all.
public struct PagedAlert: Sendable, Equatable {
    public let message: MessageID
    public let urgency: Urgency
    public let at: Timestamp
    /// Whose signature it bears, where the device is known here; of another one the signature could not be checked.
    public let sender: DeviceID
    /// `nil` for a device that the roster, as far as it is known here, does not have.
    public let member: MemberID?

    public init(message: MessageID, urgency: Urgency, at: Timestamp, sender: DeviceID, member: MemberID?) {
        self.message = message
        self.urgency = urgency
        self.at = at
        self.sender = sender
        self.member = member
    }
}
