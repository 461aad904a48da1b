import DeviceStorage
public import RelayAPI
import Secrets
public import Statements
import WebPush

/// On which ways pages reach this device. What the relay says of them proves nothing and decides nothing: a way works when
/// what the relay sent on it came back.
extension DeviceSession {
    /// Asks the relay how pages can reach this device, and how they do.
    /// - Throws: ``DeviceKitError``, ``RelayRefusal``.
    public func pushStanding() async throws -> PushStanding {
        let answer = try await connection.answer(to: .get(APIPath.push), signer: signer, as: PushAnswer.self)
        return PushStanding(answer, keys: try subscriptionsWithKeys())
    }

    /// The subscriptions of Web Push whose keys are here, the oldest first.
    public func subscriptionsWithKeys() throws -> [SubscriptionID] {
        try profile.store.look { try $0.subscriptions() }.compactMap { SubscriptionID($0.id) }
    }

    /// Registers an address with the relay, which sends a challenge there. With Web Push a fresh key pair and
    /// authentication secret are stored before the relay hears of them, for what it sends may be here first.
    /// - Throws: ``DeviceKitError``, ``RelayRefusal``. After a refusal nothing of it is left here; without an answer the keys
    ///   stay, for the relay may have them.
    public func subscribe(_ address: SubscriptionAddress) async throws -> PushTried {
        let standing = try await pushStanding()
        guard standing.transports.contains(address.transport) else {
            throw DeviceKitError(
                "transport_not_offered", .configuration,
                "this relay does not push over \(address.transport.words)",
                next: standing.transports.isEmpty
                    ? "ask its operator; until then keep \"nightbell watch\" connected"
                    : "it pushes over \(standing.transports.map(\.words).joined(separator: ", ")): register that, or ask its operator"
            )
        }
        let id = SubscriptionID.random()
        let registration = try registration(address, id)
        do {
            return try await connection.answer(
                to: .put(APIPath.subscription(id), json: registration), signer: signer, as: PushTried.self)
        } catch let refusal as RelayRefusal {
            try forgetKeys(of: id)
            throw refusal
        }
    }

    private func registration(_ address: SubscriptionAddress, _ id: SubscriptionID) throws -> PushRegistration {
        let transport = address.transport.rawValue
        switch address {
        case .apns(let token), .fcm(let token): return PushRegistration(transport: transport, token: token)
        case .webPush(let endpoint):
            let key = P256PrivateKey()
            let authentication = SecretBytes(random: SubscriptionKeys.authenticationByteCount)
            let now = connection.clock.now()
            try profile.store.step { step in
                try step.add(
                    SubscriptionRow(id: id.description, created: now.milliseconds), key: key.secret(),
                    authentication: authentication)
            }
            var exposed = authentication.exposed()
            defer { wipe(&exposed) }
            return PushRegistration(
                transport: transport, endpoint: endpoint, p256dh: Base64URL.encode(key.publicKey),
                auth: Base64URL.encode(exposed))
        }
    }

    /// Has another challenge sent.
    /// - Throws: ``DeviceKitError``, ``RelayRefusal``.
    public func test(_ id: SubscriptionID) async throws -> PushTried {
        try await connection.answer(to: .post(APIPath.subscriptionTest(id)), signer: signer, as: PushTried.self)
    }

    /// Ends a subscription at the relay, and destroys its keys here when the relay has answered. One that neither has any
    /// more is no error.
    /// - Throws: ``DeviceKitError``, ``RelayRefusal``; then the keys are still here.
    public func unsubscribe(_ id: SubscriptionID) async throws {
        do {
            _ = try await connection.answer(
                to: .delete(APIPath.subscription(id)), signer: signer, as: PushAnswer.self)
        } catch let refusal as RelayRefusal where refusal.problem.code == .notFound {}
        try forgetKeys(of: id)
    }

    private func forgetKeys(of id: SubscriptionID) throws {
        try profile.store.step { try $0.removeSubscription(id.description) }
    }

    /// Says a challenge back, which proves to the relay that what it sends on that way arrives.
    /// - Throws: ``DeviceKitError``, ``RelayRefusal``.
    func sayBack(_ id: SubscriptionID, _ secret: [UInt8]) async throws -> PushSubscription {
        try await connection.answer(
            to: .post(APIPath.subscriptionProof(id), json: PushProof(secret: Base64.encode(secret))), signer: signer,
            as: PushSubscription.self)
    }
}
