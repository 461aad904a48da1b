/// Text of a manual page: the macros of man(7), ASCII alone, so that every `man` shows it alike.
struct ManualText {
    private(set) var lines: [String] = []

    init(name: String) {
        lines = [
            #".\" Made by "nightbell manual" from the commands themselves: change those."#,
            #".TH "\#(Self.escaped(name.uppercased()))" "1" "" "Nightbell" "Nightbell Manual""#,
            ".nh", ".ad l",
        ]
    }

    var text: String { lines.joined(separator: "\n") + "\n" }

    mutating func section(_ title: String) { lines.append(".SH \(title)") }

    /// Paragraphs, divided by empty lines; indented lines stand as they are.
    mutating func paragraphs(_ text: String) {
        for (index, paragraph) in text.split(separator: "\n\n").enumerated() {
            if index > 0 { lines.append(".PP") }
            let isPlaced = paragraph.split(separator: "\n").allSatisfy { $0.hasPrefix("  ") }
            if isPlaced {
                code(paragraph.split(separator: "\n").map { String($0.dropFirst(2)) })
            } else {
                lines += paragraph.split(separator: "\n").map { Self.line(String($0)) }
            }
        }
    }

    /// Lines as they are typed.
    mutating func code(_ commands: [String]) {
        lines += [".RS 4", ".nf"] + commands.map(Self.line) + [".fi", ".RE"]
    }

    /// A term and what it means. The term may hold ``bold(_:)`` and ``italic(_:)``.
    mutating func item(_ term: String, _ meaning: String) {
        lines += [".TP", term]
        lines.append(Self.line(meaning.isEmpty ? "(nothing to add)" : meaning))
    }

    mutating func raw(_ line: String) { lines.append(line) }

    static func bold(_ text: String) -> String { #"\fB\#(escaped(text))\fR"# }
    static func italic(_ text: String) -> String { #"\fI\#(escaped(text))\fR"# }

    /// A line of text: nothing in it is a request of the formatter's.
    private static func line(_ text: String) -> String {
        let escaped = escaped(text)
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? #"\&"# + escaped : escaped
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += #"\e"#
            case "-": result += #"\-"#
            case "…": result += "..."
            case "’": result += "'"
            case _ where character.isASCII: result.append(character)
            default: result += character.unicodeScalars.map { #"\[u\#(Self.hex($0.value))]"# }.joined()
            }
        }
        return result
    }

    private static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
