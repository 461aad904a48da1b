import DeviceKit
import Statements

/// Many sent messages: what needs somebody first.
enum DeskList {
    /// - Parameters:
    ///   - isOverdue: Whether these are what is to be called by telephone, and nothing else.
    ///   - hinted: Completes the commands that a sentence names.
    static func text(
        _ states: [SentState], isOverdue: Bool = false, _ session: DeviceSession, hinted: (String) -> String
    ) -> String {
        guard !states.isEmpty else { return nothing(isOverdue: isOverdue) }
        let ranked = states.map { (rank: rank($0, session), state: $0) }
        let open = ranked.filter { $0.rank < .done }.sorted { left, right in
            isBefore((left.rank, left.state), (right.rank, right.state))
        }
        let done = ranked.filter { $0.rank == .done }.map(\.state).reversed()
        var lines = open.flatMap { entry in
            [Desk.headline(entry.state, session), idLine(entry.state, SentContent.brief(of: entry.state, session))]
                + Desk.dismissal(entry.state, session).map(hinted)
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

    static func nothing(isOverdue: Bool) -> String { isOverdue ? "nothing to telephone about" : "no messages" }

    /// `msg-…  about Zephyrine Quillfeather`.
    static func idLine(_ state: SentState, _ about: String?) -> String {
        "  \(state.message)" + (about.map { "  about: \($0)" } ?? "")
    }

    /// Among what is alike to do, what is most urgent first; of the same urgency, what never left.
    static func isBefore(_ left: (rank: Rank, state: SentState), _ right: (rank: Rank, state: SentState)) -> Bool {
        func place(_ state: SentState) -> (Urgency, Int, Timestamp) {
            (state.urgency, Desk.isRefused(state) ? 0 : 1, state.at)
        }
        return left.rank == right.rank ? place(left.state) < place(right.state) : left.rank < right.rank
    }

    static func doneRow(_ state: SentState, to name: String) -> [String] {
        // However many hands it went through: how it ended.
        let word = (state.standing?.state ?? state.state).replacing("_", with: " ")
        return [
            state.message.description, state.isClosedUnread ? "\(word) UNREAD" : word, state.urgency.words, name,
            LocalTime.short(state.at),
        ]
    }

    /// What is to be telephoned before unanswered, unanswered before answered and dealt with, and what is done last.
    enum Rank: Int, Comparable {
        case telephone, unanswered, answered, done

        static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
    }

    static func rank(_ state: SentState, _ session: DeviceSession) -> Rank {
        if Desk.mustBeTelephoned(state, session) { return .telephone }
        if state.isDone { return .done }
        if Desk.isAsked(state), !state.isDealtWith { return .telephone }
        return state.isAnswered || state.isDealtWith ? .answered : .unanswered
    }
}
