public import Secrets

/// Where a push message goes: the keys that a user agent gives with its subscription (RFC 8291 section 3.1, and the Push API's
/// `p256dh` and `auth`).
public struct SubscriptionKeys: Sendable, Hashable {
    /// 16.
    public static let authenticationByteCount = 16

    /// 65 bytes, a point of P-256.
    public let publicKey: [UInt8]
    /// 16 bytes: whoever has them and the address may write to the subscription, so neither is ever logged.
    public let authentication: [UInt8]

    /// - Returns: `nil` for a wrong length, or a point that is not on the curve.
    public init?(publicKey: [UInt8], authentication: [UInt8]) {
        guard authentication.count == Self.authenticationByteCount, P256PrivateKey.isPublicKey(publicKey) else {
            return nil
        }
        self.publicKey = publicKey
        self.authentication = authentication
    }
}

/// A push message's body (RFC 8291): content encrypted to a subscription, in one record of `aes128gcm`.
public enum PushMessage {
    /// 103 bytes more than the content: header, delimiter and tag.
    public static let overhead =
        EncryptedContent.saltByteCount + 5 + P256PrivateKey.publicKeyByteCount + 1 + AES128GCM.tagByteCount
    /// 4,096: what a push service must take (RFC 8030 section 7.2).
    public static let maximumByteCount = 4_096
    /// 3,993.
    public static let maximumContentByteCount = maximumByteCount - overhead

    /// Encrypts to a subscription, under a key and a salt that are used once.
    /// - Precondition: At most ``maximumContentByteCount`` bytes.
    public static func seal(_ content: [UInt8], to keys: SubscriptionKeys) -> [UInt8] {
        seal(content, to: keys, with: P256PrivateKey(), salt: randomBytes(EncryptedContent.saltByteCount))
    }

    static func seal(
        _ content: [UInt8], to keys: SubscriptionKeys, with ephemeral: borrowing P256PrivateKey, salt: [UInt8]
    ) -> [UInt8] {
        precondition(content.count <= maximumContentByteCount)
        // The point is on the curve: its keys were made of it.
        let shared = try! ephemeral.agree(with: keys.publicKey)
        let key = inputKey(
            shared, authentication: SecretBytes(copying: keys.authentication), receiver: keys.publicKey,
            sender: ephemeral.publicKey)
        return EncryptedContent.seal(
            [.init(content)], .init(salt: salt, recordSize: maximumByteCount, keyID: ephemeral.publicKey), key: key)
    }

    /// - Throws: ``SecretsError/Code/doesNotOpen``, or ``SecretsError/Code/badPublicKey`` for a header without a point of the
    ///   curve.
    public static func open(
        _ body: [UInt8], with key: borrowing P256PrivateKey, authentication: borrowing SecretBytes
    ) throws(SecretsError) -> [UInt8] {
        guard body.count <= maximumByteCount else { throw SecretsError(.doesNotOpen) }
        let header = try EncryptedContent.header(of: body)
        // One record (RFC 8291 section 4); its key id is the sender's key.
        guard header.recordSize >= body.count - header.byteCount else { throw SecretsError(.doesNotOpen) }
        let sender = header.keyID
        let shared = try key.agree(with: sender)
        let input = inputKey(shared, authentication: authentication, receiver: key.publicKey, sender: sender)
        return try EncryptedContent.open(body, key: input)
    }

    /// RFC 8291 section 3.4.
    private static func inputKey(
        _ shared: borrowing SecretBytes, authentication: borrowing SecretBytes, receiver: [UInt8], sender: [UInt8]
    ) -> SecretBytes {
        shared.hkdf(salt: authentication, info: Array("WebPush: info\0".utf8) + receiver + sender, length: 32)
    }
}
