import DeviceKit
import RelayAPI
import Statements

/// What is said of the ways on which pages come: to people and to scripts.
enum PushWords {
    /// Something about one of them that keeps pages away, and what to do.
    struct Trouble: Sendable, Equatable {
        let message: String
        let next: String
    }

    // MARK: For scripts

    static func document(_ standing: PushStanding) -> JSONValue {
        [
            "transports": .array(standing.transports.map { .string($0.rawValue) }),
            "vapid_key": standing.vapidKey.map { .string($0) } ?? .null,
            "subscriptions": .array(
                standing.subscriptions.map { subscription in
                    var object = object(subscription)
                    for (key, value) in [
                        ("registered", subscription.registered), ("proven", subscription.proven),
                        ("accepted", subscription.accepted), ("failing_since", subscription.failingSince),
                        ("dropped", subscription.dropped),
                    ] { object.set(key, to: value.map { .string($0) } ?? .null) }
                    object.set(
                        "keys",
                        to: subscription.transport == PushTransportName.webPush.rawValue
                            ? .bool(!standing.withoutKeys.contains { $0.description == subscription.id }) : .null)
                    return .object(object)
                }),
            "unknown_to_relay": .array(standing.unknownToRelay.map { .text($0) }),
        ]
    }

    static func document(_ tried: PushTried) -> JSONValue {
        var object = object(tried.subscription)
        object.set("outcome", to: .string(tried.outcome.rawValue))
        return .object(object)
    }

    private static func object(_ subscription: PushSubscription) -> JSONObject {
        var object = JSONObject()
        object.set("subscription", to: .string(subscription.id))
        object.set("transport", to: .string(subscription.transport))
        object.set("state", to: .string(subscription.state.rawValue))
        return object
    }

    // MARK: For people

    static func list(_ standing: PushStanding) -> String {
        let transports = standing.transports.map(\.words).joined(separator: ", ")
        var lines = [
            transports.isEmpty
                ? "this relay pushes over nothing: keep \"nightbell watch\" connected"
                : "this relay pushes over \(transports)"
        ]
        if let key = standing.vapidKey { lines.append("VAPID key: \(SafeText.line(key))") }
        guard !standing.subscriptions.isEmpty else {
            return (lines + ["no push service wakes this device"]).joined(separator: "\n")
        }
        let ids = ShortIDs(standing.subscriptions.map(\.id))
        lines.append(
            Table.text(
                ["SUBSCRIPTION", "OVER", "STATE", "CAME BACK", "TAKEN LAST", "REGISTERED"],
                standing.subscriptions.map { subscription in
                    [
                        ids.short(subscription.id), over(subscription), state(subscription),
                        subscription.proven.map(time) ?? "never", subscription.accepted.map(time) ?? "never",
                        time(subscription.registered),
                    ]
                }))
        return lines.joined(separator: "\n")
    }

    static func state(_ subscription: PushSubscription) -> String {
        switch subscription.state {
        case .unproven: "waits for its test page"
        case .working: "works"
        case .failing: "failing since \(subscription.failingSince.map(time) ?? "an unknown time")"
        case .dropped: "dropped: register anew"
        }
    }

    private static func over(_ subscription: PushSubscription) -> String {
        PushTransportName(rawValue: subscription.transport)?.words ?? subscription.transport
    }

    /// The relay's word on a time; what is none is shown as it stands.
    private static func time(_ text: String) -> String {
        Timestamp(Array(text.utf8)).map { LocalTime.short($0) } ?? text
    }

    /// What became of a test page.
    static func outcome(_ outcome: PushTried.Outcome) -> String {
        switch outcome {
        case .accepted: "the push service took the test page"
        case .gone: "the push service says that there is NO SUCH subscription"
        case .refused: "the push service REFUSES what is sent to this address"
        case .notPermitted: "this relay may NOT push to that address: nothing was sent"
        case .leftAlone:
            "the relay leaves this push service alone for a while, because it failed again and again: nothing was sent"
        case .unreachable: "the push service does NOT ANSWER just now"
        case .unauthorized: "the push service does NOT ACCEPT this relay"
        }
    }

    /// What to do then.
    /// - Parameter isProven: Whether a test page came back before: then pages go there whatever this one does.
    static func next(
        _ outcome: PushTried.Outcome, _ transport: PushTransportName, id: String, isProven: Bool = false
    ) -> String {
        let standing =
            isProven ? "pages are still sent there" : "no page goes there until a test page has come back"
        return switch outcome {
        case .accepted where isProven: "pages are sent there; \(id) stays as it is"
        case .accepted where transport == .webPush:
            "run \"nightbell watch --web-push -\" (or a socket's path) where the distributor hands pages over: \(id) is used once "
                + "the relay's test page has come back"
        case .accepted: "\(id) is used once the device has said the relay's test page back"
        case .gone, .refused:
            "obtain a new address, register it with \"nightbell push add\", and end this one with \"nightbell push remove \(id)\""
        case .notPermitted:
            "ask the relay's operator to permit its host and port (push.hosts, push.ports), or end it with "
                + "\"nightbell push remove \(id)\""
        case .unreachable:
            "check the address and whether its push service runs; then repeat it with \"nightbell push test \(id)\": "
                + standing
        case .leftAlone: "repeat it in some minutes with \"nightbell push test \(id)\": \(standing)"
        case .unauthorized: "tell the relay's operator: its keys for \(transport.words) are not accepted there"
        }
    }

    /// What keeps pages away, as the relay and this profile know it.
    static func troubles(_ standing: PushStanding) -> [Trouble] {
        standing.subscriptions.compactMap { trouble($0, standing) }
            + standing.unknownToRelay.map { id in
                Trouble(
                    message: "the keys of \(id) are here, and the relay does not know it: no page comes that way",
                    next:
                        "run \"nightbell push remove \(id)\", and register the address anew with \"nightbell push add\""
                )
            }
    }

    private static func trouble(_ subscription: PushSubscription, _ standing: PushStanding) -> Trouble? {
        let id = SafeText.line(subscription.id)
        let what = "\(SafeText.line(over(subscription))) (\(id))"
        let anew = "run \"nightbell push remove \(id)\", and register a new address with \"nightbell push add\""
        if subscription.state == .dropped {
            let since = subscription.dropped.map { " on \(SafeText.line(time($0)))" } ?? ""
            return Trouble(
                message: "no page comes over \(what) any more: its push service said\(since) that it is no more",
                next: anew)
        }
        if standing.withoutKeys.contains(where: { $0.description == subscription.id }) {
            return Trouble(
                message: "what comes over \(what) does not open here: its keys are not in this profile", next: anew)
        }
        if let name = PushTransportName(rawValue: subscription.transport), !standing.transports.contains(name) {
            return Trouble(
                message: "no page comes over \(what): this relay does not push over it any more",
                next: "ask the relay's operator, or end it with \"nightbell push remove \(id)\"")
        }
        switch subscription.state {
        case .failing:
            return Trouble(
                message:
                    "pages over \(what) fail since \(SafeText.line(subscription.failingSince.map(time) ?? "an unknown time"))",
                next: "see whether the push service works; if it stays so, \(anew)")
        case .unproven:
            return Trouble(
                message: "no page goes over \(what) until its test page has come back",
                next:
                    "let \"nightbell watch --web-push -\" or the phone's program run there, and repeat it with \"nightbell push "
                    + "test \(id)\"")
        case .working, .dropped: return nil
        }
    }
}
