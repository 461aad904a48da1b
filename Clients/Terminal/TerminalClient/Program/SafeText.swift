import Statements

/// Text from outside, made harmless for a terminal: no control characters, escapes, bidi overrides or invisible marks.
public enum SafeText {
    /// One line: line breaks are shown as escapes too.
    public static func line(_ text: String) -> String { VisibleText.of(text) }

    /// Several lines, each indented.
    public static func block(_ text: String, indent: String = "  ") -> String {
        indented(VisibleText.of(text, keepingLines: true), by: indent)
    }

    /// What was made harmless already, further in.
    static func indented(_ text: String, by indent: String = "  ") -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { indent + $0 }.joined(separator: "\n")
    }
}
