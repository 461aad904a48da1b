public import Secrets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads a text line by line in the order that its type fixes. Works on bytes: `String` compares by canonical
/// equivalence and takes CR LF for one character.
///
/// A reader may be lenient about a value's form only because the caller compares what the writer makes of the parsed
/// value with the bytes that arrived (``StatementText/init(parsing:)``).
public struct TextReader {
    /// 2,048.
    public static let maximumValueByteCount = 2048
    /// 2^53.
    public static let integerBound: UInt64 = 1 << 53

    private let bytes: [UInt8]
    private var position = 0
    /// The line that the next read looks at, counted from 1.
    public private(set) var line = 1

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public var isAtEnd: Bool { position == bytes.count }

    /// An error at the line that was read last.
    public func error(_ part: String, _ code: StatementError.Code = .malformed) -> StatementError {
        StatementError(code, line: max(1, line - 1), part: part)
    }

    /// The first line.
    public mutating func type(_ expected: StaticString) throws(StatementError) {
        let line = try nextLine(part: "type")
        guard expected.matches(line) else { throw error("type") }
    }

    /// The fields of a line that must be here.
    /// - Parameter last: The last field may hold spaces (a text).
    public mutating func fields(
        _ key: StaticString, count: Int = 1, lastIsText: Bool = false
    ) throws(StatementError) -> TextFields {
        guard let fields = TextFields(try value(key), count: count, lastIsText: lastIsText) else {
            throw error(key.description)
        }
        return fields
    }

    /// The value of a line that must be here.
    public mutating func value(_ key: StaticString) throws(StatementError) -> ArraySlice<UInt8> {
        guard isNext(key) else { throw StatementError(.malformed, line: line, part: key.description) }
        let line = try nextLine(part: key)
        let value = line.dropFirst(key.utf8CodeUnitCount + 1)
        guard (1...Self.maximumValueByteCount).contains(value.count) else { throw error(key.description) }
        return value
    }

    /// Whether the next line has this key.
    public func isNext(_ key: StaticString) -> Bool {
        let length = key.utf8CodeUnitCount
        guard bytes.count - position > length, bytes[position + length] == Ascii.space else { return false }
        return key.matches(bytes[position..<position + length])
    }

    /// The end of the text.
    public func end() throws(StatementError) {
        guard isAtEnd else { throw StatementError(.malformed, line: line, part: "end of text") }
    }

    // MARK: One-field lines

    public mutating func text(_ key: StaticString) throws(StatementError) -> TextValue {
        guard let text = TextValue(try value(key)) else { throw error(key.description) }
        return text
    }

    public mutating func integer(_ key: StaticString) throws(StatementError) -> UInt64 {
        try Self.integer(try value(key), or: error(key.description))
    }

    public mutating func time(_ key: StaticString) throws(StatementError) -> Timestamp {
        guard let time = Timestamp(try value(key)) else { throw error(key.description) }
        return time
    }

    public mutating func hash(_ key: StaticString) throws(StatementError) -> Digest {
        guard let hash = Digest(hex: try value(key)) else { throw error(key.description) }
        return hash
    }

    /// A hash, or `nil` for `none`.
    public mutating func optionalHash(_ key: StaticString) throws(StatementError) -> Digest? {
        let value = try value(key)
        if value.elementsEqual("none".utf8) { return nil }
        guard let hash = Digest(hex: value) else { throw error(key.description) }
        return hash
    }

    public mutating func identifier<Kind>(_ key: StaticString) throws(StatementError) -> Identifier<Kind> {
        guard let id = Identifier<Kind>(try value(key)) else { throw error(key.description) }
        return id
    }

    public mutating func binary(_ key: StaticString, count: Int) throws(StatementError) -> [UInt8] {
        try Self.binary(try value(key), count: count, or: error(key.description))
    }

    /// One of the words of a closed list.
    public mutating func word<Word: RawRepresentable<String>>(_ key: StaticString) throws(StatementError) -> Word {
        try Self.word(try value(key), or: error(key.description))
    }

    /// A line that this version knows only as `none`.
    public mutating func none(_ key: StaticString) throws(StatementError) {
        guard try value(key).elementsEqual("none".utf8) else { throw error(key.description, .unsupported) }
    }

    // MARK: Fields

    public static func integer(
        _ field: ArraySlice<UInt8>, or error: @autoclosure () -> StatementError
    ) throws(StatementError) -> UInt64 {
        guard let first = field.first, field.count <= 16, field.count == 1 || first != UInt8(ascii: "0") else {
            throw error()
        }
        var value: UInt64 = 0
        for digit in field {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { throw error() }
            value = value * 10 + UInt64(digit - UInt8(ascii: "0"))
        }
        guard value < integerBound else { throw error() }
        return value
    }

    public static func binary(
        _ field: ArraySlice<UInt8>, count: Int, or error: @autoclosure () -> StatementError
    ) throws(StatementError) -> [UInt8] {
        guard let bytes = Base64.decode(field), bytes.count == count else { throw error() }
        return bytes
    }

    public static func word<Word: RawRepresentable<String>>(
        _ field: ArraySlice<UInt8>, or error: @autoclosure () -> StatementError
    ) throws(StatementError) -> Word {
        guard let word = Word(rawValue: String(decoding: field, as: UTF8.self)) else { throw error() }
        return word
    }

    public static func identifier<Kind>(
        _ field: ArraySlice<UInt8>, or error: @autoclosure () -> StatementError
    ) throws(StatementError) -> Identifier<Kind> {
        guard let id = Identifier<Kind>(field) else { throw error() }
        return id
    }

    public static func hash(
        _ field: ArraySlice<UInt8>, or error: @autoclosure () -> StatementError
    ) throws(StatementError) -> Digest {
        guard let hash = Digest(hex: field) else { throw error() }
        return hash
    }

    /// Where the next line ends.
    private var lineEnd: Int? {
        unsafe bytes.withUnsafeBytes { bytes in
            guard position < bytes.count, let base = bytes.baseAddress,
                let found = unsafe memchr(base + position, Int32(Ascii.lineFeed), bytes.count - position)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    private mutating func nextLine(part: StaticString) throws(StatementError) -> ArraySlice<UInt8> {
        guard let end = lineEnd else {
            throw StatementError(.malformed, line: line, part: part.description)
        }
        defer {
            position = end + 1
            line += 1
        }
        return bytes[position..<end]
    }
}

extension StaticString {
    func matches(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count == utf8CodeUnitCount, !bytes.isEmpty else { return bytes.count == utf8CodeUnitCount }
        return unsafe bytes.withUnsafeBytes { unsafe memcmp($0.baseAddress!, utf8Start, $0.count) == 0 }
    }
}

extension [UInt8] {
    /// The same bytes: in one comparison, where `==` looks at one after the other.
    func isSame(as other: [UInt8]) -> Bool {
        guard count == other.count, !isEmpty else { return count == other.count }
        return unsafe withUnsafeBytes { bytes in
            unsafe other.withUnsafeBytes { unsafe memcmp(bytes.baseAddress!, $0.baseAddress!, bytes.count) == 0 }
        }
    }
}

extension String {
    /// The same bytes: in one comparison where both lie in one piece, as almost every text does.
    func isSame(as other: String) -> Bool {
        let isSame = unsafe utf8.withContiguousStorageIfAvailable { bytes in
            unsafe other.utf8.withContiguousStorageIfAvailable { other in
                guard bytes.count == other.count, bytes.count > 0 else { return bytes.count == other.count }
                return unsafe memcmp(bytes.baseAddress!, other.baseAddress!, bytes.count) == 0
            }
        }
        return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}
