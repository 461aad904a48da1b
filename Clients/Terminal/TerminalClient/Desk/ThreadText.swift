import DeviceKit
import Membership
import Statements

/// The other messages of a thread, shortly.
enum ThreadText {
    /// One or two lines each, oldest first; what replies say stands with them.
    static func lines(around message: MessageID, _ session: DeviceSession) -> [String] {
        guard let thread = try? session.thread(of: message) else { return [] }
        return thread.parts.filter { $0.message != message }.flatMap { part -> [String] in
            switch part {
            case .received(let message):
                [
                    "  \(message.at)  from \(SafeText.line(InboxCommand.sender(message, session)))  \(message.state)  "
                        + message.message.description
                ] + words(message.message, session)
            case .sent(let state):
                ["  \(state.at)  from you to \(Desk.name(state.member, session))  \(state.state)  \(state.message)"]
                    + words(state.message, session)
            case .carriedOn(let forward):
                [
                    "  \(forward.at)  handed by \(Desk.name(forward.from, session)) to "
                        + "\(Desk.name(forward.to, session))  \(forward.state)  \(forward.message)"
                ]
            }
        }
    }

    /// What a reply says; a record is opened by reading it.
    private static func words(_ message: MessageID, _ session: DeviceSession) -> [String] {
        guard case .reply(let reply)? = (try? session.words(of: message)).flatMap({ $0 }) else { return [] }
        return [SafeText.indented(ContentText.human(reply))]
    }

    static func document(of message: MessageID, _ session: DeviceSession) -> JSONValue {
        guard let thread = try? session.thread(of: message) else { return .text(message) }
        return .text(thread.root)
    }

    static func inReplyTo(_ message: MessageID, _ session: DeviceSession) -> JSONValue {
        guard case .inReplyTo(let parent)? = (try? session.thread(of: message))?.references[message] else {
            return .null
        }
        return .text(parent)
    }

    static func forwardOf(_ message: MessageID, _ session: DeviceSession) -> JSONValue {
        guard case .forwardOf(let parent)? = (try? session.thread(of: message))?.references[message] else {
            return .null
        }
        return .text(parent)
    }
}
