import Statements
import TerminalScreen

/// The messages, most pressing first; of their contents nothing but, of what was opened here and is not dealt with, whom it
/// is about.
enum ListPainter {
    private static let urgencyColumns = 10
    private static let ageColumns = 8
    /// A name, and enough of another one.
    private static let roomForBoth = 30
    /// `answer in 1 h 59 min`, and a blank.
    static let timeColumns = 21

    static func paint(_ frame: inout Frame, _ area: PaneArea, _ state: ScreenState) {
        guard !state.threads.isEmpty else {
            frame.put(StyledLine("  " + empty(state)), in: area, row: 1)
            return
        }
        // What must not be overlooked stands at the beginning of the state, so that a narrow column cuts the rest.
        let stateColumns = area.columns < 78 ? 19 : 25
        let fromColumns = max(8, area.columns - 2 - urgencyColumns - ageColumns - stateColumns - timeColumns)
        frame.put(
            StyledLine(
                "  " + Columns.fitted("URGENCY", to: urgencyColumns) + Columns.fitted("AGE", to: ageColumns)
                    + Columns.fitted(fromTitle(state, fromColumns), to: fromColumns)
                    + Columns.fitted("STATE", to: stateColumns) + "TIME LEFT",
                .label), in: area, row: 0)
        let room = area.rows - 1
        guard room > 0 else { return }
        let selected = state.threads.firstIndex { thread in state.selected.map(thread.contains) ?? false } ?? 0
        let first = max(0, min(selected - room / 2, state.threads.count - room))
        for (row, thread) in state.threads.dropFirst(first).prefix(room).enumerated() {
            frame.put(
                line(thread, isSelected: first + row == selected, state, fromColumns, stateColumns), in: area,
                row: row + 1)
        }
    }

    /// Nothing waits only if all that the relay has is here.
    private static func empty(_ state: ScreenState) -> String {
        guard state.isListed else { return "Looking …" }
        switch state.link {
        case .open where !state.isStale: return "No messages. Nothing waits for you."
        case .opening, .receiving: return "No messages yet. Whether any wait at the relay is being looked up …"
        default: return "No messages here. Whether any wait at the relay is NOT known."
        }
    }

    private static func fromTitle(_ state: ScreenState, _ columns: Int) -> String {
        guard state.threads.contains(where: { subject($0, state) != nil }) else { return "FROM" }
        let title = "FROM / ABOUT"
        return title.count < columns ? title : "ABOUT"
    }

    /// What is dealt with need not be told apart, and shows nothing any more.
    private static func subject(_ thread: ListedThread, _ state: ScreenState) -> String? {
        thread.first.isDone ? nil : state.subjects[thread.opened.id]?.listed
    }

    /// The sender and, where it was opened, whom it is about: where there is no room for both, the latter.
    private static func from(_ thread: ListedThread, _ state: ScreenState, _ columns: Int) -> String {
        let name = SafeText.line(thread.opened.from)
        guard let subject = subject(thread, state) else { return name }
        return columns < roomForBoth ? subject : "\(name): \(subject)"
    }

    private static func line(
        _ thread: ListedThread, isSelected: Bool, _ state: ScreenState, _ fromColumns: Int, _ stateColumns: Int
    ) -> StyledLine {
        let message = thread.first
        let base: Style = message.isDone ? .quiet : .plain
        func cell(_ text: String, _ columns: Int, _ style: Style) -> StyledLine.Piece {
            var style = message.isDone ? base : style
            style.isReversed = isSelected
            // A blank between the columns, whatever stands in them.
            return .init(text: Columns.fitted(Columns.cut(text, to: columns - 1), to: columns), style: style)
        }
        let time = MessageWords.time(thread.opened, state)
        var words = MessageWords.state(thread, state.person.policy, now: state.now)
        let isDraft = thread.messages.contains { MessageWords.draft($0.id, state) != nil }
        // What was said, and is not known to anybody, counts more.
        if isDraft, !MessageWords.isUnknown(thread.opened) { words = "\(MessageWords.draftMark); \(words)" }
        let isVerified = thread.messages.allSatisfy(\.isVerified)
        if !isVerified, message.quarantine == nil { words = "NOT VERIFIED, \(words)" }
        let isLoud = !isVerified || isDraft || MessageWords.isUnknown(thread.opened)
        return StyledLine([
            cell(isSelected ? ">" : "", 2, .strong),
            cell(MessageWords.urgency(message.urgency), urgencyColumns, MessageWords.style(message.urgency)),
            cell(MessageWords.ago(thread.opened.firstSent?.at ?? thread.opened.at, state), ageColumns, .plain),
            cell(from(thread, state, fromColumns), fromColumns, message.isNew ? .strong : .plain),
            cell(words, stateColumns, isLoud ? .danger : message.isNew ? .strong : .plain),
            cell(time.text, timeColumns, time.style),
        ])
    }
}
