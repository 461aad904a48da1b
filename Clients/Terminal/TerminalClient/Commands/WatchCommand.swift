import ArgumentParser
import DeviceKit
import Dispatch
import Statements

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// `nightbell watch`.
struct WatchCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Stay connected: receive and receipt messages as they come.",
        discussion: """
            Begins with every message that nobody on this device has read or answered yet. Ends on SIGTERM or Ctrl-C, \
            never on a finding. With --json, one object a line: {"event":"message",…}, "notice", "unanswered" (a message of \
            yours whose time is over: telephone), "stale" (no signed word of the relay on the present), "device_joined" (a \
            further device of yours, or one that you invited), "connected", "drained", "disconnected".
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    var outlivesFindings: Bool { true }

    func perform(_ context: CommandContext) async throws {
        try await Supervised.run(context, surface: .lines) { session in
            try await UntilSignal.run {
                var shown = ShownMessages()
                try Self.showWaiting(session, context.console, &shown)
                try await session.watch { event in
                    switch event {
                    case .message(let message) where !shown.isNew(message): return
                    // What another command on this profile has fetched meanwhile came by no stream.
                    case .drained: try Self.showWaiting(session, context.console, &shown)
                    default: break
                    }
                    Self.show(event, session, context.console)
                }
            }
        }
    }

    /// What was fetched and that no person has seen: an earlier command may have ended before it could show it.
    private static func showWaiting(
        _ session: DeviceSession, _ console: Console, _ shown: inout ShownMessages
    ) throws {
        for message in try session.inbox() where message.waitsForAPerson && shown.isNew(message) {
            show(.message(message), session, console)
        }
    }

    private static func show(_ event: WatchEvent, _ session: DeviceSession, _ console: Console) {
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

/// The messages that a watcher has shown: each once, and once more when what was not proven is.
private struct ShownMessages {
    private var verdicts: [MessageID: Bool] = [:]

    mutating func isNew(_ message: InboxMessage) -> Bool {
        verdicts.updateValue(message.isVerified, forKey: message.message) != message.isVerified
    }
}
