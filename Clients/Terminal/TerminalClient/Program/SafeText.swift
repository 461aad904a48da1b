/// Text from outside, made harmless for a terminal: no control characters, escapes, bidi overrides or invisible marks.
public enum SafeText {
    /// One line: line breaks are shown as escapes too.
    public static func line(_ text: String) -> String { escaped(text, keepingLines: false) }

    /// Several lines, each indented.
    public static func block(_ text: String, indent: String = "  ") -> String {
        escaped(text, keepingLines: true).split(separator: "\n", omittingEmptySubsequences: false)
            .map { indent + $0 }.joined(separator: "\n")
    }

    /// What was made harmless already, further in.
    static func indented(_ text: String, by indent: String = "  ") -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { indent + $0 }.joined(separator: "\n")
    }

    private static func escaped(_ text: String, keepingLines: Bool) -> String {
        // Almost everything is printable ASCII, and harmless as it is.
        if text.hasOnlyBytes({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if keepingLines, scalar == "\n" {
                result.append(scalar)
            } else if isHarmless(scalar) {
                result.append(scalar)
            } else {
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
            }
        }
        return String(result)
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
