import Secrets
import Statements

/// What is kept of one code: enough to know it again, not enough to use it.
///
/// The file has one written form: `nightbell.founding-codes/v1`, one line `code <salt> <SHA-256 of salt and code> <expires>
/// none|<genesis hash>` for each in the order of their making, and `sum <SHA-256 of everything before>`.
struct FoundingCodeRecord: Sendable, Equatable {
    private static let type: StaticString = "nightbell.founding-codes/v1"
    private static let saltByteCount = 16

    let salt: [UInt8]
    let hash: Digest
    let expires: Timestamp
    /// Which genesis used the code.
    var genesis: Digest?

    init(code: FoundingCode, expires: Timestamp) {
        salt = randomBytes(Self.saltByteCount)
        hash = Digest.sha256(salt + code.bytes)
        self.expires = expires
    }

    func matches(_ code: FoundingCode) -> Bool {
        constantTimeEqual(Digest.sha256(salt + code.bytes).bytes, hash.bytes)
    }

    static func text(of records: [FoundingCodeRecord]) -> [UInt8] {
        var writer = TextWriter()
        writer.type(type)
        for record in records {
            let genesis = record.genesis?.hex ?? "none"
            writer.line("code", Binary(record.salt), record.hash, record.expires, genesis)
        }
        let sum = Digest.sha256(writer.bytes)
        writer.line("sum", sum)
        return writer.bytes
    }

    static func parse(_ bytes: [UInt8]) throws(StatementError) -> [FoundingCodeRecord] {
        var reader = TextReader(bytes)
        try reader.type(type)
        var records: [FoundingCodeRecord] = []
        while reader.isNext("code") { records.append(try FoundingCodeRecord(reading: &reader)) }
        _ = try reader.hash("sum")
        try reader.end()
        guard text(of: records) == bytes else { throw StatementError(.malformed, part: "canonical form") }
        return records
    }

    private init(reading reader: inout TextReader) throws(StatementError) {
        let fields = try reader.fields("code", count: 4)
        let error = reader.error("code")
        salt = try TextReader.binary(fields[0], count: Self.saltByteCount, or: error)
        hash = try TextReader.hash(fields[1], or: error)
        guard let expires = Timestamp(fields[2]) else { throw error }
        self.expires = expires
        genesis = fields[3].elementsEqual("none".utf8) ? nil : try TextReader.hash(fields[3], or: error)
    }
}
