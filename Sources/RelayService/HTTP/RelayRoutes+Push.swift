import Hummingbird
import Membership
import PushDelivery
import RelayAPI
import RelayStorage
import Sealing
import Secrets
import Statements

extension RelayRoutes {
    /// 30 s: a device whose stream flaps is not paged each time.
    private static let hastePause: Int64 = 30

    func addPush(to router: Router<RelayContext>) {
        router.get("/v1/inbox/push") { request, context in
            let request = try await RelayRequest(request, context, limit: 0)
            let (device, running) = try await inboxCaller(request)
            return Responses.json(try await standing(of: device.id, in: running))
        }
        router.put("/v1/inbox/push/:subscription") { request, context in
            let request = try await RelayRequest(request, context, limit: limits.bodyBytes)
            return Responses.json(try await register(request))
        }
        router.post("/v1/inbox/push/:subscription/proof") { request, context in
            let request = try await RelayRequest(request, context, limit: limits.bodyBytes)
            let (device, running) = try await inboxCaller(request)
            let proof = try SubscriptionProof(
                try request.json(PushProof.self), try subscription(request), device: device.id)
            let now = try await running.sequencer.submit { batch in
                try proof.write(to: &batch)
            } answer: { now, _ in
                now
            }
            return Responses.json(PushSubscription(now))
        }
        router.post("/v1/inbox/push/:subscription/test") { request, context in
            let request = try await RelayRequest(request, context, limit: 0)
            return Responses.json(try await test(request))
        }
        router.delete("/v1/inbox/push/:subscription") { request, context in
            let request = try await RelayRequest(request, context, limit: 0)
            let (device, running) = try await inboxCaller(request)
            let id = try subscription(request)
            try await running.sequencer.submit { batch in
                try batch.removeSubscription(id, of: device.id)
            } answer: { _, _ in
            }
            return Responses.json(try await standing(of: device.id, in: running))
        }
    }

    private func subscription(_ request: RelayRequest) throws -> SubscriptionID {
        guard let id = SubscriptionID(request.parameter("subscription")) else { throw Problems.noSubscription }
        return id
    }

    private func standing(of device: DeviceID, in running: Organisations.Running) async throws -> PushAnswer {
        let organisation = running.sequencer.organisation
        let stored = try await store.read { try $0.subscriptions(of: device, of: organisation) }
        return PushAnswer(
            transports: pager.kinds.map(\.rawValue), vapidKey: pager.vapidKey.map { Base64URL.encode($0) },
            subscriptions: stored.map { PushSubscription($0) })
    }

    private func register(_ request: RelayRequest) async throws -> PushTried {
        let (device, running) = try await inboxCaller(request)
        let acceptance = try SubscriptionAcceptance(
            try request.json(PushRegistration.self), try subscription(request), device: device.id, pager: pager)
        try takeChallenge(of: device.id)
        let subscription = try await running.sequencer.submit { batch in
            try acceptance.write(to: &batch)
        } answer: { subscription, _ in
            subscription
        }
        return try await pager.challenge(acceptance.challenge, through: subscription, in: running)
    }

    private func test(_ request: RelayRequest) async throws -> PushTried {
        let (device, running) = try await inboxCaller(request)
        let id = try subscription(request)
        try takeChallenge(of: device.id)
        let challenge = PushChallenge(subscription: id)
        let subscription = try await running.sequencer.submit { batch in
            guard batch.view.liveDevice(device.id) != nil else { throw Problems.revoked }
            guard let known = try batch.subscription(id, of: device.id) else { throw Problems.noSubscription }
            guard known.dropped == nil else { throw Problems.droppedSubscription }
            return try known.challenged(challenge, in: &batch)
        } answer: { subscription, _ in
            subscription
        }
        return try await pager.challenge(challenge, through: subscription, in: running)
    }

    /// Each is a request to an address that the device chose.
    private func takeChallenge(of device: DeviceID) throws {
        guard challengeQuota.take(device, limit: APILimits.challengesPerHour, at: clock()) else {
            throw Problems.quota("This device has asked for its hour's number of test pages.", retryAfter: 600)
        }
    }

    /// A device's stream ended: what was left to it, and what still waits, is pushed.
    func hastenPages(to device: DeviceID, in running: Organisations.Running) async {
        guard !running.hub.isOpen(device) else { return }
        let organisation = running.sequencer.organisation
        let now = clock()
        guard (try? await store.read { try $0.hasPushJobs(device, of: organisation) }) ?? false else { return }
        try? await store.write { transaction in
            try transaction.hastenPushJobs(of: device, at: now, pause: Self.hastePause, of: organisation)
        }
        organisations.pages.ring()
    }
}
