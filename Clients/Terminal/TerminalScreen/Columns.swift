import CNcurses

/// How wide text is on a terminal, and how it is fitted.
public enum Columns {
    private static let ellipsis = "…"

    /// UTF-8, whatever the environment says: a terminal that cannot show it has not been made for decades, and one whose
    /// login passes no locale on is common.
    static let isPrepared: Bool = {
        guard unsafe setlocale(LC_CTYPE, "") != nil, unsafe String(cString: nl_langinfo(Int32(CODESET))) == "UTF-8"
        else {
            return unsafe setlocale(LC_CTYPE, "C.UTF-8") != nil
        }
        return true
    }()

    /// The columns of one character: 0 for a mark that sits on the one before, 1 or 2; `nil` when it cannot be shown.
    public static func width(_ scalar: Unicode.Scalar) -> Int? {
        if scalar.value >= 0x20, scalar.value < 0x7F { return 1 }
        _ = isPrepared
        let columns = nightbell_curses_columns(scalar.value)
        return columns < 0 ? nil : Int(columns)
    }

    /// The columns of a text; what cannot be shown takes the one of the question mark in its place.
    public static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + (width($1) ?? 1) }
    }

    /// The text, or its beginning with an ellipsis when it is wider.
    public static func cut(_ text: String, to columns: Int) -> String {
        guard width(text) > columns else { return text }
        guard columns > 0 else { return "" }
        return beginning(of: text, columns: columns - 1).text + ellipsis
    }

    /// Filled up with blanks, or cut.
    public static func fitted(_ text: String, to columns: Int) -> String {
        let cut = cut(text, to: columns)
        return cut + String(repeating: " ", count: max(0, columns - width(cut)))
    }

    /// Lines of at most so many columns, broken at blanks, or within a word that is longer than a line.
    public static func wrapped(_ text: String, to columns: Int) -> [String] {
        let columns = max(columns, 2)
        return text.split(separator: "\n", omittingEmptySubsequences: false).flatMap {
            wrappedLine(String($0), columns)
        }
    }

    private static func wrappedLine(_ line: String, _ columns: Int) -> [String] {
        var lines: [String] = []
        var current = ""
        var used = 0
        for word in line.split(separator: " ") {
            var rest = String(word)
            var needed = width(rest)
            if used > 0, used + 1 + needed <= columns {
                current += " " + rest
                used += 1 + needed
                continue
            }
            if used > 0 { lines.append(current) }
            while needed > columns {
                let part = beginning(of: rest, columns: columns)
                lines.append(part.text)
                rest = String(rest.unicodeScalars.dropFirst(part.scalars))
                needed = width(rest)
            }
            current = rest
            used = needed
        }
        lines.append(current)
        return lines
    }

    /// As much of a text as fits, at least one character.
    private static func beginning(of text: String, columns: Int) -> (text: String, scalars: Int) {
        var result = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            let width = width(scalar) ?? 1
            if used + width > columns, !result.isEmpty || width > columns + 1 { break }
            used += width
            result.append(scalar)
        }
        return (String(result), result.count)
    }
}
