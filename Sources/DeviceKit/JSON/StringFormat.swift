import Statements

/// The formats that our schemas use, asserted.
enum StringFormat: String, Sendable {
    case uuid
    /// RFC 3339 full-date.
    case date
    /// RFC 3339 date-time with any offset.
    case dateTime = "date-time"
    /// An absolute URI (RFC 3986 section 3, by its characters and scheme).
    case uri

    func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return switch self {
        case .uuid: Self.isUUID(bytes)
        case .date: Self.isDate(bytes[...])
        case .dateTime: Self.isDateTime(bytes)
        case .uri: Self.isURI(bytes)
        }
    }

    private static func isUUID(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            [8, 13, 18, 23].contains(index) ? byte == UInt8(ascii: "-") : isHex(byte)
        }
    }

    private static func isDate(_ bytes: ArraySlice<UInt8>) -> Bool {
        // Timestamp knows the calendar, from 1970 on; people were born before.
        guard bytes.count == 10, let year = number(bytes.prefix(4)), year >= 1 else { return false }
        let cycle = 2000 + year % 400
        return Timestamp(Array("\(cycle)".utf8) + bytes.dropFirst(4) + Array("T00:00:00.000Z".utf8)) != nil
    }

    private static func isDateTime(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 20, isDate(bytes[..<10]), bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == 0x3A,
            bytes[16] == 0x3A, let hour = number(bytes[11..<13]), hour < 24, let minute = number(bytes[14..<16]),
            minute < 60, let second = number(bytes[17..<19]), second <= 60
        else { return false }
        var rest = bytes[19...]
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(digits.count) else { return false }
            rest = rest.dropFirst(1 + digits.count)
        }
        if rest.count == 1, rest.first! | 0x20 == UInt8(ascii: "z") { return true }
        guard rest.count == 6, rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") else { return false }
        let offset = Array(rest.dropFirst())
        guard offset[2] == 0x3A, let hours = number(offset[..<2]), let minutes = number(offset[3...]) else {
            return false
        }
        return hours < 24 && minutes < 60
    }

    private static func isURI(_ bytes: [UInt8]) -> Bool {
        guard let colon = bytes.firstIndex(of: 0x3A), let first = bytes.first, isLetter(first),
            bytes[..<colon].allSatisfy({ isLetter($0) || isDigit($0) || [0x2B, 0x2D, 0x2E].contains($0) })
        else { return false }
        var index = colon + 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.count, isHex(bytes[index + 1]), isHex(bytes[index + 2]) else { return false }
                index += 3
            case let byte where isLetter(byte) || isDigit(byte) || marks.contains(byte): index += 1
            default: return false
            }
        }
        return true
    }

    private static let marks = Set("-._~:/?#[]@!$&'()*+,;=".utf8)

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (0x61...0x66).contains(byte | 0x20) }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy(isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
