import Parallel

/// Columns as wide as their widest cell; every cell made harmless.
struct Table {
    /// Two blanks between columns.
    fileprivate static let gap = 2

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

    /// What gives way where the lines are too long for a terminal.
    struct Narrowing {
        /// Columns that move to lines of their own below each row, one after the other, and what stands before each there.
        var below: [(column: Int, words: String)] = []
        /// Columns whose cells are cut, down to a least width each; one after the other, too.
        var cut: [(column: Int, least: Int, shortening: Shortening)] = []
    }

    /// What is cut of a cell.
    enum Shortening {
        /// Its end.
        case text
        /// What tells least of a person's name; two names of one table stay two, and where they do not, the column is wider than
        /// its least width.
        case name
    }

    /// How wide each column is, and which stand below.
    private struct Layout {
        var widths: [Int]
        var below: [(column: Int, words: String)] = []
        let columns: Int
        /// Columns that hold names of people.
        let named: Set<Int>
        var names = ShortNames([])

        /// Columns too many; before a column in which nothing stands there are no blanks.
        var surplus: Int { max(0, widths.reduce(0, +) + Table.gap * (widths.count { $0 > 0 } - 1) - columns) }

        func fitting(_ cell: Cell, in column: Int) -> Cell {
            let width = widths[column]
            guard cell.width > width else { return cell }
            return Cell(named.contains(column) ? names.fitting(cell.text, width) : TextWidth.fitting(cell.text, width))
        }
    }

    /// - Parameters:
    ///   - columns: How wide the terminal is; `nil` when nobody looks at the lines' ends.
    ///   - narrowing: What gives way to it.
    func text(columns: Int? = nil, _ narrowing: Narrowing = Narrowing()) -> String {
        let layout = layout(columns ?? Int.max, narrowing)
        let parts = AllCores.parts(of: rows) { rows in
            var text: [UInt8] = []
            for row in rows { Self.append(row, layout, to: &text) }
            return text
        }
        var text: [UInt8] = []
        text.reserveCapacity(parts.reduce(0) { $0 + $1.count })
        Self.append(header, layout, isHeader: true, to: &text)
        for part in parts { text.append(contentsOf: part) }
        text.removeLast()
        return String(decoding: text, as: UTF8.self)
    }

    private func layout(_ columns: Int, _ narrowing: Narrowing) -> Layout {
        var widths = header.map(\.width)
        for row in rows { for column in row.indices { widths[column] = max(widths[column], row[column].width) } }
        var layout = Layout(
            widths: widths, columns: columns,
            named: Set(narrowing.cut.filter { $0.shortening == .name }.map(\.column)))
        guard layout.surplus > 0 else { return layout }
        let least = leastWidths(of: layout.named, &layout.names)
        let cuts = narrowing.cut.map { (column: $0.column, least: max($0.least, least[$0.column] ?? 0)) }
        // The first that is cut gives what it can before anything moves below.
        let first = cuts.first.map { max(0, widths[$0.column] - $0.least) } ?? 0
        for place in narrowing.below where layout.surplus > first {
            layout.widths[place.column] = 0
            layout.below.append(place)
        }
        for place in cuts {
            layout.widths[place.column] -= min(layout.surplus, max(0, layout.widths[place.column] - place.least))
        }
        return layout
    }

    /// How wide columns of names have to be so that nobody is taken for another one of the table.
    private func leastWidths(of named: Set<Int>, _ names: inout ShortNames) -> [Int: Int] {
        let texts = Dictionary(
            uniqueKeysWithValues: named.map { column in (column, Set(rows.map { $0[column].text })) })
        names = ShortNames(texts.values.reduce(into: Set<String>()) { $0.formUnion($1) })
        return texts.mapValues { names.least(of: $0) }
    }

    private static func append(_ row: [Cell], _ layout: Layout, isHeader: Bool = false, to text: inout [UInt8]) {
        var waiting = 0
        for (column, cell) in row.enumerated() where !layout.below.contains(where: { $0.column == column }) {
            let columns = layout.widths[column]
            let shown = layout.fitting(cell, in: column)
            if !shown.text.isEmpty {
                text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: waiting))
                text.append(contentsOf: shown.text.utf8)
                waiting = 0
            }
            // Blanks are written only before something: no line ends in them.
            waiting += columns - shown.width + (columns > 0 ? gap : 0)
        }
        text.append(UInt8(ascii: "\n"))
        guard !isHeader else { return }
        let below = layout.below.filter { !row[$0.column].text.isEmpty }.map { $0.words + row[$0.column].text }
        guard !below.isEmpty else { return }
        let lines = TextWrap.lines(
            below.joined(separator: "  "), first: belowBlanks, rest: belowBlanks, columns: layout.columns)
        for line in lines { text.append(contentsOf: (line + "\n").utf8) }
    }

    private static let belowBlanks = "    "
}
