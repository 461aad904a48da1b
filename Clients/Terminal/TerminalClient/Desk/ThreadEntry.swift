import DeviceKit
import Membership
import Statements

/// One message of a thread, as people are shown it: who, to whom, how far it came, and what it says where that is no
/// message to be opened for itself.
struct ThreadEntry: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// It came here, from its sender.
        case received
        /// From here.
        case sent
        /// What was ours, carried on by somebody else.
        case carriedOn
    }

    let message: MessageID
    let kind: Kind
    let at: Timestamp
    /// Names, as the roster has them.
    let from: String
    let to: String
    /// Whether it answers another; whether it carries another on.
    let isReply: Bool
    let isHandOff: Bool
    /// As `inbox` and `sent` say it.
    let state: String
    let isVerified: Bool
    /// The words of a reply.
    let reply: Reply?
    /// Words of one's own that went out otherwise: with a hand-off, or as the message itself.
    let text: String?
    /// Of what was sent from here: that its sender must telephone, whom, and why.
    var alarm: String?

    /// The other messages of a thread, oldest first.
    static func list(around message: MessageID, _ session: DeviceSession) throws -> [ThreadEntry] {
        let thread = try session.thread(of: message)
        return thread.parts.filter { $0.message != message }.map { part in
            let content = (try? session.words(of: part.message)).flatMap { $0 }
            var isReply = false
            var isHandOff = false
            switch thread.references[part.message] {
            case .inReplyTo?: isReply = true
            case .forwardOf?: isHandOff = true
            case nil: break
            }
            return ThreadEntry(part, content, isReply: isReply, isHandOff: isHandOff, session)
        }
    }

    private init(
        _ part: MessageThread.Part, _ content: MessageContent?, isReply: Bool, isHandOff: Bool, _ session: DeviceSession
    ) {
        (message, at) = (part.message, part.at)
        (self.isReply, self.isHandOff) = (isReply, isHandOff)
        if case .reply(let words)? = content { reply = words } else { reply = nil }
        let us = Desk.name(session.identity.member, session)
        switch part {
        case .received(let message):
            (kind, state, isVerified) = (.received, message.state, message.isVerified)
            (from, to) = (SafeText.line(InboxCommand.sender(message, session)), us)
            text = nil
        case .sent(let sent):
            (kind, state, isVerified) = (.sent, sent.state, true)
            (from, to) = (us, Desk.name(sent.member, session))
            alarm = Desk.alarm(sent, session)
            text =
                switch content {
                case .text(let words)?: words
                case .handOff(let handOff)?: handOff.text
                default: nil
                }
        case .carriedOn(let forward):
            (kind, state, isVerified) = (.carriedOn, forward.state, true)
            (from, to) = (Desk.name(forward.from, session), Desk.name(forward.to, session))
            text = nil
        }
    }

    init(
        message: MessageID, kind: Kind, at: Timestamp, from: String, to: String, isReply: Bool = true,
        isHandOff: Bool = false, state: String, isVerified: Bool = true, reply: Reply? = nil, text: String? = nil
    ) {
        (self.message, self.kind, self.at, self.from, self.to) = (message, kind, at, from, to)
        (self.isReply, self.isHandOff, self.state, self.isVerified) = (isReply, isHandOff, state, isVerified)
        (self.reply, self.text) = (reply, text)
    }
}
