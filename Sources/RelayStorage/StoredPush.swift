public import Secrets
public import Statements

/// A way on which pages reach a device. Its address is sealed: whoever reads the database learns none.
public struct StoredSubscription: Hashable, Sendable {
    public let device: DeviceID
    public let id: SubscriptionID
    public let transport: PageTransport
    /// Empty once it was dropped.
    public var sealedAddress: [UInt8]
    public let registered: Timestamp
    /// SHA-256 of the secret of the challenge that may be said back, and until when.
    public var challenge: Challenge?
    /// When a challenge last came back; pages go out only after the first did.
    public var proven: Timestamp?
    /// When its service last accepted something.
    public var accepted: Timestamp?
    /// Since when attempts fail.
    public var failingSince: Timestamp?
    /// When its service said that it is no more.
    public var dropped: Timestamp?

    public struct Challenge: Hashable, Sendable {
        public let hash: Digest
        public let expires: Timestamp

        public init(hash: Digest, expires: Timestamp) {
            self.hash = hash
            self.expires = expires
        }
    }

    public init(
        device: DeviceID, id: SubscriptionID, transport: PageTransport, sealedAddress: [UInt8], registered: Timestamp,
        challenge: Challenge? = nil, proven: Timestamp? = nil, accepted: Timestamp? = nil,
        failingSince: Timestamp? = nil, dropped: Timestamp? = nil
    ) {
        self.device = device
        self.id = id
        self.transport = transport
        self.sealedAddress = sealedAddress
        self.registered = registered
        self.challenge = challenge
        self.proven = proven
        self.accepted = accepted
        self.failingSince = failingSince
        self.dropped = dropped
    }

    /// Whether pages go there.
    public var takesPages: Bool { proven != nil && dropped == nil }
}

/// A message's page that is to go out on one subscription, again and again until somebody acknowledges or time is over: the
/// outbox. It can be lost without a fact being lost.
public struct StoredPushJob: Hashable, Sendable {
    public let message: MessageID
    public let device: DeviceID
    public let subscription: SubscriptionID
    public let urgency: Urgency
    /// The message's: after that, nothing is pushed.
    public let expires: Timestamp
    /// When to try next.
    public var due: Timestamp
    /// Attempts so far, and when the last one ended.
    public var attempts: UInt64
    public var last: Timestamp?
    /// Attempts that failed since the last one that did not.
    public var failures: UInt64

    public init(
        message: MessageID, device: DeviceID, subscription: SubscriptionID, urgency: Urgency, expires: Timestamp,
        due: Timestamp, attempts: UInt64 = 0, last: Timestamp? = nil, failures: UInt64 = 0
    ) {
        self.message = message
        self.device = device
        self.subscription = subscription
        self.urgency = urgency
        self.expires = expires
        self.due = due
        self.attempts = attempts
        self.last = last
        self.failures = failures
    }
}
