import DeviceKit
import Statements
import TerminalScreen

/// The field at the foot of the screen: what is asked, what is typed, what becomes of it. What it is about stays above it.
enum FieldPainter {
    private static let textRows = 4

    static func lines(_ state: ScreenState) -> [StyledLine] {
        guard case .field(let field, let text, let problem)? = state.dialog else { return [] }
        let words = FieldWords(field, text, state)
        let title = "── \(words.title) "
        let rule = String(repeating: "─", count: max(0, state.columns - Columns.width(title)))
        return [StyledLine(title, .strong).adding(rule, .quiet)] + typed(text, columns: state.columns)
            + (problem.map { StyledLine.wrapped($0, to: state.columns - 1, indent: 1, .danger) } ?? words.understood)
            + StyledLine.wrapped(words.note, to: state.columns - 1, indent: 1, .quiet)
    }

    /// The last lines of what is typed, and where the next character comes.
    static func typed(_ field: TypedText, columns: Int) -> [StyledLine] {
        let lines = Array(Columns.wrapped(field.text, to: columns - 4).suffix(textRows))
        return lines.enumerated().map { number, line in
            let isLast = number == lines.count - 1
            let blank = isLast && field.text.hasSuffix(" ") ? " " : ""
            let text = StyledLine("  " + line + blank)
            return isLast ? text.adding("_", .strong) : text
        }
    }
}

/// What a field says of itself.
struct FieldWords {
    let title: String
    /// How what is typed is understood, before it is said.
    private(set) var understood: [StyledLine] = []
    let note: String
    /// What Enter does, and what Esc does.
    let enter: String
    private(set) var escape = "go back"

    init(_ field: ScreenField, _ text: TypedText, _ state: ScreenState) {
        let sender = state.message(field.message).map { SafeText.line($0.from) } ?? "the sender"
        let people = state.people.flatMap { $0.about == field.message ? $0.answersTo : nil }
        let reader = people.map(SafeText.line) ?? sender
        let lost = "Until then it is lost if this screen locks or closes."
        switch field {
        case .folder:
            title = "Save its files into which folder?"
            note =
                "A saved file is outside Nightbell: nothing here guards it any more, and the sender learns that it was saved."
            enter = "save"
        case .reply:
            title = "Reply to \(reader)"
            note = "Goes out sealed when you press Enter. \(lost) A reply does not acknowledge: the key a does."
            enter = "send"
            escape = "leave, not sent"
        case .promise:
            title = "You will call: by when?"
            note = "Minutes from now, as 20, or a time, as 03:30. Empty: no time is promised to \(reader)."
            understood = Self.understood(text, state)
            enter = "acknowledge"
        case .question:
            title = "What do you need to know from \(reader)?"
            note = "Goes out sealed, with your acknowledgement. Leave it empty if you ask by telephone."
            enter = "acknowledge"
        case .ending:
            title = "Close this message? How did it end?"
            note =
                "Closed means that everything is done: it leaves what waits, for everyone. Your words go to \(reader), "
                + "sealed; they may stay empty."
            enter = "close it"
            escape = "do not close"
        case .handOff(_, let colleague):
            title = "Hand it to \(SafeText.line(colleague.name)): any words with it?"
            note =
                "Sealed, for \(SafeText.line(colleague.name)). May stay empty. You are asked once more before it goes."
            enter = "go on"
        }
    }

    private static func understood(_ text: TypedText, _ state: ScreenState) -> [StyledLine] {
        guard !text.isEmpty else { return [] }
        guard let time = PromisedTime.parse(text.words, now: state.now, clock: state.clock) else {
            return [StyledLine(" Not a time yet.", .quiet)]
        }
        // Whoever typed 20 reads 20.
        let left = WallClock.span(time.milliseconds(since: state.now) + 59_999)
        return [StyledLine(" You promise to call by \(state.clock.moment(time, now: state.now)), in \(left).", .good)]
    }
}
