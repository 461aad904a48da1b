public import Secrets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes `key SP value LF` lines, or compares them with lines that arrived.
public struct TextWriter {
    /// What was written; when it is compared, the line that is being written.
    public private(set) var bytes: [UInt8] = []
    /// What arrived.
    private var expected: [UInt8]?
    /// How much of it was held against what was written.
    private var position = 0
    private var differs = false

    public init() { bytes.reserveCapacity(2048) }

    /// A writer that keeps no text: line for line it is held against `expected`.
    init(comparing expected: [UInt8]) {
        // A line of several hashes.
        bytes.reserveCapacity(512)
        self.expected = expected
    }

    /// Whether exactly what arrived was written.
    var isMet: Bool { !differs && position == expected?.count }

    /// The first line, a type alone.
    public mutating func type(_ type: StaticString) {
        append(type)
        end()
    }

    /// One line with the fields in order.
    public mutating func line<each Field: TextField>(_ key: StaticString, _ fields: repeat each Field) {
        append(key)
        for field in repeat each fields {
            bytes.append(Ascii.space)
            field.write(to: &bytes)
        }
        end()
    }

    /// A line, or `none` in place of the field.
    public mutating func line(_ key: StaticString, orNone field: (some TextField)?) {
        guard let field else { return line(key, "none") }
        line(key, field)
    }

    /// The end of a line.
    private mutating func end() {
        bytes.append(Ascii.lineFeed)
        guard expected != nil else { return }
        if !isNext() { differs = true }
        position += bytes.count
        bytes.removeAll(keepingCapacity: true)
    }

    /// Whether the line that was written is the next one of what arrived.
    private func isNext() -> Bool {
        guard let expected, expected.count - position >= bytes.count else { return false }
        return unsafe expected.withUnsafeBytes { expected in
            unsafe bytes.withUnsafeBytes { line in
                unsafe memcmp(expected.baseAddress! + position, line.baseAddress!, line.count) == 0
            }
        }
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }
}

/// What can stand in a line, in its one written form.
public protocol TextField {
    func write(to bytes: inout [UInt8])
}

extension String: TextField {
    public func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }
}

extension UInt64: TextField {
    public func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: description.utf8) }
}

extension Timestamp: TextField {}

extension TextValue: TextField {
    public func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: self.bytes) }
}

extension Digest: TextField {
    public func write(to bytes: inout [UInt8]) { appendHex(to: &bytes) }
}

/// Bytes that a text carries as base64.
public struct Binary: TextField {
    public let bytes: [UInt8]
    public init(_ bytes: [UInt8]) { self.bytes = bytes }
    public func write(to output: inout [UInt8]) { Base64.append(bytes, to: &output) }
}

enum Ascii {
    static let lineFeed = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
}
