import DeviceKit
import Statements
import TerminalScreen

/// What was said and done about the open message, in the order of time.
enum ThreadPainter {
    private static let timeColumns = 14

    static func lines(_ shown: ShownMessage, _ state: ScreenState, _ clock: WallClock, columns: Int) -> [StyledLine] {
        guard !shown.thread.isEmpty else { return [] }
        return [.empty, StyledLine("WHAT WAS SAID AND DONE ABOUT IT", .label)]
            + shown.thread.flatMap {
                lines($0, isNew: shown.news.contains($0.message), state, clock, columns)
            }
    }

    private static func lines(
        _ entry: ThreadEntry, isNew: Bool, _ state: ScreenState, _ clock: WallClock, _ columns: Int
    ) -> [StyledLine] {
        let time = Columns.fitted(clock.moment(entry.at, now: state.now), to: timeColumns)
        let title = Columns.wrapped(title(entry, state, clock), to: columns - timeColumns - (isNew ? 6 : 0))
        var lines = title.enumerated().map { number, text in
            let line = StyledLine(number == 0 ? time : String(repeating: " ", count: timeColumns), .quiet)
                .adding(text, .strong)
            return isNew && number == 0 ? line.adding("  NEW", .good) : line
        }
        if !entry.isVerified { lines.append(indented("NOT VERIFIED: check it by telephone.", .danger)) }
        let said = entry.reply.map { words($0, state, clock, hasTime: !isPromise(entry)) } ?? block(entry.text ?? "")
        lines += said.flatMap { StyledLine.wrapped(SafeText.line($0), to: columns, indent: timeColumns) }
        let progress = progress(entry)
        if !progress.isEmpty { lines.append(indented(progress, .quiet)) }
        guard let alarm = entry.alarm else { return lines }
        return lines + StyledLine.wrapped(SafeText.line(alarm), to: columns, indent: timeColumns, .danger)
    }

    private static func indented(_ text: String, _ style: Style) -> StyledLine {
        StyledLine(String(repeating: " ", count: timeColumns) + text, style)
    }

    /// Who did what.
    private static func title(_ entry: ThreadEntry, _ state: ScreenState, _ clock: WallClock) -> String {
        if isPromise(entry), let time = entry.reply?.promisedAt {
            return "You acknowledged: you call by \(clock.moment(time, now: state.now))"
        }
        let (from, to) = (SafeText.line(entry.from), SafeText.line(entry.to))
        return switch entry.kind {
        case .received where entry.isReply: "\(from) replied"
        case .received where entry.isHandOff: "\(from) handed it to you"
        case .received: "\(from) wrote to you: a message of its own in the list"
        case .sent where entry.isReply: "You replied to \(to)"
        case .sent where entry.isHandOff: "You handed it to \(to)"
        case .sent: "You wrote to \(to)"
        case .carriedOn: "\(from) handed it to \(to)"
        }
    }

    /// Whether it is the time that went with an acknowledgement from here.
    private static func isPromise(_ entry: ThreadEntry) -> Bool {
        entry.kind == .sent && entry.isReply && entry.reply?.promisedAt != nil
    }

    /// What a reply says, each line for itself.
    /// - Parameter hasTime: Whether the time that it promises is to be said.
    static func words(_ reply: Reply, _ state: ScreenState, _ clock: WallClock, hasTime: Bool = true) -> [String] {
        var words: [String] = []
        if hasTime, let promised = reply.promisedAt {
            words.append("Calls the patient by \(clock.moment(promised, now: state.now)).")
        }
        if let disposition = reply.disposition { words += block("How it ended: " + disposition) }
        return words + block(reply.text ?? "")
    }

    private static func block(_ text: String) -> [String] {
        text.isEmpty ? [] : text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// How far it came with whoever has it.
    private static func progress(_ entry: ThreadEntry) -> String {
        if entry.kind == .received { return "" }
        let to = SafeText.line(entry.to)
        return switch entry.state {
        case "pending": "NOT SENT yet: it waits here."
        case "refused": "REFUSED, and never sent: telephone."
        case "waiting": "sent; no device of \(to) has it yet"
        case "delivered": "\(to) has it, and has not read it"
        case "read" where entry.isReply: "\(to) has read it"
        case "read": "\(to) has read it, and has not answered"
        case let state: "\(to): \(state.replacing("_", with: " "))"
        }
    }
}
