import DeviceKit
import Statements
import TerminalScreen

/// The line over the open message: what waits beside it, and where somebody replied.
enum OthersPainter {
    private static let nameColumns = 18

    /// - Returns: `nil` when nothing does.
    static func line(_ state: ScreenState, besides message: ListedMessage, _ clock: WallClock) -> StyledLine? {
        let others = state.pressing.filter { $0.id != message.id }
        let new = others.filter(state.isUnopened)
        let replies = state.repliedTo(besides: message).reduce(0) { $0 + $1.newReplies }
        let words: String
        if let first = new.first {
            words = self.new(first, others: others.count - 1, replies, state, after: message, clock)
        } else if let first = others.first {
            words = known(first, others.count, replies, state, after: message)
        } else if replies > 0 {
            let how = state.dialog != nil ? "." : replies == 1 ? ": n shows it." : ": n shows the first."
            words = "\(replied(replies)) elsewhere\(how)"
        } else {
            return nil
        }
        let style: Style = new.first?.urgency == .emergent ? .danger : .caution
        return StyledLine(" \(Columns.cut(words, to: state.columns - 2))", style)
    }

    /// What nobody has opened is named, and stands before everything that somebody has seen.
    private static func new(
        _ first: ListedMessage, others: Int, _ replies: Int, _ state: ScreenState, after message: ListedMessage,
        _ clock: WallClock
    ) -> String {
        let name = Columns.cut(SafeText.line(first.from), to: nameColumns)
        let rest = others == 0 ? "" : "  \(others) \(others == 1 ? "other waits" : "others wait")."
        return "NEW \(MessageWords.urgency(first.urgency)) from \(name), \(clock.moment(first.at, now: state.now)), "
            + "NOT OPENED\(how(first, state, after: message))\(rest)\(also(replies))"
    }

    private static func known(
        _ first: ListedMessage, _ count: Int, _ replies: Int, _ state: ScreenState, after message: ListedMessage
    ) -> String {
        let urgency = MessageWords.urgency(first.urgency)
        let how = how(first, state, after: message) + also(replies)
        return count == 1
            ? "1 other message waits (\(urgency))\(how)" : "\(count) others wait, the first \(urgency)\(how)"
    }

    /// Which one the key opens. Where something is typed or asked, n is a letter.
    private static func how(_ first: ListedMessage, _ state: ScreenState, after message: ListedMessage) -> String {
        guard state.dialog == nil else { return "." }
        let next = state.next(after: message) ?? first
        let which = next.id == first.id ? "it" : "the next (\(MessageWords.urgency(next.urgency)))"
        return ": n opens \(which)."
    }

    private static func also(_ replies: Int) -> String { replies == 0 ? "" : "  Also \(replied(replies))." }

    private static func replied(_ count: Int) -> String { count == 1 ? "1 new reply" : "\(count) new replies" }
}
