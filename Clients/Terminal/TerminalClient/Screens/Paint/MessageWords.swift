import DeviceKit
import Statements
import TerminalScreen

/// What is said of a message from outside its seal.
enum MessageWords {
    static func urgency(_ urgency: Urgency) -> String { urgency.words.uppercased() }

    /// What the record inside says, where it says more than the message: only the message's urgency rings, and a record of
    /// a greater one was sent as it is by mistake or against its own words.
    static func understated(_ record: Urgency?, _ sent: Urgency) -> String? {
        guard let record, record < sent else { return nil }
        return "The record itself says \(urgency(record)): it was sent as \(urgency(sent))."
    }

    static func style(_ urgency: Urgency) -> Style {
        switch urgency {
        case .emergent: .danger
        case .urgent: .caution
        case .sameDay, .routine: .plain
        }
    }

    static func state(_ message: ListedMessage, _ policy: Policy, now: Timestamp) -> String {
        if let action = message.unproven { return "NOT SENT: \(answered(action.rawValue))" }
        if let kind = message.unsent { return "NOT SENT: \(kind.word)" }
        if message.quarantine != nil { return "DOES NOT OPEN" }
        if message.isReply { return message.isNew ? "new reply" : "reply, read" }
        switch message.state {
        case "waiting", "delivered": return "new"
        case "read": return "read, no answer"
        case "handed_off" where message.isTakenBack: return answered(ReceiptAction.acknowledged.rawValue)
        case "handed_off" where message.isHandedOffElsewhere: return "handed off elsewhere"
        case "handed_off":
            let isOver = AnswerTime.isOver(message, policy, now: now)
            return message.carriedOn.map { handedOn($0, isOver: isOver) } ?? "handed off"
        case "acknowledged" where message.saidElsewhere == .acknowledged: return "acknowledged elsewhere"
        default: return answered(message.state)
        }
    }

    /// In the column of times: who has it is not known here.
    static let lookElsewhere = "look there: taken?"

    /// What another device of this person said, whole: what this one cannot know of it.
    static func elsewhere(_ message: ListedMessage) -> String? {
        guard !isUnknown(message) else { return nil }
        if message.isHandedOffElsewhere {
            return "handed off on another device of yours: look there whether it was taken"
        }
        guard message.isTaken, message.saidElsewhere == .acknowledged else { return nil }
        return "acknowledged on another device; a promised time is shown only there"
    }

    /// What was typed about it and not said; `nil` when that is nothing, or is being typed just now.
    static func draft(_ id: MessageID, _ state: ScreenState) -> String? {
        guard state.dialog?.message != id else { return nil }
        let keys = state.drafts.keys.filter { $0.goesOut && $0.message == id }.map(\.key)
        return keys.isEmpty
            ? nil : "\(draftMark): \(Set(keys).sorted().joined(separator: " or ")) brings back what you typed"
    }

    static let draftMark = "draft, NOT SENT"

    /// Whether something was said of it that nobody knows but this device.
    static func isUnknown(_ message: ListedMessage) -> Bool { message.unproven != nil || message.unsent != nil }

    /// What is new of messages that belong together, and how far they are.
    static func state(_ thread: ListedThread, _ policy: Policy, now: Timestamp) -> String {
        let state = state(thread.opened, policy, now: now)
        guard thread.newReplies > 0, !thread.opened.isReply else { return state }
        let replies = thread.newReplies == 1 ? "new reply" : "\(thread.newReplies) new replies"
        return "\(replies), \(thread.opened.state == "read" && !isUnknown(thread.opened) ? "no answer" : state)"
    }

    private static func handedOn(_ forward: CarriedOn, isOver: Bool) -> String {
        let name = SafeText.line(forward.to)
        if forward.isDeclined { return "DECLINED: \(name)" }
        if forward.isClosed { return "closed by \(name)" }
        if forward.isTakenUp { return "handed to \(name)" }
        return isOver ? "NOT TAKEN: \(name)" : "waits for \(name)"
    }

    private static func answered(_ state: String) -> String {
        state == ReceiptAction.handedOff.rawValue ? "handed off" : state
    }

    /// How much time there is.
    static func time(_ message: ListedMessage, _ state: ScreenState) -> (text: String, style: Style) {
        if message.isDone { return ("", .plain) }
        if message.isReply, message.quarantine == nil { return ("", .plain) }
        if message.isHandedOnInVain, let forward = message.carriedOn {
            return AnswerTime.left(forward, message.urgency, state.person.policy, now: state.now)
        }
        if message.isHandedOffElsewhere { return (lookElsewhere, .caution) }
        guard message.needsAnswer else { return timeOfTaken(message, state) }
        return AnswerTime.left(message, state.person.policy, now: state.now)
    }

    /// What was promised, or how long it is open.
    private static func timeOfTaken(_ message: ListedMessage, _ state: ScreenState) -> (text: String, style: Style) {
        if let promised = message.taken?.callBy {
            let left = promised.milliseconds(since: state.now)
            if left > 0, message.taken?.callsNowSince != nil {
                return ("call NOW: \(WallClock.countdown(left))", left < 60_000 ? .danger : .caution)
            }
            if left > 0 { return ("call in \(WallClock.countdown(left))", left < 60_000 ? .caution : .plain) }
            // Until it is closed, or promised anew: whoever opened it has not called yet.
            return ("CALL LATE by \(WallClock.span(-left))", .danger)
        }
        if message.isBack, let since = message.taken?.since {
            return ("NOT CLOSED: \(ago(since, state))", .danger)
        }
        return ("close it when done", .plain)
    }

    static func ago(_ moment: Timestamp, _ state: ScreenState) -> String {
        WallClock.span(state.now.milliseconds(since: moment))
    }

    /// What a promise of a message is about, for people.
    static func promise(_ word: String) -> String {
        switch word {
        case "log": "its place in the log"
        case "roster": "who may send"
        case "seen": "what the sender saw"
        case "capsule": "the auditor's capsule"
        case "alert": "the alert"
        case "original": "what was handed on"
        default: word
        }
    }
}
