import DeviceKit
import Statements
import TerminalScreen

/// An emergent message takes the whole screen: visible from across a room, and without sound.
enum AlarmPainter {
    static func paint(_ frame: inout Frame, _ message: ListedMessage, _ state: ScreenState, _ clock: WallClock) {
        // It changes once a second, slow enough for everybody, so that it is seen where no bell is heard.
        let isLit = state.now.milliseconds / 1000 % 2 == 0
        let style = isLit ? Style.alarm : Style.danger
        let width = min(frame.columns - 8, 72)
        let column = (frame.columns - width) / 2
        let top = max(1, frame.rows / 2 - 8)
        let edge = String(repeating: "█", count: width)
        for (row, text) in [edge, "", "E M E R G E N T", "", edge].enumerated() {
            let blanks = max(0, (width - text.count) / 2)
            let line = text == edge ? edge : String(repeating: " ", count: blanks) + text
            frame.put(Columns.fitted(line, to: width), at: column, top + row, style)
        }
        let left = state.due(message).milliseconds(since: state.now)
        let others = state.pressing.count { other in
            other.id != message.id && other.urgency == .emergent && (other.needsAnswer || state.isAlarming(other))
        }
        var lines =
            [
                StyledLine("From  ").adding(SafeText.line(message.from), .strong),
                StyledLine("Sent  ").adding(
                    "\(clock.moment(message.at, now: state.now)), \(MessageWords.ago(message.at, state)) ago", .strong),
            ] + first(message, state, clock) + [
                StyledLine("Time  ").adding(
                    left > 0 ? "answer in \(WallClock.countdown(left))" : "OVERDUE by \(WallClock.span(-left))",
                    left > 60_000 ? .strong : .danger)
            ]
        if !message.isVerified { lines.append(StyledLine("NOT VERIFIED: see why when it is open.", .alarm)) }
        if others > 0 {
            lines.append(
                StyledLine("\(others) more emergent \(others == 1 ? "message waits" : "messages wait").", .danger))
        }
        lines += [.empty] + StyledLine.wrapped(opening(message, state, clock), to: width, .strong)
        if let cause = noLink(state) { lines += [.empty, StyledLine(cause, .danger)] }
        for (row, line) in lines.enumerated() {
            frame.put(line, in: PaneArea(column: column, row: top + 7, columns: width, rows: frame.rows), row: row)
        }
        foot(&frame, state, clock)
        if state.isAskedInAlarm { DialogPainter.paint(&frame, .confirm(.quit), state, above: frame.rows - 2) }
    }

    /// Of what was handed on: since when the patient waits.
    private static func first(_ message: ListedMessage, _ state: ScreenState, _ clock: WallClock) -> [StyledLine] {
        guard let first = message.firstSent else { return [] }
        let isLate = AnswerTime.isLateFromTheFirst(message, state.person.policy, now: state.now)
        return [
            StyledLine("First ").adding(
                "sent by \(Columns.cut(SafeText.line(first.from), to: 24)), \(clock.moment(first.at, now: state.now)), "
                    + "\(MessageWords.ago(first.at, state)) ago\(isLate ? ": LATE" : "")", isLate ? .danger : .strong)
        ]
    }

    /// What opens it; why nothing does at the moment; and what is known of it to whoever opened it before.
    private static func opening(_ message: ListedMessage, _ state: ScreenState, _ clock: WallClock) -> String {
        if state.isDeafInAlarm, state.dialog != nil { return "Press Enter to open it (a moment: you were typing)" }
        if let forward = message.carriedOn, message.isHandedOnInVain {
            let name = SafeText.line(forward.to)
            return forward.isDeclined
                ? "\(name) DECLINED it: it is YOURS AGAIN. Enter, then a (you see to it) or h (somebody else)."
                : "\(name) has NOT TAKEN it: it is yours. Enter, telephone the patient, then c; or h (somebody else)."
        }
        if let opened = state.opened[message.id] {
            let time = clock.moment(opened, now: state.now)
            return "You opened it at \(time) and did not answer: Enter, then a or d."
        }
        if message.state == "read" { return "It was opened and not answered: Enter, then a or d." }
        return "Press Enter to open it. That stops the ringing."
    }

    /// What is to be said beside it: nothing that could be read as said of this message and is of another.
    private static func remark(_ state: ScreenState, _ clock: WallClock) -> String? {
        guard let alarm = state.alarm else { return nil }
        if let status = state.status, status.at > alarm.since, [.caution, .danger].contains(status.weight) {
            return SafeText.line(status.text)
        }
        guard let before = state.shownMessage, before.isTaken, before.id != alarm.message else { return nil }
        let name = Columns.cut(SafeText.line(before.from), to: 24)
        return "The one before (\(name), \(clock.moment(before.at, now: state.now))) is acknowledged. THIS ONE IS NOT."
    }

    /// The foot: what the last key came to, if that was pressed here, and the keys that there are.
    private static func foot(_ frame: inout Frame, _ state: ScreenState, _ clock: WallClock) {
        if let remark = remark(state, clock) {
            let lines = StyledLine.wrapped(remark, to: frame.columns - 2, indent: 1, .caution).prefix(3)
            for (row, line) in lines.enumerated() {
                frame.put(line, in: whole(frame), row: frame.rows - 1 - lines.count + row)
            }
        }
        let key = Style(bold: true, reversed: true)
        let bar =
            state.isAskedInAlarm
            ? StyledLine(" ", .bar).adding("y", key).adding(" leave  ", .bar).adding("any other key", key)
                .adding(" stay", .bar)
            : StyledLine(" ", .bar).adding("Enter", key).adding(" open it, to answer it  ", .bar).adding("Ctrl-C", key)
                .adding(" leave, after a question  ", .bar)
                .adding(state.locksInAlarm ? "L" : "", key).adding(state.locksInAlarm ? " lock" : "", .bar)
        let used = bar.pieces.reduce(0) { $0 + Columns.width($1.text) }
        frame.put(
            bar.adding(String(repeating: " ", count: max(0, frame.columns - used)), .bar), in: whole(frame),
            row: frame.rows - 1)
    }

    private static func whole(_ frame: Frame) -> PaneArea {
        PaneArea(column: 0, row: 0, columns: frame.columns, rows: frame.rows)
    }

    private static func noLink(_ state: ScreenState) -> String? {
        if case .down = state.link { return "There is no link to the relay at the moment." }
        return nil
    }
}
