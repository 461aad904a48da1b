public import Secrets

/// The invitation that travels outside the relay: spoken, written down, shown as a QR code.
///
/// `nightbell:` host[`:port`] `/` org characters `.` 26 base32 characters (16-byte secret) and 4 check characters.
public struct InvitationText: ~Copyable, Sendable {
    /// 16.
    public static let secretByteCount = 16
    private static let scheme = "nightbell:"
    private static let checkCount = 4

    /// `host` or `host:port`.
    public let relay: String
    public let organisation: OrganisationID
    private let secret: SecretBytes

    public init(relay: String, organisation: OrganisationID, secret: consuming SecretBytes) {
        precondition(secret.count == Self.secretByteCount)
        self.relay = relay
        self.organisation = organisation
        self.secret = secret
    }

    /// Parses what a person was given. Upper case is accepted, for people shout invitations down telephones.
    /// - Throws: ``StatementError/Code/malformed``, with `check characters` as the part when one was mistyped.
    public init(parsing text: String) throws(StatementError) {
        let lowered = Array(text.lowercased().utf8)
        guard lowered.count <= 400, lowered.allSatisfy({ (0x21...0x7E).contains($0) }),
            lowered.starts(with: Self.scheme.utf8), let slash = lowered.firstIndex(of: UInt8(ascii: "/")),
            let dot = lowered[slash...].firstIndex(of: UInt8(ascii: "."))
        else { throw StatementError(.malformed, part: "invitation") }
        let tail = lowered[(dot + 1)...]
        guard tail.count == 26 + Self.checkCount else { throw StatementError(.malformed, part: "invitation") }
        let checked = Array(lowered.dropLast(Self.checkCount))
        guard Self.check(checked).utf8.elementsEqual(tail.suffix(Self.checkCount)) else {
            throw StatementError(.malformed, part: "check characters")
        }
        let relay = String(decoding: lowered[Self.scheme.utf8.count..<slash], as: UTF8.self)
        guard let organisation = OrganisationID(Array("org-".utf8) + lowered[(slash + 1)..<dot]),
            var secret = Base32.decode(tail.prefix(26)), secret.count == Self.secretByteCount,
            Self.isRelayAddress(relay)
        else { throw StatementError(.malformed, part: "invitation") }
        self.init(relay: relay, organisation: organisation, secret: SecretBytes(moving: &secret))
    }

    /// The whole text. It is a secret until it is used: show it once, to the one who invites.
    public borrowing func exposed() -> String {
        let body = Self.scheme + relay + "/" + organisation.characters + "." + Base32.encode(secret.exposed())
        return body + Self.check(Array(body.utf8))
    }

    /// The invitation's signing key.
    public borrowing func key() -> SigningKey {
        SigningKey(seed: secret.keyedHash(of: Array("nightbell.invitation/v1\n\(organisation)\n".utf8)))
    }

    /// `host` or `host:port` with a port of 1–65535; IPv6 in brackets.
    public static func isRelayAddress(_ text: String) -> Bool {
        var host = Substring(text)
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return false }
            let inside = text[text.index(after: text.startIndex)..<end]
            guard !inside.isEmpty, inside.utf8.allSatisfy({ $0 == 0x3A || Self.isHexDigit($0) || $0 == 0x2E }) else {
                return false
            }
            let rest = text[text.index(after: end)...]
            return rest.isEmpty || (rest.first == ":" && isPort(rest.dropFirst()))
        }
        if let colon = text.firstIndex(of: ":") {
            guard isPort(text[text.index(after: colon)...]) else { return false }
            host = text[..<colon]
        }
        return (1...253).contains(host.utf8.count)
            && host.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
            }
    }

    private static func isPort(_ text: Substring) -> Bool {
        guard let port = UInt16(text), port > 0 else { return false }
        return text == "\(port)"
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func check(_ bytes: [UInt8]) -> String {
        String(Base32.encode(Digest.sha256(bytes).bytes).prefix(checkCount))
    }
}
