public import Statements

/// A received message as lists show it: without its content, which nobody opens for a list.
public struct InboxMessage: Sendable {
    public let message: MessageID
    /// `waiting` (stored, its receipt is not yet proven), `delivered`, `read`, `declined`, `acknowledged`,
    /// `handed_off`, `closed`, `quarantined`.
    public let state: String
    public let urgency: Urgency
    public let sender: DeviceID
    public let member: MemberID?
    /// The sender's time.
    public let at: Timestamp
    public let expires: Timestamp
    /// Whether every promise was verified.
    public let isVerified: Bool
    /// Whether it was sealed to another device as well.
    public let isSharedWithOthers: Bool
    /// Why it does not open.
    public let quarantine: ReceiptReason?
    /// The manifest's place in the activity log.
    public let index: UInt64
}

/// A received message with what is in it, and what was established about it.
public struct StoredMessage: Sendable {
    public let listed: InboxMessage
    /// The opened content; `nil` in quarantine.
    public let content: [UInt8]?
    /// What does not hold. Empty means that every promise was verified.
    public let broken: [BrokenPromise]
    public let manifestHash: String
}
