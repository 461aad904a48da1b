public import Statements

/// What another device said about a message that was received here, too: from a verified receipt.
public struct OtherAnswer: Sendable {
    public let action: ReceiptAction
    public let reason: ReceiptReason?
    public let device: DeviceID
    public let member: MemberID?
    /// The receipt's own time.
    public let at: Timestamp
}
