import TerminalScreen

/// A line of a pane: pieces of text, each in a style.
struct StyledLine: Sendable, Equatable {
    struct Piece: Sendable, Equatable {
        let text: String
        let style: Style
    }

    var pieces: [Piece]

    init(_ pieces: [Piece] = []) { self.pieces = pieces }

    init(_ text: String, _ style: Style = .plain) { pieces = [Piece(text: text, style: style)] }

    static let empty = StyledLine()

    func adding(_ text: String, _ style: Style = .plain) -> StyledLine {
        StyledLine(pieces + [Piece(text: text, style: style)])
    }

    /// Text broken into lines, all in one style.
    static func wrapped(_ text: String, to columns: Int, indent: Int = 0, _ style: Style = .plain) -> [StyledLine] {
        let blanks = String(repeating: " ", count: indent)
        return Columns.wrapped(text, to: columns - indent).map { StyledLine(blanks + $0, style) }
    }

    /// A named field: the name in a column of its own, the text broken beside it.
    static func field(
        _ name: String, _ text: String, nameColumns: Int, columns: Int, _ style: Style = .plain
    ) -> [StyledLine] {
        let name = Columns.fitted(name, to: nameColumns)
        let blanks = String(repeating: " ", count: nameColumns)
        return Columns.wrapped(text, to: columns - nameColumns).enumerated().map { number, line in
            StyledLine([Piece(text: number == 0 ? name : blanks, style: .label), Piece(text: line, style: style)])
        }
    }
}

/// A part of the frame that a pane draws into.
struct PaneArea: Sendable, Equatable {
    let column: Int
    let row: Int
    let columns: Int
    let rows: Int
}

extension Frame {
    mutating func put(_ line: StyledLine, in area: PaneArea, row: Int) {
        guard row < area.rows else { return }
        var column = area.column
        for piece in line.pieces {
            let room = area.column + area.columns - column
            guard room > 0 else { break }
            column = put(piece.text, at: column, area.row + row, piece.style, width: room)
        }
    }

    /// Lines from `scroll` on, and at the lower edge how many are not seen.
    /// - Parameter above: The key that shows what is above, when the upper edge is to say how much that is.
    mutating func put(
        _ lines: [StyledLine], in area: PaneArea, scroll: Int, hint: String = "down or space", above: String? = nil
    ) {
        guard area.rows > 0 else { return }
        let most = max(0, lines.count - area.rows)
        let first = min(scroll, most)
        for (row, line) in lines.dropFirst(first).prefix(area.rows).enumerated() { put(line, in: area, row: row) }
        if first > 0, let above {
            fill(area.row, .quiet, from: area.column, width: area.columns)
            put(
                " \(first + 1) lines above: \(above) ", at: area.column, area.row, .quiet, width: area.columns)
        }
        let below = lines.count - first - area.rows
        if below > 0 {
            let hint = " \(below + 1) more lines: \(hint) "
            fill(area.row + area.rows - 1, .quiet, from: area.column, width: area.columns)
            put(hint, at: area.column, area.row + area.rows - 1, .quiet, width: area.columns)
        }
    }
}
