import Statements

/// A table as RFC 4180 has it: CRLF, one header line, UTF-8, quotes where they are needed.
enum CSVText {
    static func of(_ table: ReportTable) -> [UInt8] {
        var bytes: [UInt8] = []
        line(table.columns.map(\.key), into: &bytes)
        for row in table.hasTotal ? table.rows.dropLast() : table.rows[...] { line(row.map(field), into: &bytes) }
        return bytes
    }

    static func row(_ cells: [ReportTable.Cell]) -> [UInt8] { line(cells.map(field)) }

    static func line(_ fields: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        line(fields, into: &bytes)
        return bytes
    }

    static func line(_ fields: [String], into bytes: inout [UInt8]) {
        for (number, field) in fields.enumerated() {
            if number > 0 { bytes.append(UInt8(ascii: ",")) }
            guard field.utf8.contains(where: { needsQuotes.contains($0) }) else {
                bytes.append(contentsOf: field.utf8)
                continue
            }
            bytes.append(UInt8(ascii: "\""))
            for byte in field.utf8 {
                if byte == UInt8(ascii: "\"") { bytes.append(byte) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(contentsOf: "\r\n".utf8)
    }

    private static let needsQuotes: Set<UInt8> = Set("\",\r\n".utf8)

    private static func field(_ cell: ReportTable.Cell) -> String {
        switch cell {
        case .text(let text), .noted(let text, _): words(text)
        case .word(let word, _): word
        case .id(let id): id
        case .message(let message): message.description
        case .count(let count), .share(let count, _): "\(count)"
        case .time(let time): time.description
        case .span(let milliseconds): SpanText.seconds(milliseconds: milliseconds)
        case .none: ""
        }
    }

    /// What others wrote, made visible, and no formula.
    ///
    /// A spreadsheet takes a cell that begins with a sign of ``formulaStarts`` for a formula, and runs it: an apostrophe before
    /// it makes it a text. Blanks in front are looked through, for some programs drop them. Where a spreadsheet divides cells at
    /// semicolons, one may begin in the middle of a text.
    static func words(_ text: String) -> String {
        let first = text.unicodeScalars.first { !isPassedOver($0) }
        let steers = text.utf8.first == 0x09 || text.utf8.first == 0x0D
        var words = steers || first.map { formulaStarts.contains($0) } ?? false ? "'" : ""
        var begins = false
        for scalar in VisibleText.of(text).unicodeScalars {
            if begins, formulaStarts.contains(scalar) { words.append("'") }
            begins = scalar == ";" || begins && isPassedOver(scalar)
            words.unicodeScalars.append(scalar)
        }
        return words
    }

    /// A quotation mark in front of a cell's text is taken away where the cell begins with it.
    private static func isPassedOver(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar == "\""
    }

    /// With the full-width forms, which spreadsheets of East Asia take for the same.
    private static let formulaStarts: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    ]
}
