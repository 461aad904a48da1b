import TerminalScreen

/// Every key, and what the words mean.
enum HelpPainter {
    private static let keyColumns = 16

    static func lines(columns: Int) -> [StyledLine] {
        var lines: [StyledLine] = []
        for section in ScreenHelp.sections {
            if !lines.isEmpty { lines.append(.empty) }
            lines.append(StyledLine(section.title, .label))
            for (key, words) in section.entries {
                lines += StyledLine.field("  \(key)", words, nameColumns: keyColumns, columns: columns)
            }
        }
        return lines
    }
}
