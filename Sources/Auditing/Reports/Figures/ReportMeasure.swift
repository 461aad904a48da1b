import Statements

/// A time that is taken of every message, from the moment at which the relay accepted it.
public enum ReportMeasure: String, CaseIterable, Sendable {
    case deliver, open, acknowledge, close

    /// When it was reached: by the log's time of the first receipt that says so.
    func reached(by line: MessageLine) -> Timestamp? {
        switch self {
        case .deliver: line.delivered?.time
        case .open: line.read?.time
        case .acknowledge: line.answered?.time
        case .close: line.ended
        }
    }

    /// Until when the policy wants it; `nil` when it says nothing.
    func target(of line: MessageLine, _ policy: Policy) -> ReportTarget? {
        switch self {
        case .deliver, .open: nil
        case .acknowledge:
            // Whoever sent it was told to telephone when it expired, however much time the policy would have left.
            ReportTarget(
                from: line.logged, seconds: policy.alerts[line.urgency]?.nextStepSeconds, notAfter: line.expires)
        case .close: line.answered.flatMap { ReportTarget(from: $0.time, seconds: policy.reopenSeconds) }
        }
    }

    /// Whether it can be reached in time no more, whenever that is asked: it was logged as unanswered.
    func isMissed(by line: MessageLine) -> Bool {
        self == .acknowledge && (line.outcome == .unanswered || line.marks.contains(.late))
    }

    /// Whether the target's time runs from the acceptance, as the measure's: then it has a place on the same axis.
    var isTargetFromAcceptance: Bool { self == .acknowledge }

    var title: String { "Time to \(rawValue)" }

    /// What exactly is measured.
    var definition: String {
        switch self {
        case .deliver: "until the first device that it was sealed to said that it holds the message"
        case .open: "until a device said that somebody had it shown"
        case .acknowledge:
            "until somebody acknowledged it, handed it off or closed it, whichever came first; closing it unread is no answer"
        case .close: "until somebody closed it; closing it unread does not count"
        }
    }

    /// Which share is within the policy's target.
    var targetWords: String {
        switch self {
        case .acknowledge: "acknowledged before the policy calls for the next step, and before it expired"
        case .close: "closed before the policy brings it back, counted from the acknowledgement"
        case .deliver, .open: "the policy sets no target"
        }
    }
}

/// What the policy wants of one message.
struct ReportTarget {
    let seconds: Int64
    let until: Timestamp

    /// `nil` where the policy's 0 says: never.
    init?(from start: Timestamp, seconds: UInt64?, notAfter end: Timestamp? = nil) {
        guard let seconds, seconds > 0, let whole = Int64(exactly: seconds) else { return nil }
        self.seconds = whole
        let until = start.adding(seconds: whole)
        self.until = end.map { min(until, $0) } ?? until
    }
}
