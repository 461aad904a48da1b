import Foundation
public import WebPush

/// One way to a device. What is particular to it (statuses, tokens, headers) ends here: a relay knows pages, addresses and
/// outcomes.
public protocol PushTransport: Sendable {
    var kind: PushTransportKind { get }

    /// Makes one attempt, which ends within ``PushLimits/attemptSeconds``. It never throws: whatever happened is an outcome.
    func push(_ page: PushPage, to address: PushAddress) async -> PushOutcome
}

/// The ways, in words that stand in events, metrics and requests.
public enum PushTransportKind: String, CaseIterable, Sendable {
    case webPush = "web_push"
    case apns, fcm
}

public enum PushLimits {
    /// 10: after that, an attempt has failed.
    public static let attemptSeconds = 10
    /// 4 KiB: what is read of an answer.
    public static let answerByteCount = 4_096
}

public enum PushClock {
    private static let start = ContinuousClock.now

    /// Seconds of a clock that never goes back.
    public static func uptime() -> Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Seconds since 1970.
    public static func now() -> Int { Int(Date().timeIntervalSince1970) }
}

/// Where a device is to be reached. A capability: who knows it may write there, so it is neither logged nor printed.
public enum PushAddress: Sendable, Hashable {
    case webPush(PushEndpoint, SubscriptionKeys)
    /// The token that the device got from Apple, 1 to 100 bytes.
    case apns(token: [UInt8])
    /// The token or installation id that the device got from Google, at most 4,096 characters.
    case fcm(token: String)

    public var kind: PushTransportKind {
        switch self {
        case .webPush: .webPush
        case .apns: .apns
        case .fcm: .fcm
        }
    }
}

/// What goes out, the same bytes on every transport, and what a transport must know of it.
public struct PushPage: Sendable, Equatable {
    /// Opaque, always of one length.
    public let body: [UInt8]
    /// Wakes a sleeping device at once.
    public let isUrgent: Bool
    /// Seconds from now after which nobody needs it, at least 1: 0 means "now or never" to every service, and they answer
    /// "accepted" to what they drop.
    public let lifetime: Int
    /// 32 characters of the URL alphabet: a later page of the same tag takes the place of one that waits.
    public let tag: String

    public init(body: [UInt8], isUrgent: Bool, lifetime: Int, tag: String) {
        self.body = body
        self.isUrgent = isUrgent
        self.lifetime = max(1, lifetime)
        self.tag = tag
    }
}

/// What became of an attempt. `accepted` is the service's word, and no delivery.
public enum PushOutcome: Sendable, Equatable {
    case accepted
    /// The subscription is no more, and never will be: drop it, unless the device registered it anew after that time
    /// (seconds since 1970, where the service says one).
    case gone(PushReason, at: Int?)
    /// This page is not taken, now or later; the subscription stays.
    case rejected(PushReason)
    /// The relay's own credentials are refused: its operator must act, and no subscription is to blame.
    case unauthorized(PushReason)
    /// It may succeed later, not before so many seconds where the service said so.
    case later(PushReason, after: Int?)

    /// What a status means to every service, where its own table says nothing of it.
    static func ofStatus(_ status: Int, retryAfter after: Int?) -> PushOutcome {
        switch status {
        case 300...399: .rejected(.redirected)
        case 401, 403: .unauthorized(.credentials)
        case 413: .rejected(.tooLarge)
        case 429: .later(.rateLimited, after: after)
        case 400...499: .rejected(.malformed)
        case 500...599: .later(.serviceUnavailable, after: after)
        default: .later(.unexpected, after: after)
        }
    }

    /// Why, unless it was accepted.
    public var reason: PushReason? {
        switch self {
        case .accepted: nil
        case .gone(let reason, _), .rejected(let reason), .unauthorized(let reason), .later(let reason, _): reason
        }
    }

    /// For events and metrics.
    public var word: String {
        switch self {
        case .accepted: "accepted"
        case .gone: "gone"
        case .rejected: "rejected"
        case .unauthorized: "unauthorized"
        case .later: "later"
        }
    }
}

/// Why, in a word of a closed list: nothing that a service wrote.
public enum PushReason: String, CaseIterable, Sendable {
    /// The service knows no such subscription, or ended it.
    case unsubscribed
    /// It belongs to another sender's key or project.
    case foreignSubscription = "foreign_subscription"
    case tooLarge = "too_large"
    case malformed
    case credentials
    case rateLimited = "rate_limited"
    case serviceUnavailable = "service_unavailable"
    /// No whole answer in time.
    case timeout
    case unreachable
    case unknownHost = "unknown_host"
    /// Its name leads to an address that nobody outside may name, or its port is none of the permitted.
    case addressNotPermitted = "address_not_permitted"
    case redirected
    /// Its service failed again and again, and is not asked for a while.
    case leftAlone = "left_alone"
    /// This relay has no such transport.
    case noTransport = "no_transport"
    /// The relay stops.
    case cancelled
    /// An answer that means nothing.
    case unexpected
}
