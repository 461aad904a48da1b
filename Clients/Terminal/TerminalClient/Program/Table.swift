import Parallel

/// Columns as wide as their widest cell; every cell made harmless.
struct Table {
    /// Two blanks between columns.
    private static let gap = 2

    /// What a cell shows, and how many columns of the terminal that takes.
    private struct Cell: Sendable {
        let text: String
        let width: Int

        init(_ text: String) {
            self.text = SafeText.line(text)
            width = TextWidth.of(self.text)
        }
    }

    private let header: [Cell]
    private let rows: [[Cell]]

    init(_ header: [String], _ rows: [[String]]) { self.init(header, rows) { $0 } }

    /// - Parameter row: The cells of an item. Runs on several threads at once: there may be ten thousand.
    init<Item: Sendable>(_ header: [String], _ items: [Item], _ row: @Sendable (Item) -> [String]) {
        self.header = header.map(Cell.init)
        rows = AllCores.map(items) { row($0).map(Cell.init) }
    }

    /// As wide as it needs to be.
    static func text(_ header: [String], _ rows: [[String]]) -> String { Table(header, rows).text() }

    /// - Parameters:
    ///   - columns: How wide the terminal is; `nil` when nobody looks at the lines' ends.
    ///   - flexible: The column that gives way when the lines are too long.
    func text(columns: Int? = nil, flexible: Int? = nil) -> String {
        var widths = header.map(\.width)
        for row in rows { for column in row.indices { widths[column] = max(widths[column], row[column].width) } }
        if let columns, let flexible {
            // Before a column in which nothing stands there are no blanks.
            let whole = widths.reduce(0, +) + Self.gap * (widths.count { $0 > 0 } - 1)
            widths[flexible] = max(header[flexible].width, widths[flexible] - max(0, whole - columns))
        }
        let final = widths
        let parts = AllCores.parts(of: [header] + rows) { lines in
            var text: [UInt8] = []
            for line in lines {
                Self.append(line, final, to: &text)
                text.append(UInt8(ascii: "\n"))
            }
            return text
        }
        var text: [UInt8] = []
        text.reserveCapacity(parts.reduce(0) { $0 + $1.count })
        for part in parts { text.append(contentsOf: part) }
        text.removeLast()
        return String(decoding: text, as: UTF8.self)
    }

    private static func append(_ row: [Cell], _ widths: [Int], to text: inout [UInt8]) {
        var waiting = 0
        for (cell, columns) in zip(row, widths) {
            let shown = cell.width > columns ? Cell(TextWidth.fitting(cell.text, columns)) : cell
            if !shown.text.isEmpty {
                text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: waiting))
                text.append(contentsOf: shown.text.utf8)
                waiting = 0
            }
            // Blanks are written only before something: no line ends in them.
            waiting += columns - shown.width + gap
        }
    }
}
