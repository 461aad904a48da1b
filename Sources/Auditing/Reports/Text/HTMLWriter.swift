import Statements

/// Writes a page. Markup is only what stands in our source; every other text goes through one escape.
///
/// The compiler keeps it so: tags and attribute names are `StaticString`, which no text from a log can become.
struct HTMLWriter {
    private(set) var bytes: [UInt8] = []

    /// Markup of ours.
    mutating func markup(_ markup: StaticString) { append(markup) }

    /// Text between tags, whoever wrote it.
    mutating func text(_ text: String) { Self.escape(VisibleText.of(text), into: &bytes) }

    /// Text of ours, whose words a narrow place may divide where they have a soft hyphen.
    mutating func divisible(_ text: String) {
        for (number, part) in text.split(separator: "\u{AD}").enumerated() {
            // Anybody else's would be made visible, as all that has no sign.
            if number > 0 { markup("&shy;") }
            self.text(String(part))
        }
    }

    /// A start tag. Elements without content (`line`, `meta`) have no ``close(_:)``.
    mutating func open(_ tag: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:]) {
        append("<")
        append(tag)
        for (name, value) in attributes {
            append(" ")
            append(name)
            append("=\"")
            text(value)
            append("\"")
        }
        append(">")
    }

    mutating func close(_ tag: StaticString) {
        append("</")
        append(tag)
        append(">")
    }

    /// An element that holds nothing but text.
    mutating func element(_ tag: StaticString, _ content: String) { element(tag, [:], content) }

    /// An element that holds nothing but text.
    mutating func element(
        _ tag: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ content: String
    ) {
        open(tag, attributes)
        text(content)
        close(tag)
    }

    private mutating func append(_ markup: StaticString) {
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: markup.utf8Start, count: markup.utf8CodeUnitCount))
    }

    /// Both quotes as well, so that one escape serves texts and attributes.
    private static func escape(_ text: String, into bytes: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): bytes.append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): bytes.append(contentsOf: "&#39;".utf8)
            default: bytes.append(byte)
            }
        }
    }
}
