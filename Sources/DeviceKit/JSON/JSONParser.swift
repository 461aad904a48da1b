/// Why outside bytes are no JSON that we take. Names the place in bytes, never the content.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A stable word for each kind.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Not RFC 8259.
        public static let malformed = Code(rawValue: "json_malformed")
        /// Longer, deeper or with more values than the bounds.
        public static let tooLarge = Code(rawValue: "json_too_large")
        /// A key occurs twice in one object.
        public static let duplicateKey = Code(rawValue: "json_duplicate_key")
        /// Not UTF-8, or half of a surrogate pair.
        public static let badText = Code(rawValue: "json_bad_text")
    }

    public let code: Code
    /// Counted from 0.
    public let offset: Int

    public init(_ code: Code, offset: Int) {
        self.code = code
        self.offset = offset
    }

    public var description: String { "\(code.rawValue) at byte \(offset)" }

    /// The place as an editor shows it: line and column, both from 1, the column in bytes.
    func place(in bytes: [UInt8]) -> String {
        let before = bytes.prefix(offset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = offset - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0) + 1
        return "\(code.rawValue) at line \(line), column \(column)"
    }
}

/// Reads JSON from outside: exactly RFC 8259, no duplicate keys, valid UTF-8, bounded in length and depth.
public struct JSONParser {
    /// 1 MiB: enough for every document that Nightbell reads.
    public static let standardMaximumByteCount = 1 << 20
    /// 32.
    public static let maximumDepth = 32

    private let bytes: [UInt8]
    private var position = 0

    /// Parses one value with nothing but blanks around it.
    /// - Throws: ``JSONError``.
    public static func parse(
        _ bytes: [UInt8], maximumByteCount: Int = standardMaximumByteCount
    ) throws(JSONError) -> JSONValue {
        guard bytes.count <= maximumByteCount else { throw JSONError(.tooLarge, offset: maximumByteCount) }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw JSONError(.badText, offset: 0) }
        var parser = JSONParser(bytes: bytes)
        let value = try parser.value(depth: 0)
        parser.skipBlanks()
        guard parser.position == bytes.count else { throw parser.error() }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func error(_ code: JSONError.Code = .malformed) -> JSONError { JSONError(code, offset: position) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) throws(JSONError) {
        guard next == UInt8(ascii: character) else { throw error() }
        position += 1
    }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw error(.tooLarge) }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw error() }
        position += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        try take("{")
        var members: [JSONObject.Member] = []
        var keys: Set<[UInt8]> = []
        skipBlanks()
        if takes("}") { return JSONObject() }
        repeat {
            skipBlanks()
            let key = try string()
            guard keys.insert(Array(key.utf8)).inserted else { throw error(.duplicateKey) }
            skipBlanks()
            try take(":")
            members.append(JSONObject.Member(key: key, value: try value(depth: depth + 1)))
            skipBlanks()
        } while takes(",")
        try take("}")
        return JSONObject(unique: members)
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try take("[")
        var items: [JSONValue] = []
        skipBlanks()
        if takes("]") { return items }
        repeat {
            items.append(try value(depth: depth + 1))
            skipBlanks()
        } while takes(",")
        try take("]")
        return items
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        _ = takes("-")
        if !takes("0") { try digits() }
        if takes(".") { try digits() }
        if let byte = next, byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            position += 1
            if !takes("+") { _ = takes("-") }
            try digits()
        }
        guard position - start <= 64 else { throw error(.tooLarge) }
        return JSONNumber(literal: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        guard position > start else { throw error() }
    }

    private mutating func string() throws(JSONError) -> String {
        try take("\"")
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0x00..<0x20: throw error()
            default: text.append(byte)
            }
        }
        throw error()
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard let byte = next else { throw error() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = try hexQuad()
            if (0xD800..<0xDC00).contains(scalar) {
                try take("\\")
                try take("u")
                let low = try hexQuad()
                guard (0xDC00..<0xE000).contains(low) else { throw error(.badText) }
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(scalar) else { throw error(.badText) }
            text.append(contentsOf: String(Character(scalar)).utf8)
        default: throw error()
        }
    }

    private mutating func hexQuad() throws(JSONError) -> UInt32 {
        guard bytes.count - position >= 4 else { throw error() }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { throw error() }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }
}
