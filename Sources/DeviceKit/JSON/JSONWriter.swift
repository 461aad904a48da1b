extension JSONValue {
    /// Compact UTF-8 without blanks: what is sealed.
    public var bytes: [UInt8] {
        var writer = JSONWriter(asciiOnly: false)
        writer.write(self)
        return writer.bytes
    }

    /// Compact and ASCII only, everything else as `\uXXXX`: what `--json` prints, so that no terminal is led astray.
    public var ascii: String {
        var writer = JSONWriter(asciiOnly: true)
        writer.write(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

/// Writes compact JSON.
struct JSONWriter {
    private static let hexDigits = Array("0123456789abcdef".utf8)

    private(set) var bytes: [UInt8] = []
    private let asciiOnly: Bool

    init(asciiOnly: Bool) { self.asciiOnly = asciiOnly }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: put("null")
        case .bool(let bool): put(bool ? "true" : "false")
        case .number(let number): put(number.literal)
        case .string(let string): write(string)
        case .array(let items):
            put(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { put(UInt8(ascii: ",")) }
                write(item)
            }
            put(UInt8(ascii: "]"))
        case .object(let object):
            put(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { put(UInt8(ascii: ",")) }
                write(member.key)
                put(UInt8(ascii: ":"))
                write(member.value)
            }
            put(UInt8(ascii: "}"))
        }
    }

    private mutating func put(_ byte: UInt8) { bytes.append(byte) }

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func write(_ string: String) {
        put(UInt8(ascii: "\""))
        var string = string
        // Ids, times and most names: nothing of them is written otherwise.
        let isWritten = string.withUTF8 { utf8 in
            for index in utf8.indices where unsafe !Self.isPlain(utf8[index]) { return false }
            unsafe bytes.append(contentsOf: utf8)
            return true
        }
        if !isWritten { for scalar in string.unicodeScalars { write(scalar) } }
        put(UInt8(ascii: "\""))
    }

    private mutating func write(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": put("\\\"")
        case "\\": put("\\\\")
        case "\n": put("\\n")
        case "\r": put("\\r")
        case "\t": put("\\t")
        case _ where scalar.value < 0x20 || scalar.value == 0x7F: escape(UInt16(scalar.value))
        case _ where asciiOnly && !scalar.isASCII: for unit in UTF16.encode(scalar)! { escape(unit) }
        default: put(String(Character(scalar)))
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private mutating func escape(_ unit: UInt16) {
        put("\\u")
        for shift: UInt16 in [12, 8, 4, 0] { bytes.append(Self.hexDigits[Int(unit >> shift & 15)]) }
    }
}
