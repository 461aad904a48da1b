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
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            if !isEmpty, TextWidth.of(line) + 1 + TextWidth.of(String(word)) > columns {
                lines.append(line)
                line = rest
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return lines + [line]
    }

    /// The same of a sentence that names commands to type: none of them is broken, so that it can be taken over whole.
    static func keepingCommands(_ text: String, first: String = "", rest: String, columns: Int) -> [String] {
        lines(gluing(text), first: first, rest: rest, columns: columns).map { $0.replacing(glue, with: " ") }
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
