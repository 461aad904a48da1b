/// The form that every text of ours has, of whatever type and version: what lacks it was written by no version.
///
/// A first line, then lines of a key, a blank and a value of 1–2,048 bytes of UTF-8 without controls, formats and separators
/// of lines, no blank at either end; each with its line feed.
enum TextForm {
    /// Whether a text has it. The first line is not looked at.
    static func holds(_ text: [UInt8]) -> Bool {
        guard text.count <= SignedNote.maximumByteCount, text.last == Ascii.lineFeed else { return false }
        let lines = text.dropLast().split(separator: Ascii.lineFeed, omittingEmptySubsequences: false).dropFirst()
        return !lines.isEmpty && lines.allSatisfy(isLine)
    }

    private static func isLine(_ line: ArraySlice<UInt8>) -> Bool {
        let key = line.prefix { $0 != Ascii.space }
        let value = line.dropFirst(key.count + 1)
        guard let first = key.first, (0x61...0x7A).contains(first),
            key.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
        else { return false }
        return value.count <= TextReader.maximumValueByteCount && isPrintable(value)
    }

    /// By whatever version of Unicode: a later version of ours may know characters that this one refuses in its texts.
    private static func isPrintable(_ value: ArraySlice<UInt8>) -> Bool {
        guard let scalars = String(validating: value, as: UTF8.self)?.unicodeScalars, let first = scalars.first,
            let last = scalars.last, !first.properties.isWhitespace, !last.properties.isWhitespace
        else { return false }
        return scalars.allSatisfy(permits)
    }

    /// Whether a scalar is no control, no format and no separator of lines or paragraphs: no text of any version holds one.
    static func permits(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
