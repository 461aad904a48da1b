import RelayAPI
public import Secrets
public import Statements

/// What a locked client listens with: 32 random bytes in guarded memory, good for 24 hours, by which the relay says that
/// something waits and how urgent it is, and nothing else.
///
/// Made here: the relay is told its hash, under the device's signature, and keeps that alone. It dies with the device's
/// revocation or suspension, and with the next token. Never written to a disk.
public final class RingToken: Sendable {
    let secret: SecretBytes
    /// By the relay's clock.
    public let expires: Timestamp

    /// A token that another process of this machine obtained.
    /// - Returns: `nil` unless it has 32 bytes.
    public init?(secret: consuming SecretBytes, expires: Timestamp) {
        guard secret.count == APILimits.ringTokenByteCount else { return nil }
        self.secret = secret
        self.expires = expires
    }

    /// A guarded copy, for the process that will listen.
    public func duplicateSecret() -> SecretBytes { secret.duplicate() }

    /// The value of the header that shows it. It lives in ordinary memory for as long as a request is being made.
    var header: String {
        var bytes = secret.exposed()
        defer { wipe(&bytes) }
        return "Bearer " + Base64.encode(bytes)
    }

    static func hash(of secret: borrowing SecretBytes) -> Digest {
        var bytes = secret.exposed()
        defer { wipe(&bytes) }
        return Digest.sha256(bytes)
    }
}

extension DeviceSession {
    /// Obtains a ring token: the one before is good no more.
    /// - Throws: ``DeviceKitError``, ``RelayRefusal``.
    public func obtainRingToken() async throws -> RingToken {
        try checkNotRevoked()
        let secret = SecretBytes(random: APILimits.ringTokenByteCount)
        let answer = try await connection.answer(
            to: .put(APIPath.ringToken, json: RingTokenRequest(hash: RingToken.hash(of: secret).hex)), signer: signer,
            as: RingTokenAnswer.self)
        guard let expires = Timestamp(Array(answer.expires.utf8)),
            let token = RingToken(secret: secret, expires: expires)
        else {
            throw DeviceKitError(
                "relay_answer_unreadable", .verification, "the relay's answer is not of the documented form",
                next: "check that client and relay are of one version; tell the relay's operator")
        }
        return token
    }
}
