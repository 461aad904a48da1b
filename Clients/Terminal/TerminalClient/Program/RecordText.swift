import DeviceKit

/// A call record for people: its fields in the record's order, indented, every value made harmless.
enum RecordText {
    static func text(_ document: JSONValue) -> String { lines(document, indent: "  ").joined(separator: "\n") }

    private static func lines(_ value: JSONValue, indent: String) -> [String] {
        guard case .object(let object) = value else { return [indent + scalar(value)] }
        return object.members.flatMap { member -> [String] in
            let key = SafeText.line(member.key.replacing("_", with: " "))
            switch member.value {
            case .object:
                return ["\(indent)\(key)"] + lines(member.value, indent: indent + "  ")
            case .array(let items):
                let isPlain = items.allSatisfy { if case .object = $0 { false } else { true } }
                if isPlain { return ["\(indent)\(key): \(items.map(scalar).joined(separator: "; "))"] }
                return ["\(indent)\(key)"] + items.flatMap { lines($0, indent: indent + "  ") + [""] }.dropLast()
            default:
                return ["\(indent)\(key): \(scalar(member.value))"]
            }
        }
    }

    private static func scalar(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): SafeText.line(text)
        case .bool(let bool): bool ? "yes" : "no"
        default: SafeText.line(value.ascii)
        }
    }
}
