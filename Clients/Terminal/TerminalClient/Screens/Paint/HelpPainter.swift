import TerminalScreen

/// Every key, and what the words mean.
enum HelpPainter {
    /// As wide as the widest needs it, and two blanks on either side.
    private static let keyColumns =
        (ScreenHelp.sections.flatMap(\.entries).map { Columns.width($0.key) }.max() ?? 0) + 4

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
