import DeviceKit
import TerminalScreen

/// From the screen's state to its picture: pure, for any size.
enum ScreenPainter {
    static let leastColumns = 80
    static let leastRows = 24
    /// From here on the step log stands beside the message.
    private static let wideColumns = 110
    /// From here on the list stands above the message.
    private static let highRows = 40
    private static let listRows = 10

    static func frame(_ state: ScreenState, _ clock: WallClock) -> Frame {
        var frame = Frame(columns: state.columns, rows: state.rows)
        guard !state.isLocking else {
            frame.put("Locking…", at: 2, 1, .plain, width: max(0, frame.columns - 2))
            return frame
        }
        guard !state.isTooSmall else {
            tooSmall(&frame, state)
            return frame
        }
        if let alarm = state.alarm, let message = state.message(alarm.message) {
            AlarmPainter.paint(&frame, message, state, clock)
            return frame
        }
        let whole = PaneArea(column: 0, row: 0, columns: frame.columns, rows: frame.rows)
        let header = HeaderPainter.lines(state, clock)
        for (row, line) in header.enumerated() { frame.put(line, in: whole, row: row) }
        rule(&frame, row: header.count, from: 0, columns: frame.columns)
        let footer = FooterPainter.lines(state)
        for (row, line) in footer.enumerated() { frame.put(line, in: whole, row: frame.rows - footer.count + row) }
        let top = header.count + 1
        body(
            &frame, PaneArea(column: 0, row: top, columns: frame.columns, rows: frame.rows - footer.count - top), state,
            clock)
        switch state.dialog {
        case nil, .field: break
        case .some(let dialog): DialogPainter.paint(&frame, dialog, state, above: frame.rows - footer.count)
        }
        return frame
    }

    /// How far the pane can be scrolled.
    static func mostScroll(_ state: ScreenState, _ clock: WallClock) -> Int {
        let area = bodyArea(state, clock)
        let (lines, rows): (Int, Int) =
            switch state.pane {
            case .help: (HelpPainter.lines(columns: area.columns - 2).count, area.rows)
            case .notes: (NotesPainter.lines(state, clock, columns: area.columns - 2).count, area.rows)
            case .steps: (StepsPainter.lines(state, clock, columns: area.columns - 2).count, area.rows)
            case .telephone: (TelephonePainter.lines(state, columns: area.columns - 2).count, area.rows)
            case .list: (0, 0)
            case .message: messageSize(area, state, clock)
            }
        return max(0, lines - rows)
    }

    /// The first line of the thread below the open message.
    static func threadStart(_ state: ScreenState, _ clock: WallClock) -> Int {
        guard let shown = state.shown, let message = state.shownMessage else { return 0 }
        let columns = messageArea(mainArea(bodyArea(state, clock)), state, message, clock).columns - 2
        return MessagePainter.linesBeforeThread(message, shown, state, clock, columns: columns).count
    }

    /// The notes that somebody has before them.
    static func readableNotes(_ state: ScreenState, _ clock: WallClock) -> [ScreenNote] {
        guard state.pane == .notes, state.alarm == nil, state.dialog == nil, state.columns >= leastColumns,
            state.rows >= leastRows
        else { return [] }
        let area = bodyArea(state, clock)
        // The lowest row says how many lines follow, if any do.
        let all = NotesPainter.lines(state, clock, columns: area.columns - 2).count
        let end = state.scroll + area.rows
        return NotesPainter.notes(
            endingIn: state.scroll..<max(state.scroll, all > end ? end - 1 : end), state, clock,
            columns: area.columns - 2)
    }

    private static func bodyArea(_ state: ScreenState, _ clock: WallClock) -> PaneArea {
        let header = HeaderPainter.lines(state, clock).count + 1
        return PaneArea(
            column: 0, row: header, columns: state.columns,
            rows: state.rows - FooterPainter.lines(state).count - header)
    }

    private static func messageSize(
        _ area: PaneArea, _ state: ScreenState, _ clock: WallClock
    ) -> (lines: Int, rows: Int) {
        guard let shown = state.shown, let message = state.shownMessage else { return (0, 0) }
        let place = messageArea(mainArea(area), state, message, clock)
        return (MessagePainter.lines(message, shown, state, clock, columns: place.columns - 2).count, place.rows)
    }

