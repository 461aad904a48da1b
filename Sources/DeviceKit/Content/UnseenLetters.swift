/// Letters and marks that show nothing: the Hangul fillers, the variation selectors, the Braille blank. Not what directs other
/// text, which is never shown as it is.
public enum UnseenLetters {
    public static func contain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isDefaultIgnorableCodePoint && scalar.properties.generalCategory != .format
            || scalar == "\u{2800}"
    }

    /// Whether nothing of a text is seen: it is empty, or blanks.
    public static func areAll(of text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.properties.isWhitespace || contain($0) }
    }
}
