import DeviceStorage
import Membership
import Secrets
public import Statements

/// A message that this device sent, as its manifest says.
public struct SentMessage: Sendable {
    /// A recipient device.
    public struct Recipient: Sendable {
        public let device: DeviceID
        public let member: MemberID
        public let step: UInt64
    }

    public let message: MessageID
    /// Hash of the manifest.
    public let manifest: String
    /// Its place in the activity log.
    public let index: UInt64
    public let recipients: [Recipient]
    /// Devices of the addressed that could not be sealed to, and why.
    public let without: [Manifest.Without]
    /// Its files, in their order.
    public let attachments: [AttachmentDescription]
    /// Whether an earlier command had sent it already.
    public let wasSentBefore: Bool
}

/// One verified fact about a sent message.
public struct SentFact: Sendable {
    /// A receipt's action, or an event's word (`undeliverable`, `unanswered`).
    public let action: String
    /// A receipt's or an event's reason.
    public let reason: String?
    public let device: DeviceID?
    public let member: MemberID?
    /// The receipt's own time; for an event the log's.
    public let at: Timestamp
    /// Place in the activity log.
    public let index: UInt64
}

/// What is known of a sent message, from verified receipts and events alone.
public struct SentState: Sendable {
    public let message: MessageID
    public let member: MemberID
    public let urgency: Urgency
    /// When it was sealed; before that, when it was asked for.
    public let at: Timestamp
    /// `nil` until it is sealed.
    public let expires: Timestamp?
    /// Hash of the manifest; `nil` until it is sealed.
    public let manifestHash: String?
    /// `nil` while the relay has not proven its place.
    public let index: UInt64?
    /// `pending` (it waits here), `refused` (it was not sent and never will be), or the furthest of `waiting`, `delivered`, `read`, `declined`, `acknowledged`,
    /// `handed_off`, `closed`.
    public let state: String
    public let facts: [SentFact]
    /// The devices that it was sealed to.
    public let devices: [DeviceID]
    /// What it answers or carries on.
    public let reference: Manifest.Reference?
    /// The messages that carry it on, in the order of the log.
    public let forwards: [SentForward]
    /// The replies to it, and to what carries it on, that came here, oldest first.
    public let replies: [SentReply]
    /// Whether whoever sits here said that they telephoned about it, and nothing is new since.
    public var isDealtWith = false
    /// Whether it handed on what is in this person's hands again, or in those of somebody who was asked later: nobody has to look
    /// after this one any more.
    public var isMootHandOff = false
}

/// How far a message has come (design section 7).
enum MessageProgress {
    /// Nothing is proven yet.
    static let start = "waiting"
    /// From the nearest to the furthest.
    private static let order = [start] + ReceiptProgress.actions

    /// The furthest of the actions.
    static func furthest(_ actions: some Sequence<String>, from start: String = start) -> String {
        actions.reduce(start) { rank($1) > rank($0) ? $1 : $0 }
    }

    /// Whether a device of the addressed has it.
    static func isDelivered(_ state: String) -> Bool { rank(state) >= rank("delivered") }

    private static func rank(_ state: String) -> Int { order.firstIndex(of: state) ?? -1 }
}
