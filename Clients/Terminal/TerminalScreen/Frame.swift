/// One picture of the whole terminal: a grid of cells. What a screen draws, and what a test compares.
///
/// Whatever is put into it, it holds nothing that moves the cursor, changes the terminal, or is invisible.
public struct Frame: Sendable, Equatable {
    /// One place of the grid.
    public struct Cell: Sendable, Equatable {
        /// One character with its marks; empty behind a wide one.
        public fileprivate(set) var text: String
        public fileprivate(set) var style: Style

        static let blank = Cell(text: " ", style: .plain)
    }

    /// Marks that one character may carry: a name needs one or two, and a hundred would draw over other lines.
    private static let marksAtMost = 3

    public let columns: Int
    public let rows: Int
    private var cells: [Cell]
    /// Where a person types; the cursor is hidden while nobody does.
    public var cursor: (column: Int, row: Int)? {
        get { place.map { ($0 % columns, $0 / columns) } }
        set {
            place = newValue.flatMap { cursor in
                (0..<columns).contains(cursor.column) && (0..<rows).contains(cursor.row)
                    ? cursor.row * columns + cursor.column : nil
            }
        }
    }
    private var place: Int?

    public init(columns: Int, rows: Int) {
        self.columns = max(columns, 1)
        self.rows = max(rows, 1)
        cells = Array(repeating: .blank, count: self.columns * self.rows)
    }

    public subscript(column: Int, row: Int) -> Cell { cells[row * columns + column] }

    /// Writes a text into one row, as far as there is room.
    /// - Parameter width: The columns that it may take; to the edge unless said.
    /// - Returns: The column behind it.
    @discardableResult
    public mutating func put(
        _ text: String, at column: Int, _ row: Int, _ style: Style = .plain, width: Int? = nil
    ) -> Int {
        guard (0..<rows).contains(row), (0..<columns).contains(column) else { return column }
        let end = min(columns, column + (width ?? columns))
        var next = column
        for scalar in text.unicodeScalars {
            let shown = Columns.width(scalar) == nil ? "?" : scalar
            let width = Columns.width(shown) ?? 1
            if width == 0 {
                mark(shown, before: next, row, from: column)
                continue
            }
            guard next + width <= end else { break }
            set(Cell(text: String(shown), style: style), next, row)
            if width == 2 { set(Cell(text: "", style: style), next + 1, row) }
            next += width
        }
        return next
    }

    /// Gives a part of a row a style, whatever stands there, and blanks where nothing does.
    public mutating func fill(_ row: Int, _ style: Style, from column: Int = 0, width: Int? = nil) {
        guard (0..<rows).contains(row) else { return }
        for place in max(0, column)..<min(columns, column + (width ?? columns)) {
            cells[row * columns + place] = Cell(text: " ", style: style)
        }
    }

    private mutating func mark(_ scalar: Unicode.Scalar, before column: Int, _ row: Int, from first: Int) {
        var place = column - 1
        if place > first, cells[row * columns + place].text.isEmpty { place -= 1 }
        guard place >= first, cells[row * columns + place].text.unicodeScalars.count <= Self.marksAtMost else { return }
        cells[row * columns + place].text.unicodeScalars.append(scalar)
    }

    private mutating func set(_ cell: Cell, _ column: Int, _ row: Int) {
        let place = row * columns + column
        // Half of a wide character is none.
        if cells[place].text.isEmpty, !cell.text.isEmpty, column > 0 { cells[place - 1].text = " " }
        if !cells[place].text.isEmpty, column + 1 < columns, cells[place + 1].text.isEmpty {
            cells[place + 1].text = " "
        }
        cells[place] = cell
    }

    /// The rows as text, without the blanks at their ends.
    public var lines: [String] {
        (0..<rows).map { row in
            var line = (0..<columns).map { self[$0, row].text }.joined()
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// The whole as text.
    public var text: String { lines.joined(separator: "\n") }
}
