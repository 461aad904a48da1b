import Membership
import PushDelivery
import RelayAPI
import RelayStorage
import Sealing
import Secrets
import Statements
import WebPush

/// A device says where it is to be reached. Nothing goes there but challenges, until one came back.
struct SubscriptionAcceptance: Sendable {
    /// Of Apple's tokens, in bytes, and of Google's, in characters.
    private static let apnsTokenByteCounts = 1...100
    private static let fcmTokenLengths = 1...4_096

    let id: SubscriptionID
    let device: DeviceID
    let address: PushAddress
    let challenge: PushChallenge
    private let key: PushKey

    /// - Throws: ``Problem`` for an address that is of no form, or to which this relay does not push.
    init(_ registration: PushRegistration, _ id: SubscriptionID, device: DeviceID, pager: Pager) throws(Problem) {
        guard let kind = PushTransportKind(rawValue: registration.transport) else {
            throw Problems.malformed("transport")
        }
        guard pager.kinds.contains(kind) else { throw Problems.noTransport(kind) }
        address = try Self.address(kind, registration)
        if case .webPush(let endpoint, _) = address {
            do throws(HostCheck.Refusal) { try pager.endpoints.checkPort(endpoint) } catch {
                throw Problems.endpointRefused("its port is neither 443 nor one that this relay permits")
            }
        }
        self.id = id
        self.device = device
        challenge = PushChallenge(subscription: id)
        key = pager.key
    }

    // MARK: Addresses

    private static func address(
        _ kind: PushTransportKind, _ registration: PushRegistration
    ) throws(Problem) -> PushAddress {
        switch kind {
        case .webPush:
            guard registration.token == nil, let text = registration.endpoint,
                let publicKey = registration.p256dh.flatMap({ Base64URL.decode(Array($0.utf8)) }),
                let authentication = registration.auth.flatMap({ Base64URL.decode(Array($0.utf8)) })
            else { throw Problems.malformed("web_push needs endpoint, p256dh and auth") }
            guard let keys = SubscriptionKeys(publicKey: publicKey, authentication: authentication) else {
                throw Problems.malformed("p256dh is no point of P-256, or auth has not 16 bytes")
            }
            do throws(PushEndpoint.Refusal) { return .webPush(try PushEndpoint(parsing: text), keys) } catch {
                throw Problems.endpointRefused(reason(error))
            }
        case .apns:
            guard let token = try token(registration), let bytes = Hex.decode(Array(token.utf8)),
                apnsTokenByteCounts.contains(bytes.count)
            else { throw Problems.malformed("apns needs token, 1 to 100 bytes in hex") }
            return .apns(token: bytes)
        case .fcm:
            guard let token = try token(registration), fcmTokenLengths.contains(token.utf8.count),
                token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else { throw Problems.malformed("fcm needs token, 1 to 4,096 printable characters") }
            return .fcm(token: token)
        }
    }

    private static func token(_ registration: PushRegistration) throws(Problem) -> String? {
        guard registration.endpoint == nil, registration.p256dh == nil, registration.auth == nil else {
            throw Problems.malformed("endpoint, p256dh and auth belong to web_push")
        }
        return registration.token
    }

    private static func reason(_ refusal: PushEndpoint.Refusal) -> String {
        switch refusal {
        case .tooLong: "it has more than \(PushEndpoint.maximumByteCount) bytes"
        case .notHTTPS: "it does not begin with https://"
        case .addressForName: "it names an IP address instead of a host"
        case .malformed: "it is no URL of the form https://host/path"
        }
    }

    // MARK: Writing

    func write(to batch: inout Batch) throws -> StoredSubscription {
        guard batch.view.liveDevice(device) != nil else { throw Problems.revoked }
        let organisation = batch.organisation
        let all = try batch.transaction.subscriptions(of: device, of: organisation)
        // What was dropped has no address left.
        let same = all.first { $0.dropped == nil && isHere(key.address(of: $0, of: organisation)) }
        if all.count >= Int(APILimits.subscriptions), same == nil, !all.contains(where: { $0.id == id }) {
            // Its service ended it: it needs no place any more.
            guard let over = all.first(where: { $0.dropped != nil }) else {
                throw Problems.tooManySubscriptions
            }
            try batch.transaction.removeSubscription(over.id, of: device, of: organisation)
        }
        if let same, same.id == id, key.address(of: same, of: organisation) == address {
            return try challenged(same, in: &batch)
        }
        // An address is one subscription's: the device must not ring twice for a page.
        for old in all where old.id == id || old.id == same?.id {
            try batch.transaction.removeSubscription(old.id, of: device, of: organisation)
            if old.dropped == nil { _ = try batch.append(.subscription(device, old.transport, .removed)) }
        }
        let transport = PageTransport(address.kind)
        _ = try batch.append(.subscription(device, transport, .added))
        return try challenged(
            StoredSubscription(
                device: device, id: id, transport: transport,
                sealedAddress: key.seal(address, for: device, id, of: organisation), registered: batch.time),
            in: &batch)
    }

