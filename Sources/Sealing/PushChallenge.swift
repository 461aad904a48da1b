public import Secrets
public import Statements

/// What a relay sends through a new subscription before it relies on it: the device says the secret back over its own
/// connection, and so proves that what goes that way arrives.
///
/// Version 2 (1 byte) ‖ subscription id (16) ‖ secret (32) ‖ random bytes, in all ``Page/byteCount``: to whoever carries it as
/// long as a page, and on Web Push as unreadable.
public struct PushChallenge: Sendable, Equatable {
    /// 32.
    public static let secretByteCount = 32
    private static let version: UInt8 = 2

    public let subscription: SubscriptionID
    /// ``secretByteCount`` bytes.
    public let secret: [UInt8]

    /// - Precondition: `secret` has its one length.
    public init(subscription: SubscriptionID, secret: [UInt8] = randomBytes(secretByteCount)) {
        precondition(secret.count == Self.secretByteCount)
        self.subscription = subscription
        self.secret = secret
    }

    /// - Returns: `nil` for what is no challenge of version 2.
    public init?(parsing bytes: [UInt8]) {
        guard bytes.count == Page.byteCount, bytes[0] == Self.version else { return nil }
        let (start, end) = (1 + SubscriptionKind.byteCount, 1 + SubscriptionKind.byteCount + Self.secretByteCount)
        self.init(subscription: SubscriptionID(bytes: bytes[1..<start]), secret: Array(bytes[start..<end]))
    }

    /// ``Page/byteCount`` bytes.
    public var bytes: [UInt8] {
        let parts = [Self.version] + subscription.bytes + secret
        return parts + randomBytes(Page.byteCount - parts.count)
    }
}

/// What a transport brings.
public enum PushBody: Sendable, Equatable {
    case page(Page)
    case challenge(PushChallenge)

    /// - Returns: `nil` for what is neither: a reason to connect, and never an alarm.
    public init?(parsing bytes: [UInt8]) {
        if let page = Page(parsing: bytes) {
            self = .page(page)
        } else if let challenge = PushChallenge(parsing: bytes) {
            self = .challenge(challenge)
        } else {
            return nil
        }
    }
}
