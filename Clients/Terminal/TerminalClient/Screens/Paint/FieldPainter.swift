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
        let subject = DialogPainter.subject(field.message, state, state.columns - 2)
            .map { line in StyledLine([.init(text: " ", style: .plain)] + line.pieces) }
        return [StyledLine(title, .strong).adding(rule, .quiet)] + subject + typed(text, columns: state.columns)
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
            title =
                "Reply to \(Columns.cut(reader, to: 24)), about \(Self.name(field.message, sender, reader, state))"
            let message = state.message(field.message)
            let isOpen = message.map { $0.canBeAcknowledged && !$0.isTaken } ?? false
            let acknowledges = isOpen ? " A reply does not acknowledge: the key a does." : ""
            note = "Goes out sealed when you press Enter. \(lost)\(acknowledges)"
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
            let which = state.message(field.message).map(state.naming) ?? "this message"
            title = "Close \(Columns.cut(which, to: 50))? How did it end?"
            note =
                Self.holder(of: field.message, state)
                + "Closed means that everything is done: it leaves what waits, for everyone. Your words go to \(reader), "
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

    /// Which message, in a few words: what is above the field may be scrolled, or be another of its thread.
    private static func name(
        _ id: MessageID, _ sender: String, _ reader: String, _ state: ScreenState
    ) -> String {
        guard let message = state.message(id) else { return "this message" }
        let from = sender == reader ? "their" : "the"
        let whose = sender == reader ? "" : " from \(Columns.cut(sender, to: 16))"
        let time = state.clock.moment(message.at, now: state.now)
        return "\(from) \(MessageWords.urgency(message.urgency)) message\(whose), \(time)"
    }

    /// Who was handed the message and may still act on it.
    private static func holder(of id: MessageID, _ state: ScreenState) -> String {
        guard let message = state.message(id), message.isHandedOnInVain, let forward = message.carriedOn,
            !forward.isDeclined
        else { return "" }
        let name = SafeText.line(forward.to)
        return "\(name) was handed it and has not answered: telephone \(name) as well. "
    }

    private static func understood(_ text: TypedText, _ state: ScreenState) -> [StyledLine] {
        guard !text.isEmpty else { return [] }
        let time: Timestamp
        do throws(PromisedTime.Refusal) {
            time = try PromisedTime.parse(text.words, now: state.now, clock: state.clock)
        } catch {
            guard error != .noTime else { return [StyledLine(" Not a time yet.", .quiet)] }
            return [StyledLine(" \(error.words(state.clock))", .caution)]
        }
        // Whoever typed 20 reads 20.
        let left = WallClock.span(time.milliseconds(since: state.now))
        return [StyledLine(" You promise to call by \(state.clock.moment(time, now: state.now)), in \(left).", .good)]
    }
}

extension PromisedTime.Refusal {
    /// For whoever is typing it.
    func words(_ clock: WallClock) -> String {
        switch self {
        case .noTime: "That is no time."
        case .minutes: "Minutes go from 1 to \(PromisedTime.mostMinutes)."
        case .past(let next): "That time is past today, and more than 12 hours away tomorrow (\(clock.day(next)))."
        }
    }
}
