import Parallel

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

extension JSONObject {
    /// What ``JSONValue/ascii`` writes of this object with a list as its first member, of which few items are there at a
    /// time: lists have ten thousand.
    /// - Parameters:
    ///   - items: Of the list.
    ///   - writer: What makes the value of an item. Made once for each of several threads.
    public func ascii<Item: Sendable>(
        after name: String, _ items: [Item], _ writer: @Sendable () -> (Item) -> JSONValue
    ) -> [UInt8] {
        let parts = AllCores.parts(of: items) { part in
            var items = JSONWriter(asciiOnly: true)
            items.bytes.reserveCapacity(part.count * JSONWriter.itemByteCount)
            items.writeItems(part, writer())
            return items.bytes
        }
        var whole = JSONWriter(asciiOnly: true)
        whole.write(name, parts, before: self)
        return whole.bytes
    }
}

/// Writes compact JSON.
struct JSONWriter {
    private static let hexDigits = Array("0123456789abcdef".utf8)
    /// As many have most items of a list.
    fileprivate static let itemByteCount = 320

    fileprivate(set) var bytes: [UInt8] = []
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
            writeItems(items[...]) { $0 }
            put(UInt8(ascii: "]"))
        case .object(let object):
            put(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { put(UInt8(ascii: ",")) }
                write(member)
            }
            put(UInt8(ascii: "}"))
        }
    }

    private mutating func write(_ member: JSONObject.Member) {
        write(member.key)
        put(UInt8(ascii: ":"))
        write(member.value)
    }

    /// Values, with commas between them.
    mutating func writeItems<Item>(_ items: ArraySlice<Item>, _ value: (Item) -> JSONValue) {
        for (index, item) in items.enumerated() {
            if index > 0 { put(UInt8(ascii: ",")) }
            write(value(item))
        }
    }

    /// An object whose first member is a list, which is written already, in parts.
    mutating func write(_ name: String, _ parts: [[UInt8]], before others: JSONObject) {
        bytes.reserveCapacity(parts.reduce(0) { $0 + $1.count } + 1_024)
        put(UInt8(ascii: "{"))
        write(name)
        put(":[")
        for (index, part) in parts.enumerated() {
            if index > 0 { put(UInt8(ascii: ",")) }
            bytes.append(contentsOf: part)
        }
        put(UInt8(ascii: "]"))
        for member in others.members {
            put(UInt8(ascii: ","))
            write(member)
        }
        put(UInt8(ascii: "}"))
    }

    private mutating func put(_ byte: UInt8) { bytes.append(byte) }

    private mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { unsafe bytes.append(contentsOf: $0) }
    }

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
