import Crypto
import Foundation
import JWTKit
public import Secrets
import Synchronization

/// Who the relay is to push services (RFC 8292): a P-256 key of its own, never the one that encrypts.
public struct VAPIDKey: Sendable {
    /// 32.
    public static let byteCount = 32

    private let key: ES256PrivateKey
    /// 65 bytes: what a device subscribes with. Another key ends every subscription that was made with this one.
    public let publicKey: [UInt8]

    /// The key of a scalar.
    /// - Throws: ``SecretsError/Code/wrongLength`` for what is no scalar of P-256.
    public init(_ scalar: borrowing SecretBytes) throws(SecretsError) {
        var exposed = scalar.exposed()
        defer { wipe(&exposed) }
        guard let signing = try? P256.Signing.PrivateKey(rawRepresentation: exposed),
            let key = try? ES256PrivateKey(backing: signing)
        else { throw SecretsError(.wrongLength) }
        self.key = key
        publicKey = [UInt8](signing.publicKey.x963Representation)
    }

    /// A fresh scalar, to be kept in a key file.
    public static func generate() -> SecretBytes {
        var raw = [UInt8](P256.Signing.PrivateKey().rawRepresentation)
        return SecretBytes(moving: &raw)
    }

    /// The signed claims for one origin.
    func token(_ claims: VAPIDClaims) async throws -> String {
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: key)
        return try await keys.sign(claims)
    }
}

/// RFC 8292 section 2.
struct VAPIDClaims: JWTPayload {
    /// The push service's origin.
    let aud: String
    /// Seconds since 1970: at most a day ahead.
    let exp: Int
    /// How the operator is reached: `mailto:` or `https:`. Apple refuses a token without it.
    let sub: String

    func verify(using algorithm: some JWTAlgorithm) throws {}
}

/// `Authorization` for a push service: one token for an origin is used again and again, because services remember what they
/// have verified.
public actor VAPIDTokens {
    /// 12 hours: half of what the RFC permits, so that a clock of some hours' difference breaks nothing.
    static let lifeSeconds = 43_200
    /// A token with less left than this is made anew.
    static let leastSeconds = 3_600
    private static let limit = 1_024

    private let key: VAPIDKey
    private let contact: String
    private let now: @Sendable () -> Int
    private var tokens: [String: (text: String, expires: Int)] = [:]

    /// - Parameter contact: `mailto:` or `https:`, for the push service's operator.
    public init(
        _ key: VAPIDKey, contact: String, now: @escaping @Sendable () -> Int = { PushClock.now() }
    ) {
        self.key = key
        self.contact = contact
        self.now = now
    }

    /// The header's value for this origin (RFC 8292 section 3).
    func authorization(for origin: String) async throws -> String {
        let time = now()
        if let known = tokens[origin], known.expires - time >= Self.leastSeconds { return header(known.text) }
        let expires = time + Self.lifeSeconds
        let text = try await key.token(VAPIDClaims(aud: origin, exp: expires, sub: contact))
        if tokens.count >= Self.limit { tokens = [:] }
        tokens[origin] = (text, expires)
        return header(text)
    }

    /// After a service refused it.
    func forget(_ origin: String) { tokens[origin] = nil }

    private func header(_ token: String) -> String { "vapid t=\(token), k=\(Base64URL.encode(key.publicKey))" }
}
