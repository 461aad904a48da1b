public import Secrets
public import Statements

/// One RFC 9421 signature on a request: label `nb`, Ed25519, components and parameters in one fixed order.
public struct RequestSignature: Sendable {
    /// 2 minutes: how far `created` may lie from the relay's clock.
    public static let toleranceSeconds: Int64 = 120
    /// 5 minutes: how long nonces are remembered.
    public static let nonceMemorySeconds: Int64 = 300
    private static let maximumHeaderByteCount = 1_024

    /// What is signed of a request.
    public struct Components: Sendable {
        public let method: String
        /// Host and port as in the `Host` header, lower case.
        public let authority: String
        /// Without the query.
        public let path: String
        /// Without the `?`; empty when there is none.
        public let query: String
        /// `Content-Digest`, with a body.
        public let contentDigest: String?

        public init(method: String, authority: String, path: String, query: String, body: [UInt8]?) {
            self.method = method
            self.authority = authority
            self.path = path
            self.query = query
            contentDigest = body.map(Self.digest)
        }

        /// RFC 9530: `sha-256=:…:`.
        public static func digest(_ body: [UInt8]) -> String {
            "sha-256=:\(Base64.encode(Digest.sha256(body).bytes)):"
        }
    }

    /// Seconds since 1970.
    public let created: Int64
    /// `dev-…`, `inv-…` or `recovery`.
    public let keyID: String
    /// 32 hex digits.
    public let nonce: String
    public let signature: [UInt8]

    private init(created: Int64, keyID: String, nonce: String, signature: [UInt8]) {
        self.created = created
        self.keyID = keyID
        self.nonce = nonce
        self.signature = signature
    }

    /// Signs a request.
    public init(
        _ components: Components, keyID: String, key: borrowing SigningKey, created: Timestamp,
        nonce: [UInt8] = randomBytes(16)
    ) {
        let seconds = created.milliseconds / 1000
        let nonce = Hex.encode(nonce)
        let base = Self.base(components, created: seconds, keyID: keyID, nonce: nonce)
        self.init(created: seconds, keyID: keyID, nonce: nonce, signature: key.signature(for: base))
    }

    /// Parses the two headers, and accepts exactly what ``inputHeader`` and ``signatureHeader`` write.
    /// - Returns: `nil` for anything else.
    public init?(input: String, signature header: String, hasBody: Bool) {
        guard input.utf8.count <= Self.maximumHeaderByteCount, header.utf8.count <= Self.maximumHeaderByteCount else {
            return nil
        }
        let prefix = "nb=" + Self.covered(hasBody: hasBody) + ";created="
        guard input.hasPrefix(prefix) else { return nil }
        let fields = input.dropFirst(prefix.count).split(separator: ";", omittingEmptySubsequences: false)
        guard fields.count == 4, let created = Int64(fields[0]), created >= 0, fields[1].hasPrefix("keyid=\""),
            fields[1].hasSuffix("\""), fields[2].hasPrefix("nonce=\""), fields[2].hasSuffix("\"")
        else { return nil }
        let keyID = String(fields[1].dropFirst(7).dropLast())
        let nonce = String(fields[2].dropFirst(7).dropLast())
        guard keyID.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }),
            nonce.utf8.count == 32, Hex.decode(Array(nonce.utf8)) != nil, header.hasPrefix("nb=:"),
            header.hasSuffix(":"),
            let bytes = Base64.decode(Array(header.utf8.dropFirst(4).dropLast())),
            bytes.count == VerifyingKey.signatureByteCount
        else { return nil }
        self.init(created: created, keyID: keyID, nonce: nonce, signature: bytes)
        guard inputHeader(hasBody: hasBody).utf8.elementsEqual(input.utf8) else { return nil }
    }

    /// The value of `Signature-Input`.
    public func inputHeader(hasBody: Bool) -> String {
        "nb=" + Self.parameters(hasBody: hasBody, created: created, keyID: keyID, nonce: nonce)
    }

    /// The value of `Signature`.
    public var signatureHeader: String { "nb=:\(Base64.encode(signature)):" }

    /// Whether `key` signed exactly this request.
    public func verifies(_ components: Components, key: VerifyingKey) -> Bool {
        key.isValid(
            signature: signature, for: Self.base(components, created: created, keyID: keyID, nonce: nonce))
    }

    /// RFC 9421 section 2.5.
    private static func base(_ components: Components, created: Int64, keyID: String, nonce: String) -> [UInt8] {
        var text = "\"@method\": \(components.method)\n"
        text += "\"@authority\": \(components.authority)\n"
        text += "\"@path\": \(components.path)\n"
        text += "\"@query\": ?\(components.query)\n"
        if let digest = components.contentDigest { text += "\"content-digest\": \(digest)\n" }
        text += "\"@signature-params\": "
        text += parameters(hasBody: components.contentDigest != nil, created: created, keyID: keyID, nonce: nonce)
        return Array(text.utf8)
    }

    private static func covered(hasBody: Bool) -> String {
        hasBody
            ? "(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\")"
            : "(\"@method\" \"@authority\" \"@path\" \"@query\")"
    }

    private static func parameters(hasBody: Bool, created: Int64, keyID: String, nonce: String) -> String {
        covered(hasBody: hasBody) + ";created=\(created);keyid=\"\(keyID)\";nonce=\"\(nonce)\";tag=\"nightbell\""
    }
}
