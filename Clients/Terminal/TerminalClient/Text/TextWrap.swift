/// Breaks a sentence into lines between its words.
enum TextWrap {
    /// - Parameters:
    ///   - first: What the first line begins with.
    ///   - rest: What the others begin with.
    ///   - columns: How wide a line may be; a single word that is wider stays whole.
    static func lines(_ text: String, first: String, rest: String, columns: Int) -> [String] {
        var lines: [String] = []
        var line = first
        var isEmpty = true
        // What stands apart by several blanks stays apart.
        var gap = 0
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            guard !word.isEmpty else {
                gap += 1
                continue
            }
            if !isEmpty, TextWidth.of(line) + gap + TextWidth.of(String(word)) > columns {
                lines.append(line)
                line = rest
                isEmpty = true
            }
            line += (isEmpty ? "" : String(repeating: " ", count: gap)) + word
            isEmpty = false
            gap = 1
        }
        return lines + [line]
    }

    /// Many lines, of which those that are too wide are broken, each under its own beginning.
    static func page(_ text: String, columns: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let line = String(line)
            guard TextWidth.of(line) > columns else { return line }
            let blanks = String(line.prefix { $0 == " " })
            return keepingCommands(
                String(line.dropFirst(blanks.count)), first: blanks, rest: blanks + "  ", columns: columns
            ).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// The same of a sentence that names commands to type: none of them is broken, so that it can be taken over whole.
    static func keepingCommands(_ text: String, first: String = "", rest: String, columns: Int) -> [String] {
        // What holds such a blank already names no command of ours.
        guard !text.contains(glue) else { return lines(text, first: first, rest: rest, columns: columns) }
        return lines(gluing(text), first: first, rest: rest, columns: columns).map { $0.replacing(glue, with: " ") }
    }

    /// A blank at which no line is broken.
    private static let glue = "\u{A0}"

    /// A command ends with the quotation mark that it stands in, or with the sentence.
    private static func gluing(_ text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while let found = rest.firstRange(of: "nightbell ") {
            result += rest[..<found.lowerBound]
            let command = rest[found.lowerBound...]
            let end = result.last == "\"" ? command.firstIndex(of: "\"") ?? command.endIndex : command.endIndex
            result += command[..<end].replacing(" ", with: glue)
            rest = command[end...]
        }
        return result + rest
    }
}
