/// A text of one type, with exactly one way to write it.
public protocol StatementText: Sendable {
    /// The first line.
    static var type: StaticString { get }

    /// Reads every line after the type.
    init(reading reader: inout TextReader) throws(StatementError)

    /// Writes every line after the type.
    func write(to writer: inout TextWriter)
}

extension StatementText {
    /// Parses bytes, and refuses whatever ``text`` would not have produced byte for byte.
    /// - Throws: ``StatementError/Code/malformed`` with the line, or a more telling code.
    public init(parsing bytes: [UInt8]) throws(StatementError) {
        guard bytes.count <= SignedNote.maximumByteCount else { throw StatementError(.tooLarge, part: "text") }
        var reader = TextReader(bytes)
        try reader.type(Self.type)
        do throws(StatementError) { try self.init(reading: &reader) } catch {
            // What no version writes asks for no update.
            guard error.asksForUpdate, !TextForm.holds(bytes) else { throw error }
            throw StatementError(.malformed, line: error.line, part: error.part)
        }
        try reader.end()
        var writer = TextWriter(comparing: bytes)
        writer.type(Self.type)
        write(to: &writer)
        guard writer.isMet else { throw StatementError(.malformed, part: "canonical form") }
    }

    /// The bytes: what is signed, logged and exported.
    public var text: [UInt8] {
        var writer = TextWriter()
        writer.type(Self.type)
        write(to: &writer)
        return writer.bytes
    }
}
