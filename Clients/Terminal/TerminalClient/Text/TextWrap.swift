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
}
