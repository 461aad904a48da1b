extension JSONValue {
    /// Indented JSON in the order of the keys, with a line feed at the end. The same value always gives the same bytes.
    public var text: String {
        var text = ""
        write(to: &text, indent: "")
        return text + "\n"
    }

    private func write(to text: inout String, indent: String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += "\(value)"
        case .string(let value): Self.write(value, to: &text)
        case .array(let values):
            Self.write(values, brackets: ("[", "]"), to: &text, indent: indent) { value, text, indent in
                value.write(to: &text, indent: indent)
            }
        case .object(let members):
            Self.write(members, brackets: ("{", "}"), to: &text, indent: indent) { member, text, indent in
                Self.write(member.key, to: &text)
                text += ": "
                member.value.write(to: &text, indent: indent)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], brackets: (String, String), to text: inout String, indent: String,
        element: (Element, inout String, String) -> Void
    ) {
        text += brackets.0
        let deeper = indent + "  "
        for (position, value) in elements.enumerated() {
            text += position == 0 ? "\n" : ",\n"
            text += deeper
            element(value, &text, deeper)
        }
        if !elements.isEmpty { text += "\n" + indent }
        text += brackets.1
    }

    /// RFC 8259 section 7, with what is not ASCII escaped, so that an editor cannot normalise it unnoticed.
    private static func write(_ value: String, to text: inout String) {
        text += "\""
        for unit in value.utf16 {
            switch unit {
            case 0x0A: text += "\\n"
            case 0x22: text += "\\\""
            case 0x5C: text += "\\\\"
            case 0x20...0x7E: text.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default:
                let digits = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        text += "\""
    }
}
