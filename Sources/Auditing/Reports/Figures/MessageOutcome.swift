import Statements

/// What became of a message: the one place where that is decided, for reports and for ``DayCount``.
public enum MessageOutcome: String, CaseIterable, Sendable {
    /// Expired, and nobody had answered.
    case unanswered
    /// Given up for every device, and not expired.
    case undeliverable
    /// Nobody has answered yet.
    case open
    /// Acknowledged, and neither handed off nor closed.
    case acknowledged
    /// Handed off and not closed: the message that carries it on tells what became of it.
    case handedOff = "handed_off"
    case closed
    /// A reply that arrived: it asks for no answer.
    case arrivedReply = "arrived_reply"
    /// Its end is overdue, and the log does not say it: a broken promise.
    case unexplained

    init(_ message: AuditedMessage) {
        self =
            if message.state == .closed {
                .closed
            } else if message.state == .handedOff {
                .handedOff
            } else if message.isAcknowledged {
                .acknowledged
            } else if message.isReply, message.state >= .delivered {
                .arrivedReply
            } else if message.isUnanswered {
                .unanswered
            } else if message.isUnexplained {
                .unexplained
            } else if message.isUndeliverable {
                .undeliverable
            } else {
                .open
            }
    }

    /// Whether somebody should still do something about such a message.
    var isLeft: Bool { self == .unanswered || self == .undeliverable || self == .open || self == .unexplained }

    /// Whether nobody has answered such a message, or somebody took it up and has not closed it, and no device is left that has
    /// it: its sender was told to call by telephone. What has expired unanswered was told by its deadline.
    /// - Parameter devices: Those that it was sealed to.
    func isOutOfReach(_ devices: some Sequence<DeviceID>, isLive: (DeviceID) -> Bool) -> Bool {
        (self == .open || self == .undeliverable || self == .acknowledged) && !devices.contains(where: isLive)
    }

    /// With how many: `3 expired unanswered`.
    public func phrase(_ count: Int) -> String {
        switch self {
        case .unanswered: "\(count) expired unanswered"
        case .open: "\(count) without an answer yet"
        case .acknowledged: "\(count) acknowledged and not closed"
        case .arrivedReply: count.counted("reply that arrived", "replies that arrived")
        default: "\(count) \(rawValue.spaced)"
        }
    }

    /// As people say it.
    var words: String {
        switch self {
        case .arrivedReply: "reply, arrived"
        case .open: "no answer yet"
        default: rawValue.spaced
        }
    }
}
