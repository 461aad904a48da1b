import DeviceKit
import Statements

/// Many sent messages: what needs somebody first.
enum DeskList {
    /// - Parameter hinted: Completes the commands that a sentence names.
    static func text(_ states: [SentState], _ session: DeviceSession, hinted: (String) -> String) -> String {
        guard !states.isEmpty else { return "no messages" }
        let ranked = states.map { (rank: rank($0, session), state: $0) }
        let open = ranked.filter { $0.rank < .done }.sorted { left, right in
            (left.rank, left.state.urgency, left.state.at) < (right.rank, right.state.urgency, right.state.at)
        }
        let done = ranked.filter { $0.rank == .done }.map(\.state).reversed()
        var lines = open.flatMap { entry in
            [Desk.headline(entry.state, session), "  \(entry.state.message)"] + Desk.dismissal(entry.state).map(hinted)
                + entry.state.replies.map { Desk.replyLine($0, to: entry.state, session) }
        }
        if !done.isEmpty {
            if !lines.isEmpty { lines.append("") }
            lines.append(
                Table.text(
                    ["DONE", "STATE", "URGENCY", "TO", "SENT"],
                    done.map { doneRow($0, to: Desk.name($0.member, session)) }))
        }
        return lines.joined(separator: "\n")
    }

    static func doneRow(_ state: SentState, to name: String) -> [String] {
        [
            state.message.description, state.isClosedUnread ? "\(state.state) UNREAD" : state.state,
            state.urgency.rawValue, name, LocalTime.short(state.at),
        ]
    }

    /// What nobody has, then overdue and turned down before unanswered, unanswered before answered, and what is done last.
    enum Rank: Int, Comparable {
        case refused, overdue, unanswered, answered, done

        static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
    }

    static func rank(_ state: SentState, _ session: DeviceSession) -> Rank {
        if Desk.isRefused(state) { return .refused }
        if state.isDone { return .done }
        if Desk.mustBeTelephoned(state, session) || Desk.isAsked(state) { return .overdue }
        return state.isAnswered ? .answered : .unanswered
    }
}
