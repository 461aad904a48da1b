import DeviceKit
import Membership
import Statements

/// The other messages of a thread, shortly.
enum ThreadText {
    /// One or two lines each, oldest first; what replies say stands with them.
    static func lines(around message: MessageID, _ session: DeviceSession) -> [String] {
        guard let entries = try? ThreadEntry.list(around: message, session) else { return [] }
        return lines(entries)
    }

    static func lines(_ entries: [ThreadEntry]) -> [String] {
        entries.flatMap { entry in
            let who =
                switch entry.kind {
                case .received: "from \(entry.from)"
                case .sent: "from you to \(entry.to)"
                case .carriedOn: "handed by \(entry.from) to \(entry.to)"
                }
            let line = "  \(LocalTime.short(entry.at))  \(who)  \(ActionWords.state(entry.state))  \(entry.message)"
            let words = entry.reply.map { SafeText.indented(ContentText.human($0, isOwn: entry.kind == .sent)) }
            return [line] + [words].compactMap { $0 }
        }
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
