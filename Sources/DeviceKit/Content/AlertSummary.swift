public import Statements

/// The short text that a locked screen may show once it is opened: category and reason.
public enum AlertSummary {
    private static let ellipsis = "…"

    /// At most 256 bytes, one line, no control or format characters.
    public static func text(of content: MessageContent) -> TextValue {
        let source =
            switch content {
            case .record(let record): "\(record.category.replacing("_", with: " ")): \(record.reason)"
            case .text(let text): text
            case .reply(let reply):
                [
                    reply.promisedAt.map { "calls by \($0)" }, reply.disposition.map { "closed: \($0)" }, reply.text,
                ].compactMap(\.self).joined(separator: "; ")
            case .handOff(let handOff):
                "handed on: " + (handOff.innermost.map { text(of: $0).description } ?? "a message")
            }
        return TextValue(typed: shortened(plain(source))) ?? TextValue(typed: "message")!
    }

    /// Everything that a text value refuses becomes a blank, and blanks become one.
    private static func plain(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var blank = true
        for scalar in text.unicodeScalars {
            let isBlank =
                !TextValue.permits(scalar) || scalar.properties.generalCategory == .privateUse
                || scalar.properties.isWhitespace
            if !isBlank {
                scalars.append(scalar)
            } else if !blank {
                scalars.append(" ")
            }
            blank = isBlank
        }
        return String(scalars)
    }

    private static func shortened(_ text: String) -> String {
        // NFC can lengthen a text (composition exclusions), so what is cut is what will stand there.
        let normal = TextNormalisation.composed(text)
        guard normal.utf8.count > TextValue.maximumByteCount else { return normal }
        var short = ""
        var room = TextValue.maximumByteCount - ellipsis.utf8.count
        for character in normal {
            room -= character.utf8.count
            guard room >= 0 else { break }
            short.append(character)
        }
        return short + ellipsis
    }
}
