import DeviceKit
import Statements

/// What is new about a message that was sent from here, in one sentence, while its sender watches: `sent` tells the whole.
struct SentNews {
    /// What its sender is to do, or to know first.
    var mark: String?
    /// Its urgency; of a reply, that it is one.
    let what: String
    /// To whom it was sent.
    let name: String
    let at: Timestamp
    /// Whether it left; otherwise it was only written.
    var isSent = true
    /// Who has it, and since when.
    let standing: String
    /// The last fact, where that is not how it stands.
    var also: String?
    /// As much of its id as names it here.
    let id: String
    /// Whom to telephone about it: who has it now.
    var whom: String?

    /// `URGENT to Dr. Noor, sent 03:07 (12 min ago), acknowledged by Dr. Noor at 03:19: nightbell sent msg-agrceart`.
    func sentence(now: Timestamp = .now()) -> String {
        let written = Desk.written(at: at, isSent: isSent, now: now)
        let parts = ["\(what) to \(name)", written, standing, also].compactMap { $0 }
        return (mark.map { "\($0): " } ?? "") + parts.joined(separator: ", ") + ": nightbell sent \(id)"
    }

    /// The same without what only time changes: what is alike here is no news.
    var gist: String { [mark, standing, also].compactMap { $0 }.joined(separator: ", ") }

    /// Why its sender is to telephone, which is said once.
    func alarm(_ why: String, now: Timestamp = .now()) -> String {
        var news = self
        news.mark = nil
        return "CALL BY TELEPHONE\(whom.map { " \($0)" } ?? ""): \(why): \(news.sentence(now: now))"
    }
}

extension SentNews {
    init(_ state: SentState, _ session: DeviceSession) {
        let short = ShortIDs([state.message.description]).short(state.message.description)
        let isUnique = (try? session.sentState(short))?.message == state.message
        self.init(
            mark: Desk.mark(state, session), what: state.isReply ? "REPLY" : MessageWords.urgency(state.urgency),
            name: Desk.name(state.member, session),
            at: state.at, isSent: Desk.isSent(state), standing: Desk.standing(state, session),
            also: Self.also(state) { Desk.name($0, session) },
            id: isUnique ? short : state.message.description, whom: Desk.whoHasIt(state) { Desk.name($0, session) })
    }

    /// What may be news and is not told by how a message stands.
    private static let besides: Set<String> = ["disclosed", "filed", "declined", "undecryptable", "undeliverable"]

    /// `Dr. Noor: saved a file`: the newest fact, where the message does not stand by it.
    static func also(_ state: SentState, _ name: (MemberID?) -> String) -> String? {
        let facts = state.facts + state.forwards.flatMap(\.facts)
        guard let last = facts.max(by: { $0.index < $1.index }), besides.contains(last.action),
            last.action != state.standing?.state
        else {
            return nil
        }
        return
            "\(last.member.map { name($0) + ": " } ?? "")\(ActionWords.text(last.action))\(ActionWords.reason(last.reason))"
    }
}
