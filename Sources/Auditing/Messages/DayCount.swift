import Statements

/// The messages that were accepted on one UTC day, by what became of them. Every one is somewhere.
public struct DayCount: Hashable, Sendable {
    /// `2026-11-23`.
    public let day: String
    /// Manifests that were logged that day.
    public internal(set) var manifests = 0
    public internal(set) var closed = 0
    /// Handed off and not closed: what became of it is told by the message that carries it on.
    public internal(set) var handedOff = 0
    /// Acknowledged, and neither handed off nor closed.
    public internal(set) var acknowledged = 0
    /// Replies that arrived, and that nobody took up beyond that: they ask for no answer.
    public internal(set) var arrivedReplies = 0
    /// Not answered, and not expired or still within the relay's grace.
    public internal(set) var open = 0
    public internal(set) var unanswered = 0
    /// Not answered, not expired, and given up for every device.
    public internal(set) var undeliverable = 0

    init(day: String) { self.day = day }

    /// Of which the log does not say what became: 0, or a promise is broken.
    public var unexplained: Int {
        manifests - closed - handedOff - acknowledged - arrivedReplies - open - unanswered - undeliverable
    }

    static func day(of time: Timestamp) -> String { String(time.description.prefix(10)) }

    mutating func count(_ message: AuditedMessage) {
        if message.state == .closed {
            closed += 1
        } else if message.state == .handedOff {
            handedOff += 1
        } else if message.isAcknowledged {
            acknowledged += 1
        } else if message.isReply, message.state >= .delivered {
            arrivedReplies += 1
        } else if message.isUnanswered {
            unanswered += 1
        } else if message.isUnexplained {
            return
        } else if message.isUndeliverable {
            undeliverable += 1
        } else {
            open += 1
        }
    }
}
