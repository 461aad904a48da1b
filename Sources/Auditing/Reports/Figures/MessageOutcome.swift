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

    /// Whether somebody should still get at such a message on a device. What has expired unanswered was told by its deadline.
    var needsDevice: Bool { self == .open || self == .undeliverable || self == .acknowledged }

    /// Behind a number: `3 expired unanswered`.
    public var phrase: String {
        switch self {
        case .unanswered: "expired unanswered"
        case .open: "without an answer yet"
        case .acknowledged: "acknowledged and not closed"
        case .arrivedReply: "replies that arrived"
        default: rawValue.spaced
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
