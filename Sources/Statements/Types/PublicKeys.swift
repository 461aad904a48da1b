public import Secrets

/// The public halves of a hybrid key: X25519 and ML-KEM-768.
public struct EncapsulationKey: Hashable, Sendable {
    /// 32 bytes.
    public let x25519: [UInt8]
    /// 1,184 bytes.
    public let mlkem768: [UInt8]

    public init(x25519: [UInt8], mlkem768: [UInt8]) {
        self.x25519 = x25519
        self.mlkem768 = mlkem768
    }

    /// The id of a recovery or audit key.
    public var id: PrekeyID { PrekeyID(x25519: x25519, mlkem768: mlkem768) }

    /// Whether something can be sealed to both halves: no X25519 point of small order, every coefficient of the ML-KEM key
    /// reduced (FIPS 203, section 7.2). A key that cannot be used would otherwise stop every message to its owner's member.
    public var isUsable: Bool {
        guard (try? SealedBox.seal(SecretBytes(random: 1), to: x25519)) != nil else { return false }
        return (try? MLKEM768.encapsulate(to: mlkem768) { _, _ in }) != nil
    }

    static func read(
        _ x25519: ArraySlice<UInt8>, _ mlkem768: ArraySlice<UInt8>, id: ArraySlice<UInt8>,
        or error: @autoclosure () -> StatementError
    ) throws(StatementError) -> EncapsulationKey {
        let key = EncapsulationKey(
            x25519: try TextReader.binary(x25519, count: X25519PrivateKey.byteCount, or: error()),
            mlkem768: try TextReader.binary(mlkem768, count: MLKEM768.publicKeyByteCount, or: error()))
        guard PrekeyID(id) == key.id else {
            throw StatementError(.wrongIdentifier, line: error().line, part: error().part)
        }
        return key
    }
}

/// The public halves of the recovery key: it opens like a prekey and signs like a device.
public struct RecoveryPublicKey: Hashable, Sendable {
    public let signing: VerifyingKey
    public let encapsulation: EncapsulationKey

    public init(signing: VerifyingKey, encapsulation: EncapsulationKey) {
        self.signing = signing
        self.encapsulation = encapsulation
    }

    public var id: PrekeyID { encapsulation.id }

    static func read(from reader: inout TextReader) throws(StatementError) -> RecoveryPublicKey? {
        guard let fields = try reader.fieldsOrNone("recovery", count: 4) else { return nil }
        let error = reader.error("recovery")
        guard let signing = VerifyingKey(try TextReader.binary(fields[1], count: VerifyingKey.byteCount, or: error))
        else {
            throw error
        }
        return RecoveryPublicKey(
            signing: signing, encapsulation: try .read(fields[2], fields[3], id: fields[0], or: error))
    }

    static func write(_ key: RecoveryPublicKey?, to writer: inout TextWriter) {
        guard let key else { return writer.line("recovery", "none") }
        writer.line(
            "recovery", key.id, Binary(key.signing.bytes), Binary(key.encapsulation.x25519),
            Binary(key.encapsulation.mlkem768))
    }
}

extension TextReader {
    /// The fields of a line, or `nil` when its value is `none`.
    mutating func fieldsOrNone(_ key: StaticString, count: Int) throws(StatementError) -> TextFields? {
        let value = try value(key)
        if value.elementsEqual("none".utf8) { return nil }
        guard let fields = TextFields(value, count: count) else { throw error(key.description) }
        return fields
    }

    /// An Ed25519 key that stands alone in a line.
    mutating func verifyingKey(_ key: StaticString) throws(StatementError) -> VerifyingKey {
        guard let result = VerifyingKey(try binary(key, count: VerifyingKey.byteCount)) else {
            throw error(key.description)
        }
        return result
    }
}