    /// Whether an address is the same place; keys of Web Push can be others.
    private func isHere(_ other: PushAddress?) -> Bool {
        switch (other, address) {
        case (.webPush(let old, _), .webPush(let new, _)): old == new
        default: other == address
        }
    }

    private func challenged(
        _ subscription: StoredSubscription, in batch: inout Batch
    ) throws -> StoredSubscription {
        try subscription.challenged(challenge, in: &batch)
    }
}

extension StoredSubscription {
    /// Stores it with a challenge that may be said back, in the place of the one before.
    func challenged(_ challenge: PushChallenge, in batch: inout Batch) throws -> StoredSubscription {
        var subscription = self
        subscription.challenge = Challenge(
            hash: Digest.sha256(challenge.secret), expires: batch.time.adding(seconds: APILimits.challengeSeconds))
        try batch.transaction.storeSubscription(subscription, of: batch.organisation)
        return subscription
    }
}

/// What came through a subscription is said back.
struct SubscriptionProof: Sendable {
    let id: SubscriptionID
    let device: DeviceID
    private let hash: Digest

    /// - Throws: ``Problem``.
    init(_ proof: PushProof, _ id: SubscriptionID, device: DeviceID) throws(Problem) {
        guard var secret = Base64.decode(Array(proof.secret.utf8)), secret.count == PushChallenge.secretByteCount else {
            throw Problems.malformed("secret of the challenge")
        }
        defer { wipe(&secret) }
        hash = Digest.sha256(secret)
        self.id = id
        self.device = device
    }

    /// The same word again gives the same answer: the challenge is not used up.
    func write(to batch: inout Batch) throws -> StoredSubscription {
        guard batch.view.liveDevice(device) != nil else { throw Problems.revoked }
        guard var subscription = try batch.subscription(id, of: device) else { throw Problems.noSubscription }
        guard subscription.dropped == nil, let challenge = subscription.challenge, batch.time < challenge.expires,
            SecretBytes(copying: challenge.hash.bytes).isEqual(to: SecretBytes(copying: hash.bytes))
        else { throw Problems.challengeOver }
        let isFirst = subscription.proven == nil
        subscription.proven = batch.time
        subscription.failingSince = nil
        try batch.transaction.storeSubscription(subscription, of: batch.organisation)
        if isFirst {
            _ = try batch.append(.subscription(device, subscription.transport, .proven))
            try batch.pageWhatWaits(for: device)
        }
        return subscription
    }
}

extension Batch {
    func subscription(_ id: SubscriptionID, of device: DeviceID) throws -> StoredSubscription? {
        try transaction.subscription(id, of: device, of: organisation)
    }

    /// The device does not want it any more; one that is not there is removed already.
    mutating func removeSubscription(_ id: SubscriptionID, of device: DeviceID) throws {
        guard let old = try subscription(id, of: device) else { return }
        try transaction.removeSubscription(id, of: device, of: organisation)
        if old.dropped == nil { _ = try append(.subscription(device, old.transport, .removed)) }
    }
}

extension Problems {
    static let tooManySubscriptions = Problem(
        .quota, status: 409, detail: "A device has at most \(APILimits.subscriptions) subscriptions.",
        next: "Look at `nightbell push list`, and end one with `nightbell push remove`.")

    static let droppedSubscription = Problem(
        .notFound, status: 404, detail: "Its push service said that this subscription is no more.",
        next: "Obtain a new address, and register it with `nightbell push add`.")

    static let noSubscription = Problem(
        .notFound, status: 404, detail: "This device has no subscription of this id.",
        next: "Look at `nightbell push list`, and register anew.")

    static let challengeOver = Problem(
        .challengeOver, status: 409,
        detail: "What came is not this subscription's latest challenge, or it is older than 24 hours.",
        next: "Ask for another with `nightbell push test`.")

    static func noTransport(_ kind: PushTransportKind) -> Problem {
        Problem(
            .noTransport, status: 409, detail: "This relay does not push over \(kind.rawValue).",
            next: "Use a transport that `nightbell push list` names, or ask the relay's operator to set it up.")
    }

    static func endpointRefused(_ cause: String) -> Problem {
        Problem(
            .endpointRefused, status: 422, detail: "The relay does not push to this address: \(cause).",
            next: "Use a push service with a public https address, or ask the relay's operator to permit it.")
    }
}
