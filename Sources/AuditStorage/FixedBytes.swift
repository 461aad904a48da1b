import Auditing

/// Writes numbers of eight bytes, the lowest first, and runs of bytes behind their length.
struct FixedBytesWriter {
    private(set) var bytes: [UInt8]

    init(_ bytes: [UInt8] = [], adding count: Int = 0) {
        self.bytes = bytes
        self.bytes.reserveCapacity(bytes.count + count)
    }

    mutating func put(_ value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func put(_ value: Int) { put(UInt64(value)) }

    mutating func put(_ run: [UInt8]) {
        put(run.count)
        bytes.append(contentsOf: run)
    }
}

/// Reads what ``FixedBytesWriter`` wrote.
struct FixedBytesReader {
    private let bytes: [UInt8]
    private var position: Int

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var isAtEnd: Bool { position == bytes.count }
    /// How many bytes are left.
    var rest: Int { bytes.count - position }

    mutating func number() throws(AuditError) -> UInt64 {
        guard rest >= 8 else { throw AuditError.changedPage }
        var value: UInt64 = 0
        for place in (position..<position + 8).reversed() { value = value << 8 | UInt64(bytes[place]) }
        position += 8
        return value
    }

    mutating func count() throws(AuditError) -> Int {
        guard let count = Int(exactly: try number()) else { throw AuditError.changedPage }
        return count
    }

    mutating func take(_ count: Int) throws(AuditError) -> [UInt8] {
        guard count <= rest else { throw AuditError.changedPage }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func run() throws(AuditError) -> [UInt8] { try take(try count()) }
}

extension AuditError {
    static var changedPage: AuditError { AuditError(.storeDamaged, "something in it was changed or taken away") }
}
