/// Columns as wide as their widest cell; every cell made harmless.
struct Table {
    /// Two blanks between columns.
    private static let gap = 2

    let header: [String]
    let rows: [[String]]

    init(_ header: [String], _ rows: [[String]]) {
        self.header = header
        self.rows = rows.map { $0.map(SafeText.line) }
    }

    /// As wide as it needs to be.
    static func text(_ header: [String], _ rows: [[String]]) -> String { Table(header, rows).text() }

    /// - Parameters:
    ///   - columns: How wide the terminal is; `nil` when nobody looks at the lines' ends.
    ///   - flexible: The column that gives way when the lines are too long.
    func text(columns: Int? = nil, flexible: Int? = nil) -> String {
        var widths = header.map(TextWidth.of)
        for row in rows {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], TextWidth.of(cell)) }
        }
        if let columns, let flexible {
            let whole = widths.reduce(0, +) + Self.gap * (widths.count - 1)
            let least = TextWidth.of(header[flexible])
            widths[flexible] = max(least, widths[flexible] - max(0, whole - columns))
        }
        var text: [UInt8] = []
        Self.append(header, widths, to: &text)
        for row in rows {
            text.append(UInt8(ascii: "\n"))
            Self.append(row, widths, to: &text)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func append(_ row: [String], _ widths: [Int], to text: inout [UInt8]) {
        var waiting = 0
        for (column, cell) in row.enumerated() {
            var (shown, width) = (cell, TextWidth.of(cell))
            if width > widths[column] {
                shown = TextWidth.fitting(cell, widths[column])
                width = TextWidth.of(shown)
            }
            if !shown.isEmpty {
                text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: waiting))
                text.append(contentsOf: shown.utf8)
                waiting = 0
            }
            // Blanks are written only before something: no line ends in them.
            waiting += widths[column] - width + gap
        }
    }
}
