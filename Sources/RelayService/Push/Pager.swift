import PushDelivery
import RelayAPI
import RelayStorage
import Sealing
import Secrets
import Statements

/// What the relay pushes with: transports, the dispatcher before them, and the key of the addresses.
struct Pager: Sendable {
    let dispatcher: PushDispatcher
    let key: PushKey
    /// What may be said of an endpoint before its name is looked up.
    let endpoints: HostCheck
    /// 65 bytes; with Web Push.
    let vapidKey: [UInt8]?
    let counts: PageOutbox.Counts

    var kinds: [PushTransportKind] { dispatcher.kinds }

    /// Sends a challenge, and notes how the subscription stands.
    func challenge(
        _ challenge: PushChallenge, through subscription: StoredSubscription, in running: Organisations.Running
    ) async throws -> PushTried {
        let organisation = running.sequencer.organisation
        guard let address = key.address(of: subscription, of: organisation) else { throw Problems.noSubscription }
        let outcome = await dispatcher.push(
            PushPage(
                body: challenge.bytes, isUrgent: true, lifetime: Int(APILimits.challengeSeconds),
                tag: key.tag(subscription.id)), to: address, of: subscription.device.description)
        let (now, isDropped) = try await running.sequencer.submit { batch in
            let isDropped = try SubscriptionStanding(subscription: subscription, outcome: outcome).write(to: &batch)
            return (try batch.subscription(subscription.id, of: subscription.device), isDropped)
        } answer: { written, _ in
            written
        }
        if isDropped { counts.dropped(PushTransportKind(subscription.transport)) }
        guard let now else { throw Problems.noSubscription }
        return PushTried(subscription: PushSubscription(now), outcome: PushTried.Outcome(outcome))
    }
}

extension PushTried.Outcome {
    init(_ outcome: PushOutcome) {
        switch outcome {
        case .accepted: self = .accepted
        case .gone: self = .gone
        case .rejected(.addressNotPermitted): self = .notPermitted
        case .rejected: self = .refused
        case .unauthorized: self = .unauthorized
        case .later(.leftAlone, _): self = .leftAlone
        case .later: self = .unreachable
        }
    }
}

extension PushSubscription {
    /// What its device is told: never the address.
    init(_ stored: StoredSubscription) {
        let state: State =
            if stored.dropped != nil {
                .dropped
            } else if stored.proven == nil {
                .unproven
            } else {
                stored.failingSince == nil ? .working : .failing
            }
        self.init(
            id: stored.id.description, transport: stored.transport.rawValue, state: state,
            registered: stored.registered.description, proven: stored.proven?.description,
            accepted: stored.accepted?.description, failingSince: stored.failingSince?.description,
            dropped: stored.dropped?.description)
    }
}
