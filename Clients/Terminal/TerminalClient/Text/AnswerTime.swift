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
            guard let promised = message.taken?.callBy else { return "close it when done" }
            let left = promised.milliseconds(since: now)
            if left > 0, message.taken?.callsNowSince != nil { return "call NOW: \(WallClock.countdown(left))" }
            return left > 0 ? "call in \(WallClock.countdown(left))" : "CALL LATE: \(WallClock.span(-left))"
        }
        return left(message, policy, now: now).text
    }

    /// Of a message that nobody has answered.
    static func left(_ message: ListedMessage, _ policy: Policy, now: Timestamp) -> (text: String, style: Style) {
        let own = left(message.urgency, at: message.at, expires: message.expires, policy, now: now)
        let due = due(message, policy)
        guard isLateFromTheFirst(message, policy, now: now), due > now else { return own }
        return ("LATE: \(WallClock.countdown(due.milliseconds(since: now))) left", .danger)
    }

    /// Whether the time of whoever was asked first was over before, or is now: the patient waits since the first sending.
    static func isLateFromTheFirst(_ message: ListedMessage, _ policy: Policy, now: Timestamp) -> Bool {
        guard let first = message.firstSent else { return false }
        return due(message.urgency, at: first.at, expires: first.expires ?? message.expires, policy) <= now
    }

    /// Of one that was handed on, and that nobody has taken up.
    static func left(
        _ forward: CarriedOn, _ urgency: Urgency, _ policy: Policy, now: Timestamp
    ) -> (text: String, style: Style) {
        if forward.isDeclined { return (yoursAgain(forward.firstDue(urgency, policy), now: now), .danger) }
        return left(until: due(forward, urgency, policy, now: now), expires: forward.expires, now: now)
    }

    /// Of one that came back with a no; of the patient's time what there is, if nobody had taken the message up before.
    private static func yoursAgain(_ due: Timestamp?, now: Timestamp) -> String {
        guard let due else { return "YOURS AGAIN" }
        let left = due.milliseconds(since: now)
        if left > 0 { return "YOURS, due in \(WallClock.countdown(left))" }
        let over = "YOURS, OVERDUE \(WallClock.span(-left))"
        // As wide as the column of times.
        return over.count <= 20 ? over : "OVERDUE by \(WallClock.span(-left))"
    }

    /// Whether whoever it was handed on to has had the time to take it up.
    static func isOver(_ message: ListedMessage, _ policy: Policy, now: Timestamp) -> Bool {
        guard let forward = message.carriedOn else { return false }
        return due(forward, message.urgency, policy, now: now) <= now
    }

    private static func due(
        _ forward: CarriedOn, _ urgency: Urgency, _ policy: Policy, now: Timestamp
    ) -> Timestamp {
        // What was overdue when it was handed on is so still.
        forward.firstDue(urgency, policy).flatMap { $0 <= now ? $0 : nil } ?? forward.due(urgency, policy)
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
