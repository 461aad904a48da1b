/// Text that others wrote, made visible: what steers a terminal, turns the direction of reading or is not seen is shown as an
/// escape, `\u{202E}`.
public enum VisibleText {
    /// The text with every scalar that is not harmless (``isHarmless(_:)``) escaped.
    /// - Parameter keepingLines: Whether line feeds stay what they are.
    public static func of(_ text: String, keepingLines: Bool = false) -> String {
        // Almost everything is printable ASCII, and harmless as it is: looked through where it lies, for tables have tens of
        // thousands of cells.
        var plain = text
        let isPlain = plain.withUTF8 { utf8 in
            for index in utf8.indices where unsafe !(0x20..<0x7F).contains(utf8[index]) { return false }
            return true
        }
        if isPlain { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isHarmless(scalar) || keepingLines && scalar == "\n"
                || scalar == asEmoji && result.last.map(isPictograph) ?? false
            {
                result.append(scalar)
            } else {
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
            }
        }
        return String(result)
    }

    /// Behind a pictograph it is seen: it says how that is drawn, and telephones put it there by themselves.
    private static let asEmoji: Unicode.Scalar = "\u{FE0F}"

    private static func isPictograph(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isEmoji && scalar.properties.generalCategory == .otherSymbol
    }

    /// Whether it is no control or format character, no line or paragraph separator, nothing that is not seen (a filler, a
    /// variation selector, a Braille cell without dots), and has a meaning in Unicode.
    public static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.properties.isDefaultIgnorableCodePoint, scalar != "\u{2800}" else { return false }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
