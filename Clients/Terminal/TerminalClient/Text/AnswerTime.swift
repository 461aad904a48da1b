import DeviceKit
import Statements
import TerminalScreen

/// How much time there is to answer a message, by the organisation's policy.
enum AnswerTime {
    /// When it moves on to somebody else, or is over.
    static func due(_ message: ListedMessage, _ policy: Policy) -> Timestamp {
        due(message.urgency, at: message.at, expires: message.expires, policy)
    }

    static func due(_ urgency: Urgency, at: Timestamp, expires: Timestamp, _ policy: Policy) -> Timestamp {
        let seconds = policy.alerts[urgency]?.nextStepSeconds ?? 0
        guard seconds > 0 else { return expires }
        return min(at.adding(seconds: Int64(clamping: seconds)), expires)
    }

    /// The words of a list; the screen's.
    static func words(_ message: ListedMessage, _ policy: Policy, now: Timestamp) -> String {
        if message.isDone || message.isReply && message.quarantine == nil { return "" }
        if message.isHandedOnInVain, let forward = message.carriedOn {
            return left(forward, message.urgency, policy, now: now).text
        }
        if message.isHandedOffElsewhere { return MessageWords.lookElsewhere }
        guard message.needsAnswer else {
            guard let promised = message.taken?.promisedAt else { return "close it when done" }
            let left = promised.milliseconds(since: now)
            return left > 0 ? "call in \(WallClock.countdown(left))" : "CALL LATE: \(WallClock.span(-left))"
        }
        return left(message, policy, now: now).text
    }

    /// Of a message that nobody has answered.
    static func left(_ message: ListedMessage, _ policy: Policy, now: Timestamp) -> (text: String, style: Style) {
        left(message.urgency, at: message.at, expires: message.expires, policy, now: now)
    }

    /// Of one that was handed on, and that nobody has taken up.
    static func left(
        _ forward: CarriedOn, _ urgency: Urgency, _ policy: Policy, now: Timestamp
    ) -> (text: String, style: Style) {
        if forward.isDeclined { return ("YOURS AGAIN", .danger) }
        // What was overdue when it was handed on is so still.
        let due = forward.firstDue(urgency, policy).flatMap { $0 <= now ? $0 : nil } ?? forward.due(urgency, policy)
        return left(until: due, expires: forward.expires, now: now)
    }

    /// That the time to answer it is over; `nil` while it is not.
    static func late(
        _ urgency: Urgency, at: Timestamp, expires: Timestamp, _ policy: Policy, now: Timestamp
    ) -> String? {
        guard due(urgency, at: at, expires: expires, policy) <= now else { return nil }
        return left(urgency, at: at, expires: expires, policy, now: now).text
    }

    private static func left(
        _ urgency: Urgency, at: Timestamp, expires: Timestamp, _ policy: Policy, now: Timestamp
    ) -> (text: String, style: Style) {
        left(until: due(urgency, at: at, expires: expires, policy), expires: expires, now: now)
    }

    private static func left(
        until due: Timestamp, expires: Timestamp, now: Timestamp
    ) -> (text: String, style: Style) {
        if now >= expires { return ("EXPIRED \(WallClock.span(now.milliseconds(since: expires))) ago", .danger) }
        let left = due.milliseconds(since: now)
        if left <= 0 { return ("OVERDUE by \(WallClock.span(-left))", .danger) }
        return ("answer in \(WallClock.countdown(left))", left < 60_000 ? .caution : .plain)
    }
}
