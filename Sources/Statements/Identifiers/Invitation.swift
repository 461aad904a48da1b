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
        // ASCII only: `lowercased()` would also take the Kelvin sign for a k.
        let lowered = text.utf8.prefix(401).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
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

    /// `host` or `host:port` with a port of 1–65535: see ``RelayAddress``.
    public static func isRelayAddress(_ text: String) -> Bool { RelayAddress.isValid(text) }

    private static func check(_ bytes: [UInt8]) -> String {
        String(Base32.encode(Digest.sha256(bytes).bytes).prefix(checkCount))
    }
}
