/// Writes strings of JSON (RFC 8259) in ASCII, so that a log line or an answer cannot carry a terminal's escapes, and
/// cannot be broken by bytes that are no UTF-8.
enum JSONText {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Appends `text` in quotes.
    /// - Parameter limit: How many bytes of escaped text are written at the most; the rest is left out.
    /// - Returns: Whether all of it was written.
    @discardableResult
    static func append(_ text: some StringProtocol, to bytes: inout [UInt8], limit: Int = .max) -> Bool {
        bytes.append(UInt8(ascii: "\""))
        var left = limit
        var complete = true
        for unit in text.utf16 {
            // A surrogate pair is six bytes twice; half of one is still ASCII, and readers replace it.
            let needed = width(unit)
            guard needed <= left else {
                complete = false
                break
            }
            left -= needed
            put(unit, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\""))
        return complete
    }

    /// `text` in quotes.
    static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func width(_ unit: UInt16) -> Int {
        switch unit {
        case 0x22, 0x5C, 0x0A: 2
        case 0x20...0x7E: 1
        default: 6
        }
    }

    private static func put(_ unit: UInt16, to bytes: inout [UInt8]) {
        switch unit {
        case 0x22, 0x5C: bytes += [UInt8(ascii: "\\"), UInt8(unit)]
        case 0x0A: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
        case 0x20...0x7E: bytes.append(UInt8(unit))
        default:
            bytes += [UInt8(ascii: "\\"), UInt8(ascii: "u")]
            for shift in [12, 8, 4, 0] { bytes.append(digits[Int(unit >> UInt16(shift) & 15)]) }
        }
    }
}
