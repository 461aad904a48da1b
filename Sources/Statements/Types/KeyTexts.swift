public import Secrets

/// What a prekey is good for.
public enum PrekeyPurpose: String, Sendable {
    case oneTime = "one-time"
    case fallback
}

/// A published prekey's text; its signature is raw Ed25519 over the text.
public struct PrekeyText: StatementText {
    public static let type: StaticString = "nightbell.prekey/v1"

    public let organisation: OrganisationID
    public let device: DeviceID
    public let purpose: PrekeyPurpose
    public let notAfter: Timestamp
    public let key: EncapsulationKey

    public init(
        organisation: OrganisationID, device: DeviceID, purpose: PrekeyPurpose, notAfter: Timestamp,
        key: EncapsulationKey
    ) {
        self.organisation = organisation
        self.device = device
        self.purpose = purpose
        self.notAfter = notAfter
        self.key = key
    }

    public var id: PrekeyID { PrekeyID(prekeyText: text) }

    public init(reading reader: inout TextReader) throws(StatementError) {
        organisation = try reader.identifier("org")
        device = try reader.identifier("device")
        guard try reader.integer("suite") == Manifest.suite else { throw reader.error("suite", .unsupported) }
        purpose = try reader.word("purpose")
        notAfter = try reader.time("not-after")
        key = EncapsulationKey(
            x25519: try reader.binary("x25519", count: X25519PrivateKey.byteCount),
            mlkem768: try reader.binary("mlkem768", count: MLKEM768.publicKeyByteCount))
    }

    public func write(to writer: inout TextWriter) {
        writer.line("org", organisation)
        writer.line("device", device)
        writer.line("suite", Manifest.suite)
        writer.line("purpose", purpose.rawValue)
        writer.line("not-after", notAfter)
        writer.line("x25519", Binary(key.x25519))
        writer.line("mlkem768", Binary(key.mlkem768))
    }
}

/// A prekey with its device's signature.
public struct SignedPrekey: Sendable {
    public let prekey: PrekeyText
    /// The text as it was signed.
    public let text: [UInt8]
    /// 64 bytes.
    public let signature: [UInt8]

    /// Parses and verifies.
    /// - Throws: ``StatementError/Code/badSignature`` when it is not `key`'s, or names another device.
    public init(text: [UInt8], signature: [UInt8], key: VerifyingKey) throws(StatementError) {
        prekey = try PrekeyText(parsing: text)
        guard prekey.device == DeviceID(key: key), key.isValid(signature: signature, for: text) else {
            throw StatementError(.badSignature, part: "prekey")
        }
        self.text = text
        self.signature = signature
    }

    /// Signs a new one.
    public init(_ prekey: PrekeyText, signedBy key: borrowing SigningKey) {
        self.prekey = prekey
        text = prekey.text
        signature = key.signature(for: text)
    }

    public var id: PrekeyID { PrekeyID(prekeyText: text) }
}

/// What the sender signs about the alert.
public struct AlertText: Sendable {
    public let organisation: OrganisationID
    public let message: MessageID
    public let sender: DeviceID
    public let binding: Digest
    public let at: Timestamp
    public let urgency: Urgency
    public let text: TextValue

    public init(
        organisation: OrganisationID, message: MessageID, sender: DeviceID, binding: Digest, at: Timestamp,
        urgency: Urgency, text: TextValue
    ) {
        self.organisation = organisation
        self.message = message
        self.sender = sender
        self.binding = binding
        self.at = at
        self.urgency = urgency
        self.text = text
    }

    /// The bytes under the signature.
    public var signedText: [UInt8] {
        var writer = TextWriter()
        writer.type("nightbell.alert/v1")
        writer.line("org", organisation)
        writer.line("message", message)
        writer.line("sender", sender)
        writer.line("binding", binding)
        writer.line("at", at)
        writer.line("urgency", urgency.rawValue)
        writer.line("text-hash", Digest.sha256(text.bytes))
        return writer.bytes
    }

    /// The plaintext that is sealed.
    public func plaintext(signature: [UInt8]) -> [UInt8] {
        var writer = TextWriter()
        writer.line("sender", sender)
        writer.line("at", at)
        writer.line("urgency", urgency.rawValue)
        writer.line("text", text)
        writer.line("signature", Binary(signature))
        return writer.bytes
    }

    /// Reads the plaintext of the alert of `message`, for checking against the sender's key.
    public static func parse(
        _ plaintext: [UInt8], organisation: OrganisationID, message: MessageID, binding: Digest
    ) throws(StatementError) -> (alert: AlertText, signature: [UInt8]) {
        var reader = TextReader(plaintext)
        let sender: DeviceID = try reader.identifier("sender")
        let at = try reader.time("at")
        let urgency: Urgency = try reader.word("urgency")
        let text = try reader.text("text")
        let signature = try reader.binary("signature", count: VerifyingKey.signatureByteCount)
        try reader.end()
        let alert = AlertText(
            organisation: organisation, message: message, sender: sender, binding: binding, at: at, urgency: urgency,
            text: text)
        guard alert.plaintext(signature: signature) == plaintext else {
            throw StatementError(.malformed, part: "canonical form")
        }
        return (alert, signature)
    }
}

/// The public half of an audit key, offered by an auditor's device; a note, not logged.
public struct AuditKeyOffer: StatementText {
    public static let type: StaticString = "nightbell.audit-key/v1"

    public let organisation: OrganisationID
    public let device: DeviceID
    public let at: Timestamp
    public let key: EncapsulationKey

    public init(organisation: OrganisationID, device: DeviceID, at: Timestamp, key: EncapsulationKey) {
        self.organisation = organisation
        self.device = device
        self.at = at
        self.key = key
    }

    public init(reading reader: inout TextReader) throws(StatementError) {
        organisation = try reader.identifier("org")
        device = try reader.identifier("device")
        at = try reader.time("at")
        let fields = try reader.fields("key", count: 3)
        key = try .read(fields[1], fields[2], id: fields[0], or: reader.error("key"))
    }

    public func write(to writer: inout TextWriter) {
        writer.line("org", organisation)
        writer.line("device", device)
        writer.line("at", at)
        writer.line("key", key.id, Binary(key.x25519), Binary(key.mlkem768))
    }
}
