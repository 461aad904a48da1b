/// `GET /v1/inbox/push`: how pages can reach the asking device, and how they do.
public struct PushAnswer: Codable, Hashable, Sendable {
    /// What this relay can push over: `web_push`, `apns`, `fcm`; empty for none.
    public let transports: [String]
    /// The relay's VAPID key, with which a Web Push subscription is made: 65 bytes, base64url without padding. Absent without
    /// `web_push`.
    public let vapidKey: String?
    /// In the order of their registration.
    public let subscriptions: [PushSubscription]

    enum CodingKeys: String, CodingKey {
        case transports, subscriptions
        case vapidKey = "vapid_key"
    }

    public init(transports: [String], vapidKey: String?, subscriptions: [PushSubscription]) {
        self.transports = transports
        self.vapidKey = vapidKey
        self.subscriptions = subscriptions
    }
}

/// A subscription as its device sees it: never its address.
public struct PushSubscription: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable {
        /// Its challenge has not come back: no page goes there.
        case unproven
        case working
        /// The last attempt failed; attempts go on.
        case failing
        /// Its service said that it is no more: register anew.
        case dropped
    }

    public let id: String
    /// `web_push`, `apns` or `fcm`.
    public let transport: String
    public let state: State
    public let registered: String
    /// When a challenge last came back.
    public let proven: String?
    /// When its service last accepted something: no delivery.
    public let accepted: String?
    /// Since when attempts fail.
    public let failingSince: String?
    public let dropped: String?

    enum CodingKeys: String, CodingKey {
        case id, transport, state, registered, proven, accepted, dropped
        case failingSince = "failing_since"
    }

    public init(
        id: String, transport: String, state: State, registered: String, proven: String?, accepted: String?,
        failingSince: String?, dropped: String?
    ) {
        self.id = id
        self.transport = transport
        self.state = state
        self.registered = registered
        self.proven = proven
        self.accepted = accepted
        self.failingSince = failingSince
        self.dropped = dropped
    }
}

/// `PUT /v1/inbox/push/{id}`: where the device is to be reached. The id is the device's choice; the same again is tried again,
/// and an address that the device has under another id moves to this one.
public struct PushRegistration: Codable, Hashable, Sendable {
    /// `web_push`, `apns` or `fcm`.
    public let transport: String
    /// With `web_push`: an https URL (RFC 8030), the user agent's public key (65 bytes) and authentication secret (16 bytes), base64url
    /// without padding.
    public let endpoint: String?
    public let p256dh: String?
    public let auth: String?
    /// With `apns`: the device token in hex. With `fcm`: the registration token.
    public let token: String?

    public init(
        transport: String, endpoint: String? = nil, p256dh: String? = nil, auth: String? = nil, token: String? = nil
    ) {
        self.transport = transport
        self.endpoint = endpoint
        self.p256dh = p256dh
        self.auth = auth
        self.token = token
    }
}

/// A challenge was sent, or could not be.
public struct PushTried: Codable, Hashable, Sendable {
    /// What became of it, in no more words than a stranger may learn about a network.
    public enum Outcome: String, Codable, Sendable {
        /// The service took it. Whether it arrives shows when the device says it back.
        case accepted
        /// The service says that there is no such subscription.
        case gone
        /// The service does not take it.
        case refused
        /// This relay's rules do not: the host leads to an address that is not public, or its port is none of the permitted, and
        /// the operator has not named it. Nothing was sent.
        case notPermitted = "not_permitted"
        /// The service, or this address of it, failed again and again: the relay leaves it alone for a while. Nothing was sent.
        case leftAlone = "left_alone"
        /// No answer in time, or none that counts; try again later.
        case unreachable
        /// The service does not accept this relay: its operator must act.
        case unauthorized
    }

    public let subscription: PushSubscription
    public let outcome: Outcome

    public init(subscription: PushSubscription, outcome: Outcome) {
        self.subscription = subscription
        self.outcome = outcome
    }
}

/// `POST /v1/inbox/push/{id}/proof`: what came through the subscription.
public struct PushProof: Codable, Hashable, Sendable {
    /// The challenge's secret, 32 bytes, base64.
    public let secret: String

    public init(secret: String) { self.secret = secret }
}
