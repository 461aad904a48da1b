import TerminalScreen

/// Findings and remarks, the newest first.
enum NotesPainter {
    static func lines(_ state: ScreenState, _ clock: ScreenClock, columns: Int) -> [StyledLine] {
        var lines = [StyledLine("FINDINGS AND NOTICES", .label)]
        if state.notes.contains(where: \.isFinding) {
            lines += StyledLine.wrapped(
                "A finding is something that cannot be if everyone keeps to the rules. Messages go on arriving. The evidence "
                    + "is kept: show it to your administrator and an auditor.", to: columns)
        } else {
            lines.append(StyledLine("Nothing was found false."))
        }
        for note in state.notes.reversed() {
            lines.append(.empty)
            lines.append(
                StyledLine(
                    note.isFinding ? "FINDING " : "notice  ", note.isFinding ? .danger : .strong
                ).adding(clock.moment(note.at, now: state.now), .quiet))
            lines += StyledLine.wrapped(SafeText.line(note.sentence), to: columns, indent: 2)
            if let evidence = note.evidence {
                lines += StyledLine.wrapped("evidence: \(SafeText.line(evidence))", to: columns, indent: 2, .quiet)
            }
        }
        return lines
    }
}
