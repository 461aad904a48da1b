import DeviceKit
import TerminalScreen

/// Findings and remarks, the newest first.
enum NotesPainter {
    static func lines(_ state: ScreenState, _ clock: WallClock, columns: Int) -> [StyledLine] {
        head(state, columns) + state.notes.reversed().flatMap { lines($0, state, clock, columns) }
    }

    /// The notes whose last line is among these.
    static func notes(
        endingIn seen: Range<Int>, _ state: ScreenState, _ clock: WallClock, columns: Int
    ) -> [ScreenNote] {
        var end = head(state, columns).count
        return state.notes.reversed().filter { note in
            end += lines(note, state, clock, columns).count
            return seen.contains(end - 1)
        }
    }

    private static func head(_ state: ScreenState, _ columns: Int) -> [StyledLine] {
        let title = StyledLine("FINDINGS AND NOTICES", .label)
        guard state.notes.contains(where: \.isFinding) else { return [title, StyledLine("Nothing was found false.")] }
        return [title]
            + StyledLine.wrapped(
                "A finding is something that cannot be if everyone keeps to the rules. Messages go on arriving. The evidence "
                    + "is kept: show it to your administrator and an auditor.", to: columns)
    }

    private static func lines(
        _ note: ScreenNote, _ state: ScreenState, _ clock: WallClock, _ columns: Int
    ) -> [StyledLine] {
        var lines = [
            StyledLine.empty,
            StyledLine(note.isFinding ? "FINDING " : "notice  ", note.isFinding ? .danger : .strong)
                .adding(clock.moment(note.at, now: state.now), .quiet),
        ]
        lines += StyledLine.wrapped(SafeText.line(note.sentence), to: columns, indent: 2)
        if let evidence = note.evidence {
            lines += StyledLine.wrapped("evidence: \(SafeText.line(evidence))", to: columns, indent: 2, .quiet)
        }
        return lines
    }
}
