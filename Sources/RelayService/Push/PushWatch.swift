import Logging
import PushDelivery
import Synchronization

/// What an operator reads of pages that do not go out, besides the numbers: a line for each change, never for each attempt. It
/// names transports, never a service, a subscription or a device.
final class PushWatch: PushObserver {
    /// 600 s: how often the log repeats that a transport does not accept the relay.
    private static let repeatSeconds = 600.0

    private let metrics: PushMetrics
    private let logger: Logger
    private let refused = Mutex<[PushTransportKind: Double]>([:])

    init(_ metrics: PushMetrics, logger: Logger) {
        self.metrics = metrics
        self.logger = logger
    }

    func queued(_ kind: PushTransportKind) { metrics.queued(kind) }
    func sent(_ kind: PushTransportKind) { metrics.sent(kind) }

    func ended(_ kind: PushTransportKind, _ outcome: PushOutcome, seconds: Double) {
        metrics.ended(kind, outcome, seconds: seconds)
        guard case .unauthorized = outcome else { return }
        let now = PushClock.uptime()
        let isNew = refused.withLock { refused in
            if let last = refused[kind], now - last < Self.repeatSeconds { return false }
            refused[kind] = now
            return true
        }
        guard isNew else { return }
        logger.error(
            "a push service does not accept this relay: look at its key, its credentials and the machine's clock",
            metadata: Self.metadata(kind))
    }

    func breaker(_ kind: PushTransportKind, from: CircuitBreaker.State, to: CircuitBreaker.State) {
        metrics.breaker(kind, from: from, to: to)
        switch (from, to) {
        case (.closed, .open):
            logger.warning(
                "a push service fails again and again and is left alone for a while; pages wait",
                metadata: Self.metadata(kind))
        case (_, .closed): logger.notice("a push service answers again", metadata: Self.metadata(kind))
        default: break
        }
    }

    /// A subscription was dropped.
    func dropped(_ kind: PushTransportKind) {
        metrics.dropped(kind)
        logger.notice(
            "a push service said that a subscription is no more; its device sees that it must register anew",
            metadata: Self.metadata(kind))
    }

    func waiting(_ count: Int) { metrics.waiting(count) }

    private static func metadata(_ kind: PushTransportKind) -> Logger.Metadata {
        ["nb.push.transport": "\(kind.rawValue)"]
    }
}
