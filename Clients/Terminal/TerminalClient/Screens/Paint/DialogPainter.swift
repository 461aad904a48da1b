import Statements
import TerminalScreen

/// A question, in a box over what it is about.
enum DialogPainter {
    static func paint(_ frame: inout Frame, _ dialog: ScreenDialog, _ state: ScreenState) {
        let width = min(frame.columns - 4, 64)
        let lines = lines(dialog, state, columns: width - 4)
        let column = (frame.columns - width) / 2
        let top = max(0, (frame.rows - lines.count - 2) / 2)
        let bar = String(repeating: "─", count: width - 2)
        frame.put("┌\(bar)┐", at: column, top, .strong)
        for (row, line) in lines.enumerated() {
            frame.fill(top + 1 + row, .plain, from: column, width: width)
            frame.put("│", at: column, top + 1 + row, .strong)
            frame.put("│", at: column + width - 1, top + 1 + row, .strong)
            frame.put(
                line, in: PaneArea(column: column + 2, row: top + 1 + row, columns: width - 4, rows: 1), row: 0)
        }
        frame.put("└\(bar)┘", at: column, top + 1 + lines.count, .strong)
    }

    private static func lines(_ dialog: ScreenDialog, _ state: ScreenState, columns: Int) -> [StyledLine] {
        switch dialog {
        case .reason(let action, _):
            let title = action == .declined ? "Decline this message. Why?" : "Acknowledge: it is yours now. How?"
            return [StyledLine(title, .strong), .empty]
                + ScreenDialog.reasons(for: action).map { StyledLine("  \($0.key)  ", .strong).adding($0.words) }
                + [.empty, StyledLine("Esc  go back, nothing is said", .quiet)]
        case .folder(_, let field):
            return [StyledLine("Save its files into which folder?", .strong), .empty] + typed(field, columns: columns)
                + [.empty]
                + StyledLine.wrapped(
                    "A saved file is outside Nightbell: nothing here guards it any more, and the sender learns that it was "
                        + "saved.", to: columns)
                + [.empty, StyledLine("Enter  save     Esc  go back", .quiet)]
        case .confirm(let action):
            let (title, text) = question(action, state)
            return [StyledLine(title, .strong), .empty] + StyledLine.wrapped(text, to: columns)
                + [
                    .empty,
                    StyledLine("  y  ", .strong).adding("yes     ").adding("any other key", .strong).adding("  no"),
                ]
        }
    }

    /// The last lines of what is typed, and where the next character comes.
    private static func typed(_ field: TypedText, columns: Int) -> [StyledLine] {
        let lines = Array(Columns.wrapped(field.text, to: columns - 4).suffix(6))
        return lines.enumerated().map { number, line in
            let isLast = number == lines.count - 1
            let blank = isLast && field.text.hasSuffix(" ") ? " " : ""
            let text = StyledLine("  " + line + blank)
            return isLast ? text.adding("_", .strong) : text
        }
    }

    private static func question(_ action: ScreenAction, _ state: ScreenState) -> (String, String) {
        switch action {
        case .answer(.declined, let reason, _):
            (
                "Decline this message?",
                "The sender is told that you do not take it"
                    + (reason.flatMap(ScreenDialog.words).map { " (\($0))" } ?? "")
                    + ", and must find somebody else. It cannot be taken back."
            )
        case .answer(.closed, _, _):
            ("Close this message?", "Closed means that everything is done. It leaves what waits, for everyone.")
        case .quit:
            (
                "Leave the screen?",
                "\(state.waiting.count) \(state.waiting.count == 1 ? "message waits" : "messages wait") for an answer. Nothing "
                    + "rings here while the screen is closed, unless \"nightbell watch\" runs."
            )
        default: ("Do it?", "")
        }
    }
}