    private static func body(_ frame: inout Frame, _ area: PaneArea, _ state: ScreenState, _ clock: WallClock) {
        switch state.pane {
        case .help: frame.put(HelpPainter.lines(columns: area.columns - 2), in: inset(area), scroll: state.scroll)
        case .notes:
            frame.put(
                NotesPainter.lines(state, clock, columns: area.columns - 2), in: inset(area), scroll: state.scroll)
        case .steps:
            frame.put(
                StepsPainter.lines(state, clock, columns: area.columns - 2), in: inset(area), scroll: state.scroll)
        case .telephone:
            frame.put(TelephonePainter.lines(state, columns: area.columns - 2), in: inset(area), scroll: state.scroll)
        case .list, .message:
            let left = mainArea(area)
            main(&frame, left, state, clock)
            guard left.columns < area.columns else { return }
            for row in 0..<area.rows { frame.put("│", at: left.columns, area.row + row, .quiet) }
            let steps = PaneArea(
                column: left.columns + 1, row: area.row, columns: area.columns - left.columns - 1, rows: area.rows)
            // Without a message the newest stand first; about a message they stand in their order, and the last are seen.
            frame.put(
                StepsPainter.lines(state, clock, columns: steps.columns - 2), in: inset(steps),
                scroll: state.shown == nil ? 0 : .max, hint: "press s")
        }
    }

    /// What is left beside the step log.
    private static func mainArea(_ area: PaneArea) -> PaneArea {
        guard area.columns >= wideColumns else { return area }
        let right = min(64, area.columns * 2 / 5)
        return PaneArea(column: 0, row: area.row, columns: area.columns - right - 1, rows: area.rows)
    }

    /// What is left below the list, or below the line that stands for it.
    private static func messageArea(
        _ area: PaneArea, _ state: ScreenState, _ message: ListedMessage, _ clock: WallClock
    ) -> PaneArea {
        let above =
            area.rows >= highRows
            ? min(listRows, state.threads.count + 1) + 1
            : OthersPainter.line(state, besides: message, clock) == nil ? 0 : 1
        return PaneArea(column: 0, row: area.row + above, columns: area.columns, rows: area.rows - above)
    }

    /// List or message, or both.
    private static func main(_ frame: inout Frame, _ area: PaneArea, _ state: ScreenState, _ clock: WallClock) {
        guard state.pane == .message, let shown = state.shown, let message = state.shownMessage else {
            return ListPainter.paint(&frame, area, state)
        }
        let place = messageArea(area, state, message, clock)
        let above = place.row - area.row
        if area.rows >= highRows {
            ListPainter.paint(&frame, PaneArea(column: 0, row: area.row, columns: area.columns, rows: above - 1), state)
            rule(&frame, row: place.row - 1, from: 0, columns: area.columns)
        } else if let others = OthersPainter.line(state, besides: message, clock) {
            frame.put(others, in: area, row: 0)
        }
        frame.put(
            MessagePainter.lines(message, shown, state, clock, columns: place.columns - 2), in: inset(place),
            scroll: state.scroll, above: "up")
    }

    private static func inset(_ area: PaneArea) -> PaneArea {
        PaneArea(column: area.column + 1, row: area.row, columns: area.columns - 2, rows: area.rows)
    }

    private static func rule(_ frame: inout Frame, row: Int, from column: Int, columns: Int) {
        frame.put(String(repeating: "─", count: columns), at: column, row, .quiet)
    }

    private static func tooSmall(_ frame: inout Frame, _ state: ScreenState) {
        var lines = StyledLine.wrapped(
            "This window has \(state.columns) columns and \(state.rows) rows. The screen needs \(leastColumns) and "
                + "\(leastRows): make it larger, or press Ctrl-C and use \"nightbell inbox\".", to: frame.columns)
        if state.alarm != nil { lines.insert(StyledLine("EMERGENT MESSAGE", .alarm), at: 0) }
        frame.put(lines, in: PaneArea(column: 0, row: 0, columns: frame.columns, rows: frame.rows), scroll: 0)
    }
}
