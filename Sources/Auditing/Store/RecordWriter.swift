import Secrets
import Statements

/// Writes what a store keeps, field after field.
struct RecordWriter {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(512) }

    /// Seven bits a byte, the lowest first.
    mutating func put(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func put(_ value: Int) { put(UInt64(value)) }

    /// Small when it is near 0, on either side.
    mutating func put(signed value: Int64) { put(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

    mutating func put(_ value: Bool) { bytes.append(value ? 1 : 0) }

    mutating func put(_ time: Timestamp) { put(signed: time.milliseconds) }

    mutating func put(_ digest: Digest) { digest.append(to: &bytes) }

    mutating func put<Kind>(_ id: Identifier<Kind>) { bytes.append(contentsOf: id.bytes) }

    mutating func put(_ value: [UInt8]) {
        put(value.count)
        bytes.append(contentsOf: value)
    }

    mutating func put(_ text: String) { put(Array(text.utf8)) }

    mutating func put<Value>(_ value: Value?, _ write: (inout RecordWriter, Value) -> Void) {
        put(value != nil)
        if let value { write(&self, value) }
    }

    mutating func put<Values: Collection>(_ values: Values, _ write: (inout RecordWriter, Values.Element) -> Void) {
        put(values.count)
        for value in values { write(&self, value) }
    }
}

/// Reads what ``RecordWriter`` wrote, and nothing else: what a store gives may have been changed.
struct RecordReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static var damaged: AuditError { AuditError(.storeDamaged, "a record") }

    private mutating func take(_ count: Int) throws(AuditError) -> ArraySlice<UInt8> {
        guard count >= 0, bytes.count - position >= count else { throw Self.damaged }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func integer() throws(AuditError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard position < bytes.count, shift < 64 else { throw Self.damaged }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// A number that is an index or a count here.
    mutating func count() throws(AuditError) -> Int {
        guard let value = Int(exactly: try integer()) else { throw Self.damaged }
        return value
    }

    mutating func signed() throws(AuditError) -> Int64 {
        let value = try integer()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func flag() throws(AuditError) -> Bool {
        switch try take(1).first {
        case 0: false
        case 1: true
        default: throw Self.damaged
        }
    }

    mutating func time() throws(AuditError) -> Timestamp { Timestamp(milliseconds: try signed()) }

    mutating func digest() throws(AuditError) -> Digest { Digest(try take(Digest.byteCount))! }

    mutating func identifier<Kind>() throws(AuditError) -> Identifier<Kind> {
        Identifier<Kind>(bytes: try take(Kind.byteCount))
    }

    mutating func data() throws(AuditError) -> [UInt8] { Array(try take(try count())) }

    mutating func text() throws(AuditError) -> String {
        guard let text = String(validating: try data(), as: UTF8.self) else { throw Self.damaged }
        return text
    }

    /// One of the words of a closed list.
    mutating func word<Word: RawRepresentable<String>>() throws(AuditError) -> Word {
        guard let word = Word(rawValue: try text()) else { throw Self.damaged }
        return word
    }

    mutating func optional<Value>(
        _ read: (inout RecordReader) throws(AuditError) -> Value
    ) throws(AuditError) -> Value? {
        try flag() ? try read(&self) : nil
    }

    mutating func list<Value>(
        _ read: (inout RecordReader) throws(AuditError) -> Value
    ) throws(AuditError) -> [Value] {
        let count = try count()
        // Each has a byte at least: no count makes room for what is not there.
        guard count <= bytes.count - position else { throw Self.damaged }
        var values: [Value] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try read(&self)) }
        return values
    }

    var isAtEnd: Bool { position == bytes.count }

    /// Nothing may follow.
    func end() throws(AuditError) {
        guard isAtEnd else { throw Self.damaged }
    }
}
