import TerminalScreen

/// The foot of the screen: the field that is typed into, what came of the last key, and the keys that can be pressed now.
enum FooterPainter {
    /// What a status may at most take.
    private static let statusRows = 2

    static func lines(_ state: ScreenState) -> [StyledLine] {
        var lines: [StyledLine] = []
        if let status = state.status {
            let style: Style =
                switch status.weight {
                case .plain: .plain
                case .good: .good
                case .caution: .caution
                case .danger: .danger
                }
            lines = rows(SafeText.line(status.text), columns: state.columns - 1).map { StyledLine(" " + $0, style) }
        } else if state.opening != nil {
            lines = [StyledLine(" Opening …")]
        }
        return FieldPainter.lines(state) + (lines.isEmpty ? [.empty] : lines) + [keys(state)]
    }

    /// As much of a note as there is room for at the foot of the screen, and where the rest stands.
    static func beginning(of note: ScreenNote, columns: Int) -> String {
        let sentence = SafeText.line(note.sentence)
        let rows = Columns.wrapped(sentence, to: columns - 1)
        guard rows.count > statusRows else { return sentence }
        let end = "… press ! to read on"
        var words = rows[statusRows - 1].split(separator: " ")
        while !words.isEmpty, Columns.width(words.joined(separator: " ") + " " + end) > columns - 1 {
            words.removeLast()
        }
        return (rows.prefix(statusRows - 1) + words.map(String.init) + [end]).joined(separator: " ")
    }

    /// What does not fit is seen to go on.
    private static func rows(_ text: String, columns: Int) -> [String] {
        let rows = Columns.wrapped(text, to: columns)
        guard rows.count > statusRows else { return rows }
        return rows.prefix(statusRows - 1) + [Columns.cut(rows[statusRows - 1] + " …", to: columns)]
    }

    /// As many keys as fit, the most needed first; help is always there.
    private static func keys(_ state: ScreenState) -> StyledLine {
        guard state.dialog == nil else {
            return bar(keysOfDialog(state).reduce(StyledLine(" ", .bar)) { adding($1, to: $0) }, state)
        }
        let keys: [(String, String)] =
            switch state.pane {
            case .list:
                (state.threads.isEmpty ? [] : [("Enter", "open")]) + keysOfSent(state) + [
                    ("s", "steps"), ("!", "findings"), ("L", "lock"), ("q", "quit"),
                ]
            case .message: keysOfMessage(state)
            case .steps, .notes, .telephone: [("Esc", "back"), ("Up, Down", "read on"), ("q", "quit")]
            case .help: [("Up, Down", "read on")]
            }
        let last = state.pane == .help ? ("any other key", "back") : ("?", "help")
        var line = StyledLine(" ", .bar)
        var room = state.columns - 1 - columns(last)
        for key in keys where room >= 0 {
            room -= columns(key)
            if room >= 0 { line = adding(key, to: line) }
        }
        return bar(adding(last, to: line), state)
    }

    /// What can be said of the open message, and where one can go from it.
    private static func keysOfMessage(_ state: ScreenState) -> [(String, String)] {
        guard let message = state.shownMessage else { return [("Esc", "back"), ("q", "quit")] }
        let files = state.shown?.files.isEmpty ?? true ? [] : [("v", "save files")]
        return answers(to: message) + files + [("Esc", "back")]
            + (state.next(after: message) == nil ? [] : [("n", "next")])
            + keysOfSent(state) + [("s", "steps"), ("!", "findings"), ("L", "lock"), ("q", "quit")]
    }

    /// Only where there is something.
    private static func keysOfSent(_ state: ScreenState) -> [(String, String)] {
        state.toTelephone.isEmpty ? [] : [("t", "to telephone")]
    }

    /// Those that would change something.
    private static func answers(to message: ListedMessage) -> [(String, String)] {
        guard message.quarantine == nil else { return [] }
        var keys: [(String, String)] = []
        if message.canBeAcknowledged { keys.append(("a", message.isTaken ? "new promise" : "acknowledge")) }
        if message.canBeDeclined { keys.append(("d", "decline")) }
        if message.canBeClosed { keys.append(("c", "close")) }
        return keys + [("r", "reply"), ("h", "hand off")]
    }

    /// Whatever is asked, other keys do nothing meanwhile.
    private static func keysOfDialog(_ state: ScreenState) -> [(String, String)] {
        switch state.dialog {
        case .field(let field, let text, _)?:
            let words = FieldWords(field, text, state)
            return [("Enter", words.enter), ("Esc", words.escape), ("Up, Down", "read on")]
        case .colleague(let message, _)? where state.colleagues(for: message).isEmpty: return [("Esc", "go back")]
        case .colleague?: return [("Enter", "this one"), ("Esc", "go back")]
        case .reason?: return [("Esc", "go back")]
        case .confirm?: return [("y", "yes"), ("any other key", "no")]
        case nil: return []
        }
    }

    private static func bar(_ line: StyledLine, _ state: ScreenState) -> StyledLine {
        let used = line.pieces.reduce(0) { $0 + Columns.width($1.text) }
        return line.adding(String(repeating: " ", count: max(0, state.columns - used)), .bar)
    }

    private static func adding(_ key: (String, String), to line: StyledLine) -> StyledLine {
        line.adding(key.0, Style(bold: true, reversed: true)).adding(" \(key.1)  ", .bar)
    }

    private static func columns(_ key: (String, String)) -> Int { key.0.count + key.1.count + 3 }
}
