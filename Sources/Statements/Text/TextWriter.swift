public import Secrets

/// Writes `key SP value LF` lines.
public struct TextWriter {
    public private(set) var bytes: [UInt8] = []

    public init() { bytes.reserveCapacity(2048) }

    /// The first line, a type alone.
    public mutating func type(_ type: StaticString) {
        append(type)
        bytes.append(Ascii.lineFeed)
    }

    /// One line with the fields in order.
    public mutating func line<each Field: TextField>(_ key: StaticString, _ fields: repeat each Field) {
        append(key)
        for field in repeat each fields {
            bytes.append(Ascii.space)
            field.write(to: &bytes)
        }
        bytes.append(Ascii.lineFeed)
    }

    /// A line, or `none` in place of the field.
    public mutating func line(_ key: StaticString, orNone field: (some TextField)?) {
        guard let field else { return line(key, "none") }
        line(key, field)
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
