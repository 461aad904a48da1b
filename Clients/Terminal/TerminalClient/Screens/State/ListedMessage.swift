import DeviceKit
import Statements

/// A message as lists show it: nothing of what is inside its seal.
struct ListedMessage: Sendable, Equatable {
    let id: MessageID
    let urgency: Urgency
    /// The sender's name.
    let from: String
    /// The sender's time.
    let at: Timestamp
    let expires: Timestamp
    /// As `inbox` says it: proven receipts alone.
    var state: String
    /// Whether every promise was verified.
    var isVerified: Bool
    let quarantine: ReceiptReason?
    /// What this device answered, while the relay has not proven that it is logged.
    var unproven: ReceiptAction?
    /// Words or a hand-off that only this device knows of.
    var unsent: KeptMessage.Kind?

    /// What was said of it here or proven of others, the former even while nobody else knows.
    private var furthest: String { unproven?.rawValue ?? state }

    /// Nobody has answered.
    var needsAnswer: Bool {
        switch furthest {
        case "waiting", "delivered", "read", "quarantined": true
        default: false
        }
    }
    /// Somebody took it up, and it is not dealt with.
    var isTaken: Bool { furthest == "acknowledged" }
    /// Nobody on this device has read it.
    var isNew: Bool { ["waiting", "delivered", "quarantined"].contains(furthest) }

    /// What waits first, by urgency and age; then what is taken; then what is done, the newest first.
    static func isBefore(_ left: ListedMessage, _ right: ListedMessage) -> Bool {
        if left.group != right.group { return left.group < right.group }
        if left.group == doneGroup { return (right.at, right.id) < (left.at, left.id) }
        return (left.urgency, left.at, left.id) < (right.urgency, right.at, right.id)
    }

    private static let doneGroup = 2
    private var group: Int { needsAnswer ? 0 : isTaken ? 1 : Self.doneGroup }

    var isDone: Bool { group == Self.doneGroup }
}
