/// A value of JSON: its members stand in the order in which they are written here.
public enum ReportJSON: Sendable, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    case null
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case array([ReportJSON])
    case object([(key: String, value: ReportJSON)])

    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: ReportJSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, ReportJSON)...) {
        self = .object(elements.map { (key: $0.0, value: $0.1) })
    }

    static func count(_ value: Int) -> Self { .integer(Int64(value)) }
    static func index(_ value: UInt64) -> Self { .integer(Int64(clamping: value)) }
    /// An id, a hash, a time.
    static func text(_ value: some CustomStringConvertible) -> Self { .string(value.description) }
    static func text(orNull value: (any CustomStringConvertible)?) -> Self {
        value.map { .string($0.description) } ?? .null
    }
    static func integer(orNull value: Int64?) -> Self { value.map { .integer($0) } ?? .null }

    /// The same object without the members that are `null`: where a format wants them absent.
    var withoutNulls: Self {
        switch self {
        case .object(let members):
            .object(
                members.compactMap { member in
                    if case .null = member.value { return nil }
                    return (key: member.key, value: member.value.withoutNulls)
                })
        case .array(let items): .array(items.map(\.withoutNulls))
        default: self
        }
    }

    /// The same object with one more member.
    public func adding(_ key: String, _ value: ReportJSON) -> Self {
        guard case .object(let members) = self else { return self }
        return .object(members + [(key: key, value: value)])
    }

    /// ASCII on one line: what others wrote is escaped, so that it draws nothing wherever it is shown.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    /// One line of an NDJSON file.
    var line: [UInt8] {
        var bytes = bytes
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: "\(value)".utf8)
        case .string(let text): Self.write(text, to: &bytes)
        case .array(let items):
            bytes.append(UInt8(ascii: "["))
            for (number, item) in items.enumerated() {
                if number > 0 { bytes.append(UInt8(ascii: ",")) }
                item.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (number, member) in members.enumerated() {
                if number > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for unit in text.utf16 {
            switch unit {
            case 0x22: bytes.append(contentsOf: "\\\"".utf8)
            case 0x5C: bytes.append(contentsOf: "\\\\".utf8)
            case 0x20..<0x7F: bytes.append(UInt8(unit))
            default:
                let digits = String(unit, radix: 16)
                bytes.append(contentsOf: "\\u".utf8)
                bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.count))
                bytes.append(contentsOf: digits.utf8)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
