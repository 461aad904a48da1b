import DeviceKit
import Statements
import TerminalScreen

/// How much time there is to answer a message, by the organisation's policy.
enum AnswerTime {
    /// When it moves on to somebody else, or is over.
    static func due(_ message: ListedMessage, _ policy: Policy) -> Timestamp {
        let seconds = policy.alerts[message.urgency]?.nextStepSeconds ?? 0
        guard seconds > 0 else { return message.expires }
        return min(message.at.adding(seconds: Int64(clamping: seconds)), message.expires)
    }

    /// The words of a list; the screen's.
    static func words(_ message: ListedMessage, _ policy: Policy, now: Timestamp) -> String {
        if message.isDone || message.isReply && message.quarantine == nil { return "" }
        guard message.needsAnswer else {
            guard let promised = message.taken?.promisedAt else { return "close it when done" }
            let left = promised.milliseconds(since: now)
            return left > 0 ? "call within \(WallClock.countdown(left))" : "CALL LATE: \(WallClock.span(-left))"
        }
        return left(message, policy, now: now).text
    }

    /// Of a message that nobody has answered.
    static func left(_ message: ListedMessage, _ policy: Policy, now: Timestamp) -> (text: String, style: Style) {
        if now >= message.expires {
            return ("EXPIRED \(WallClock.span(now.milliseconds(since: message.expires))) ago", .danger)
        }
        let left = due(message, policy).milliseconds(since: now)
        if left <= 0 { return ("OVERDUE by \(WallClock.span(-left))", .danger) }
        return ("answer in \(WallClock.countdown(left))", left < 60_000 ? .caution : .plain)
    }
}
