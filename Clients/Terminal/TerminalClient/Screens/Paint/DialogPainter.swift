import DeviceKit
import Statements
import TerminalScreen

/// A question, in a box at the foot of the screen: what it is about stays to be read above it.
enum DialogPainter {
    /// - Parameter foot: The row that it must leave free, and all below.
    static func paint(_ frame: inout Frame, _ dialog: ScreenDialog, _ state: ScreenState, above foot: Int) {
        let width = min(frame.columns - 4, 64)
        let lines = lines(dialog, state, columns: width - 4)
        let column = (frame.columns - width) / 2
        let top = max(0, foot - lines.count - 2)
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
        case .reason(let action, let message):
            let title = action == .declined ? "Decline this message. Why?" : "Acknowledge: it is yours now. How?"
            let late = action == .acknowledged ? state.message(message).flatMap(state.tooLate) : nil
            return [StyledLine(title, .strong)] + about(message, state, columns)
                + (late.map { StyledLine.wrapped($0, to: columns, .danger) } ?? []) + [.empty]
                + ScreenDialog.reasons(for: action).map { StyledLine("  \($0.key)  ", .strong).adding($0.words) }
                + [.empty, StyledLine("Esc  go back, nothing is said", .quiet)]
        case .colleague(let message, let choice):
            return ColleaguePainter.lines(message, choice, state, columns: columns)
        // It has its place at the foot of the screen.
        case .field: return []
        case .confirm(let action):
            let (title, text) = question(action, state)
            return [StyledLine(title, .strong)] + (dialog.message.map { about($0, state, columns) } ?? []) + [.empty]
                + StyledLine.wrapped(text, to: columns)
                + [
                    .empty,
                    StyledLine("  y  ", .strong).adding("yes     ").adding("any other key", .strong).adding("  no"),
                ]
        }
    }

    /// Whose message it is: nobody shall answer another one than they mean.
    private static func about(_ id: MessageID, _ state: ScreenState, _ columns: Int) -> [StyledLine] {
        guard let message = state.message(id) else { return [] }
        let urgency = MessageWords.urgency(message.urgency)
        return [
            StyledLine(
                "\(urgency) from \(SafeText.line(message.from)), sent \(state.clock.moment(message.at, now: state.now))",
                .quiet)
        ] + subject(id, state, columns)
    }

    /// About whom, and the number, and a record's greater urgency: they may be covered, or have been scrolled away. Only of
    /// what is open.
    static func subject(_ id: MessageID, _ state: ScreenState, _ columns: Int) -> [StyledLine] {
        guard let shown = state.shown, shown.id == id else { return [] }
        let understated = state.message(id).flatMap { MessageWords.understated(shown.recordUrgency, $0.urgency) }
        return (shown.subject.map { [$0.line(columns: columns)] } ?? [])
            + (understated.map { StyledLine.wrapped($0, to: columns, .danger) } ?? [])
    }

    private static func question(_ action: ScreenAction, _ state: ScreenState) -> (String, String) {
        switch action {
        case .answer(.declined, let reason, let message, _):
            (
                "Decline this message?",
                told(message, state) + " that you do not take it"
                    + (reason.flatMap(ScreenDialog.words).map { " (\($0))" } ?? "")
                    + ": somebody else must be found. You can still acknowledge it later: telephone them then."
            )
        case .handOff(let message, let colleague, let words):
            ("Hand this message to \(SafeText.line(colleague.name))?", handOff(message, colleague, words, state))
        case .quit:
            ("Leave the screen?", leaving(state))
        default: ("Do it?", "")
        }
    }

    /// Who hears of it: the one it came from, and whoever sent it first.
    private static func told(_ id: MessageID, _ state: ScreenState) -> String {
        let from = state.message(id).map { SafeText.line($0.from) } ?? "The sender"
        guard let shown = state.shown, shown.id == id, case .handedOn(let path, _) = shown.body,
            let first = path.hands.last?.original?.from, first != state.message(id)?.from
        else { return "\(from) is told" }
        return "\(from) and \(SafeText.line(first)) are told"
    }

    private static func leaving(_ state: ScreenState) -> String {
        var lines: [String] = []
        let left = state.leftBehind
        if left != LeftBehind() {
            lines.append(
                "\(left.words). Nothing rings here while the screen is closed, unless \"nightbell watch\" runs.")
        }
        if left.unsent > 0 {
            lines.append("What is NOT SENT goes out when nightbell runs again: if it is urgent, TELEPHONE.")
        }
        if state.hasUnsaid { lines.append("What you typed and did not send is lost then.") }
        return lines.joined(separator: "\n\n")
    }

    private static func handOff(
        _ message: MessageID, _ colleague: Colleague, _ words: String?, _ state: ScreenState
    ) -> String {
        let name = SafeText.line(colleague.name)
        let sender = state.message(message).map { SafeText.line($0.from) } ?? "its sender"
        var lines = [
            "\(name) gets the whole message\(words == nil ? "" : ", your words"), and proof of who sent it. \(sender) is told."
        ]
        if state.message(message)?.isClosed ?? false {
            lines.append("You CLOSED it: \(sender) takes it for done. Telephone \(sender) as well.")
        }
        let files = state.shown.map { $0.id == message ? $0.files.count : 0 } ?? 0
        if files > 0 {
            lines.append(
                "Its \(files == 1 ? "file does" : "\(files) files do") NOT go with it: \(name) must get "
                    + "\(files == 1 ? "it" : "them") from you or from \(sender).")
        }
        return (lines + ["You stay responsible until \(name) takes it up."]).joined(separator: "\n\n")
    }
}
