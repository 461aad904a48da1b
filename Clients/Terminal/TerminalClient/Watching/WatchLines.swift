import DeviceKit
import Statements

/// What `watch` writes: a line for people, or an object for scripts.
enum WatchLines {
    static func show(_ event: WatchEvent, _ session: DeviceSession, _ console: Console) {
        switch event {
        case .connected: stream(["event": "connected"], nil, console)
        case .drained: stream(["event": "drained"], nil, console)
        case .message(let message):
            stream(
                object("message", InboxCommand.document(message, session)),
                (InboxCommand.isReply(message, session) ? "REPLY" : message.urgency.rawValue.uppercased())
                    + "  \(message.message)  from "
                    + "\(SafeText.line(InboxCommand.sender(message, session)))  \(message.state)"
                    + InboxCommand.promise(message, session) + (message.isVerified ? "" : "  NOT VERIFIED"), console)
        case .progressed(let message):
            stream(
                object("progressed", InboxCommand.document(message, session)),
                "\(message.message) is now \(message.state)", console)
        case .alive: break
        case .notice(let state):
            stream(
                object("notice", SentCommand.document(state, true, session)), "sent: " + Desk.news(state, session),
                console)
        case .unanswered(let state):
            stream(
                object("unanswered", SentCommand.document(state, true, session)),
                "CALL BY TELEPHONE: \(state.isDelivered ? "nobody answered in time" : "no device has it in time"): "
                    + Desk.news(state, session), console)
        case .joined(let device, let text):
            // In words it was said as it was learnt.
            stream(
                ["event": "device_joined", "device": .text(device), "message": .string(text)], nil, console)
        case .stale(let seconds):
            let text = "for \(seconds) s the relay has given no signed word on the present: messages may be waiting"
            stream(
                ["event": "stale", "seconds": .integer(seconds), "message": .string(text)], nil, console)
            if !console.isJSON { console.warn(text.uppercased()) }
        case .disconnected(let error, let wait):
            stream(
                [
                    "event": "disconnected", "code": .string(error.code.rawValue), "message": .string(error.message),
                    "retry_in_milliseconds": .integer(wait),
                ], nil, console)
            if !console.isJSON { console.warn("\(error.message); trying again in \(wait) ms") }
        }
    }

    /// A message that was acknowledged comes back, for it is not closed.
    static func showNotClosed(
        _ message: InboxMessage, _ taken: TakenUp, _ session: DeviceSession, _ console: Console
    ) {
        guard case .object(var document) = object("not_closed", InboxCommand.document(message, session)) else { return }
        document.set("acknowledged_at", to: .text(taken.since))
        document.set("promised_at", to: .text(orNull: taken.promisedAt))
        let promised = taken.promisedAt.map { ", a call was promised by \(ClockTime.text($0))" } ?? ""
        stream(
            .object(document),
            "NOT CLOSED  \(message.message)  from \(SafeText.line(InboxCommand.sender(message, session)))  acknowledged at "
                + "\(ClockTime.text(taken.since))\(promised): close it when everything is done", console)
    }

    private static func object(_ event: String, _ document: JSONValue) -> JSONValue {
        var object = JSONObject()
        object.set("event", to: .string(event))
        if case .object(let members) = document {
            for member in members.members { object.set(member.key, to: member.value) }
        }
        return .object(object)
    }

    private static func stream(_ document: JSONValue, _ human: String?, _ console: Console) {
        if console.isJSON || human != nil { console.result(document, human: human ?? "") }
    }
}
