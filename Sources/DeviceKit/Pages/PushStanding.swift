public import RelayAPI
public import Statements

/// How pages reach this device: the relay's word, and whose keys are here.
public struct PushStanding: Sendable {
    /// What the relay pushes over, as far as this version knows it.
    public let transports: [PushTransportName]
    /// The relay's key, with which a Web Push subscription is made: 65 bytes, base64url without padding.
    public let vapidKey: String?
    /// As the relay lists them, in the order of their registration.
    public let subscriptions: [PushSubscription]
    /// Those of Web Push that the relay lists, whose keys are not here: what comes through them no program of this profile opens.
    public let withoutKeys: [SubscriptionID]
    /// Whose keys are here, and which the relay does not list.
    public let unknownToRelay: [SubscriptionID]

    init(_ answer: PushAnswer, keys: [SubscriptionID]) {
        transports = PushTransportName.allCases.filter { answer.transports.contains($0.rawValue) }
        vapidKey = answer.vapidKey
        subscriptions = answer.subscriptions
        let listed = Set(answer.subscriptions.map(\.id))
        let here = Set(keys)
        withoutKeys = answer.subscriptions.filter { $0.transport == PushTransportName.webPush.rawValue }
            .compactMap { SubscriptionID($0.id) }.filter { !here.contains($0) }
        unknownToRelay = keys.filter { !listed.contains($0.description) }
    }

    /// The only subscription, here or at the relay, whose id begins so.
    /// - Parameter typed: What every id begins with may be left out.
    public func subscription(_ typed: String) throws -> SubscriptionID {
        let mark = "sub-"
        let beginning = typed.hasPrefix(mark) || mark.hasPrefix(typed) ? typed : mark + typed
        let all = subscriptions.compactMap { SubscriptionID($0.id) } + unknownToRelay
        let found = typed.isEmpty ? [] : all.filter { $0.description.hasPrefix(beginning) }
        guard let first = found.first, found.count == 1 else {
            throw DeviceKitError(
                found.isEmpty ? "no_such_subscription" : "ambiguous_subscription", .notFound,
                found.isEmpty
                    ? "this device has no such subscription" : "the ids of \(found.count) subscriptions begin so",
                next: "\"nightbell push list\" shows their ids")
        }
        return first
    }
}
