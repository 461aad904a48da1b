import DeviceKit
import Membership
import Statements

/// What was said about a message that was sent from here, by both sides.
extension Desk {
    /// The replies that came and those that went from here, in their order.
    /// - Parameter withWords: Opens them.
    static func conversation(_ state: SentState, _ session: DeviceSession, withWords: Bool) -> [String] {
        let theirs = state.replies.map { reply in
            (
                at: reply.at, line: replyLine(reply, to: state, session),
                words: withWords ? openedReply(reply.message, session).map { ContentText.human($0) } : nil
            )
        }
        let ours = ownReplies(to: state, (try? session.thread(of: state.message))?.parts ?? []).map { reply in
            (
                at: reply.at, line: ownReplyLine(reply, to: name(reply.member, session)),
                words: withWords ? openedReply(reply.message, session).map { ContentText.human($0, isOwn: true) } : nil
            )
        }
        return (theirs + ours).sorted { $0.at < $1.at }
            .flatMap { [$0.line] + ($0.words.map { [SafeText.indented($0)] } ?? []) }
    }

    /// What this device replied to a message of its own, to what carries it on, and to the replies.
    static func ownReplies(to state: SentState, _ parts: [MessageThread.Part]) -> [SentState] {
        let answered = Set([state.message] + state.forwards.map(\.message) + state.replies.map(\.message))
        return parts.compactMap { part in
            guard case .sent(let sent) = part, sent.message != state.message,
                case .inReplyTo(let parent)? = sent.reference, answered.contains(parent)
            else { return nil }
            return sent
        }
    }

    static func replyLine(_ reply: SentReply, to state: SentState, _ session: DeviceSession) -> String {
        let counts = state.promise?.message == reply.message
        let promised =
            reply.promisedAt.map { (counts ? ", calls by " : ", promised earlier: ") + WallClock.here.moment($0) } ?? ""
        return "  reply of \(name(reply.member, session)) at \(LocalTime.short(reply.at))\(promised): \(reply.message)"
            + (reply.isVerified ? "" : "  NOT VERIFIED")
    }

    /// `  your reply to Dr. Noor at 28 Nov 03:20 CET, delivered: msg-…`.
    static func ownReplyLine(_ reply: SentState, to name: String) -> String {
        "  your reply to \(name) at \(LocalTime.short(reply.at)), \(ActionWords.state(reply.state)): \(reply.message)"
    }
}
