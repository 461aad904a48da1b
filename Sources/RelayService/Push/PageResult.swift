import PushDelivery
import RelayStorage
import Statements

/// What an attempt comes to: an event, the job's next turn, and how the subscription stands, in one batch.
struct PageResult: Sendable {
    let job: StoredPushJob
    /// As it was when the attempt began: one that the device has registered anew since is not judged by it.
    let subscription: StoredSubscription
    let outcome: PushOutcome
    /// 0 to 1, for the back-off.
    var random: Double = .random(in: 0..<1)

    /// Whether anything went out, or was at least tried: only that is an event.
    static func isAttempt(_ outcome: PushOutcome) -> Bool {
        switch outcome {
        case .later(.leftAlone, _), .later(.noTransport, _), .later(.cancelled, _): false
        default: true
        }
    }

    /// - Returns: Whether the subscription was dropped.
    func write(to batch: inout Batch) throws -> Bool {
        let word = PageOutcome(rawValue: outcome.word)!
        _ = try batch.append(
            .pushed(job.device, job.message, subscription.transport, attempt: job.attempts + 1, word))
        let isDropped = try SubscriptionStanding(subscription: subscription, outcome: outcome).write(to: &batch)
        // Of another registration in its place, nothing was tried.
        if try batch.subscription(subscription.id, of: subscription.device)?.registered == subscription.registered {
            // Cancelled meanwhile, it stays so; moved meanwhile (the stream has ended), it is no later than that.
            try batch.transaction.updatePushJob(next(batch), of: batch.organisation)
        }
        batch.then(.pagesDue)
        return isDropped
    }

    private func next(_ batch: Batch) -> StoredPushJob {
        var next = job
        let repeats = batch.realertSeconds(job.urgency)
        next.attempts += 1
        next.last = batch.now
        switch outcome {
        case .accepted, .rejected:
            next.failures = 0
            next.due = repeats.map { batch.now.adding(seconds: $0) } ?? job.expires
        case .gone, .unauthorized, .later:
            next.failures += 1
            next.due = batch.now.adding(
                milliseconds: Int64(Self.pause(next, outcome, subscription.transport, repeats, random) * 1_000))
        }
        return next
    }

    /// Seconds until a failed attempt is repeated: no later than the page would be anyway, unless the service asks for it.
    private static func pause(
        _ job: StoredPushJob, _ outcome: PushOutcome, _ transport: PageTransport, _ repeats: Int64?, _ random: Double
    ) -> Double {
        var asked: Int?
        if case .later(_, let after) = outcome { asked = after }
        let pause = BackOff.of(PushTransportKind(transport)).seconds(
            after: Int(min(job.failures, 100)), asked: asked, random: random)
        return max(min(pause, Double(repeats ?? .max)), Double(asked ?? 0))
    }
}

/// What an attempt, of a page or a challenge, says about its subscription.
struct SubscriptionStanding: Sendable {
    let subscription: StoredSubscription
    let outcome: PushOutcome

    /// - Returns: Whether it was dropped.
    func write(to batch: inout Batch) throws -> Bool {
        let organisation = batch.organisation
        let stored = try batch.subscription(subscription.id, of: subscription.device)
        // Another registration in its place has its own attempts.
        guard var now = stored, now.registered == subscription.registered, now.dropped == nil else { return false }
        switch outcome {
        case .accepted:
            now.accepted = batch.time
            now.failingSince = nil
        case .gone where isGone:
            // Its jobs go with it; the device sees that it must register anew.
            try batch.transaction.removeSubscription(now.id, of: now.device, of: organisation)
            now.dropped = batch.time
            now.sealedAddress = []
            now.challenge = nil
            _ = try batch.append(.subscription(now.device, now.transport, .dropped))
        default: now.failingSince = now.failingSince ?? batch.time
        }
        try batch.transaction.storeSubscription(now, of: organisation)
        return now.dropped != nil
    }

    /// Apple says since when a token is good no more: one that the device registered later is another.
    private var isGone: Bool {
        guard case .gone(_, let time) = outcome else { return false }
        return time.map { Int64($0) * 1_000 >= subscription.registered.milliseconds } ?? true
    }
}

extension PushTransportKind {
    init(_ transport: PageTransport) {
        switch transport {
        case .webPush: self = .webPush
        case .apns: self = .apns
        case .fcm: self = .fcm
        }
    }
}

extension PageTransport {
    init(_ kind: PushTransportKind) {
        switch kind {
        case .webPush: self = .webPush
        case .apns: self = .apns
        case .fcm: self = .fcm
        }
    }
}
