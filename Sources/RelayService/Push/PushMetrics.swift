import CoreMetrics
import Metrics
import PushDelivery

/// What an operator sees of pages that go out. Labels are words of closed lists: never a service, a subscription, a device or
/// a message. Every series is there from the start, for an alarm on what grows does not see what appears.
struct PushMetrics: PushObserver {
    /// Of one transport.
    private struct Instruments {
        let queued: Meter
        let sent: Counter
        let outcomes: [String: Counter]
        let failures: [PushReason: Counter]
        let duration: Timer
        let leftAlone: Meter
        let breakers: [CircuitBreaker.State: Counter]
        let dropped: Counter

        init(_ kind: PushTransportKind, _ factory: any MetricsFactory) {
            func counter(_ name: String, _ labels: (String, String)...) -> Counter {
                Counter(
                    label: "nightbell_push_\(name)", dimensions: [("transport", kind.rawValue)] + labels,
                    factory: factory)
            }
            func gauge(_ name: String) -> Meter {
                Meter(
                    label: "nightbell_push_\(name)", dimensions: [("transport", kind.rawValue)], factory: factory)
            }
            queued = gauge("attempts_pending")
            sent = counter("sent")
            outcomes = Dictionary(
                uniqueKeysWithValues: PushMetrics.outcomes.map { ($0, counter("outcomes", ("outcome", $0))) })
            failures = Dictionary(
                uniqueKeysWithValues: PushReason.allCases.map { ($0, counter("failures", ("reason", $0.rawValue))) })
            duration = Timer(
                label: "nightbell_push_duration", dimensions: [("transport", kind.rawValue)], factory: factory)
            leftAlone = gauge("services_left_alone")
            breakers = Dictionary(
                uniqueKeysWithValues: [CircuitBreaker.State.closed, .open, .halfOpen].map {
                    ($0, counter("breaker_changes", ("state", $0.rawValue)))
                })
            dropped = counter("subscriptions_dropped")
        }
    }

    /// As ``PushOutcome/word`` has them.
    private static let outcomes = ["accepted", "gone", "rejected", "unauthorized", "later"]

    private let instruments: [PushTransportKind: Instruments]
    private let due: Meter

    init(factory: any MetricsFactory) {
        instruments = Dictionary(
            uniqueKeysWithValues: PushTransportKind.allCases.map { ($0, Instruments($0, factory)) })
        due = Meter(label: "nightbell_push_jobs_due", dimensions: [], factory: factory)
    }

    func queued(_ kind: PushTransportKind) { instruments[kind]?.queued.increment() }

    func sent(_ kind: PushTransportKind) { instruments[kind]?.sent.increment() }

    func ended(_ kind: PushTransportKind, _ outcome: PushOutcome, seconds: Double) {
        guard let made = instruments[kind] else { return }
        made.queued.decrement()
        made.outcomes[outcome.word]?.increment()
        if let reason = outcome.reason { made.failures[reason]?.increment() }
        // What was not sent took no time worth a place in the histogram.
        guard outcome.reason != .leftAlone, outcome.reason != .cancelled else { return }
        made.duration.recordNanoseconds(Int64(seconds * 1_000_000_000))
    }

    func breaker(_ kind: PushTransportKind, from: CircuitBreaker.State, to: CircuitBreaker.State) {
        guard let made = instruments[kind] else { return }
        made.breakers[to]?.increment()
        switch (from, to) {
        case (.closed, .open), (.closed, .halfOpen): made.leftAlone.increment()
        case (.open, .closed), (.halfOpen, .closed): made.leftAlone.decrement()
        default: break
        }
    }

    /// A subscription was dropped: its service said that it is no more.
    func dropped(_ kind: PushTransportKind) { instruments[kind]?.dropped.increment() }

    /// How many jobs of the outbox are due or on their way, as far as they are looked at.
    func waiting(_ count: Int) { due.set(count) }
}
