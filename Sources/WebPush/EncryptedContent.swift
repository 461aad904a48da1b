public import Secrets

/// The content coding `aes128gcm` of RFC 8188: salt (16) ‖ record size (4, big endian) ‖ length of the key id (1) ‖ key id ‖
/// records, each sealed under a nonce of its own and ended by a delimiter and zeros.
public enum EncryptedContent {
    /// 16.
    public static let saltByteCount = 16
    /// 18: the least that a record can be, its delimiter, its tag, and a byte (RFC 8188 section 2).
    public static let minimumRecordSize = 18

    /// A part of the content, and how many zeros follow its delimiter.
    public struct Record: Sendable {
        public let content: [UInt8]
        public let padding: Int

        public init(_ content: [UInt8], padding: Int = 0) {
            self.content = content
            self.padding = padding
        }
    }

    /// What stands before the records.
    public struct Header: Sendable, Equatable {
        public let salt: [UInt8]
        public let recordSize: Int
        /// At most 255 bytes.
        public let keyID: [UInt8]

        public init(salt: [UInt8] = randomBytes(saltByteCount), recordSize: Int, keyID: [UInt8]) {
            precondition(salt.count == saltByteCount && keyID.count <= 255)
            precondition((minimumRecordSize...Int(UInt32.max)).contains(recordSize))
            self.salt = salt
            self.recordSize = recordSize
            self.keyID = keyID
        }

        fileprivate init?(_ body: inout ArraySlice<UInt8>) {
            func take(_ count: Int) -> [UInt8] {
                defer { body = body.dropFirst(count) }
                return Array(body.prefix(count))
            }
            guard body.count >= saltByteCount + 5 else { return nil }
            salt = take(saltByteCount)
            recordSize = take(4).reduce(0) { $0 << 8 | Int($1) }
            let length = Int(take(1)[0])
            guard recordSize >= minimumRecordSize, body.count >= length else { return nil }
            keyID = take(length)
        }

        /// How many bytes it has.
        public var byteCount: Int { saltByteCount + 5 + keyID.count }

        fileprivate var bytes: [UInt8] {
            salt + (0..<4).reversed().map { UInt8(truncatingIfNeeded: recordSize >> (8 * $0)) } + [UInt8(keyID.count)]
                + keyID
        }
    }

    /// - Parameters:
    ///   - records: All but the last fill the record size exactly; the last has at least a delimiter less.
    ///   - key: Input keying material: never twice with one salt.
    public static func seal(_ records: [Record], _ header: Header, key: borrowing SecretBytes) -> [UInt8] {
        let keys = Keys(key, salt: header.salt)
        var body = header.bytes
        for (number, record) in records.enumerated() {
            let isLast = number == records.count - 1
            let plaintext =
                record.content + [isLast ? lastDelimiter : delimiter] + [UInt8](repeating: 0, count: record.padding)
            let size = plaintext.count + AES128GCM.tagByteCount
            precondition(isLast ? size <= header.recordSize : size == header.recordSize)
            body += AES128GCM.seal(plaintext, key: keys.content, nonce: keys.nonce(number))
        }
        return body
    }

    /// - Throws: ``SecretsError/Code/doesNotOpen`` for a body that is not whole, was changed, or does not end with its last
    ///   record.
    public static func open(_ body: [UInt8], key: borrowing SecretBytes) throws(SecretsError) -> [UInt8] {
        var rest = body[...]
        guard let header = Header(&rest), !rest.isEmpty else { throw SecretsError(.doesNotOpen) }
        let keys = Keys(key, salt: header.salt)
        var content: [UInt8] = []
        var number = 0
        while !rest.isEmpty {
            let isLast = rest.count <= header.recordSize
            var record = try AES128GCM.open(
                Array(rest.prefix(header.recordSize)), key: keys.content, nonce: keys.nonce(number))
            while record.last == 0 { record.removeLast() }
            guard record.popLast() == (isLast ? lastDelimiter : delimiter) else { throw SecretsError(.doesNotOpen) }
            content += record
            rest = rest.dropFirst(header.recordSize)
            number += 1
        }
        return content
    }

    /// What stands before the records.
    /// - Throws: ``SecretsError/Code/doesNotOpen``.
    public static func header(of body: [UInt8]) throws(SecretsError) -> Header {
        var rest = body[...]
        guard let header = Header(&rest) else { throw SecretsError(.doesNotOpen) }
        return header
    }

    private static let delimiter: UInt8 = 1
    private static let lastDelimiter: UInt8 = 2

    /// The content key, and the nonce of each record (RFC 8188 sections 2.2 and 2.3).
    private struct Keys: ~Copyable {
        let content: SecretBytes
        private let base: [UInt8]

        init(_ material: borrowing SecretBytes, salt: [UInt8]) {
            let salt = SecretBytes(copying: salt)
            content = material.hkdf(
                salt: salt, info: Array("Content-Encoding: aes128gcm\0".utf8), length: AES128GCM.keyByteCount)
            base =
                material.hkdf(
                    salt: salt, info: Array("Content-Encoding: nonce\0".utf8), length: AES128GCM.nonceByteCount
                ).exposed()
        }

        /// The base, with the record's number over its last bytes.
        func nonce(_ number: Int) -> [UInt8] {
            var nonce = base
            for place in 0..<8 { nonce[nonce.count - 1 - place] ^= UInt8(truncatingIfNeeded: number >> (8 * place)) }
            return nonce
        }
    }
}
