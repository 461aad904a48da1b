import CoreMetrics
import Metrics
import RelayAPI
import Synchronization

/// The relay's instruments. Labels are bounded words: never an organisation, member, device or message.
final class RelayMetrics: Sendable {
    private struct Outcome: Hashable {
        let route: String
        let statusClass: Int
    }

    /// Each is made once: to look one up in the factory costs more than to count.
    private struct Made {
        var requests: [Outcome: Counter] = [:]
        var durations: [String: Timer] = [:]
        var accepted: [String: Counter] = [:]
    }

    private let factory: any MetricsFactory
    private let made = Mutex(Made())

    init(factory: any MetricsFactory) { self.factory = factory }

    func request(route: String, status: Int, duration: Duration) {
        let outcome = Outcome(route: route, statusClass: status / 100)
        let (counter, timer) = made.withLock { made in
            (
                made.requests.value(for: outcome) {
                    Counter(
                        label: "nightbell_http_requests",
                        dimensions: [("route", route), ("status", "\(outcome.statusClass)xx")], factory: factory)
                },
                made.durations.value(for: route) {
                    Timer(label: "nightbell_http_request_duration", dimensions: [("route", route)], factory: factory)
                }
            )
        }
        counter.increment()
        guard ![APIPath.stream, APIPath.ring].contains(route) else { return }
        timer.recordNanoseconds(
            duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000)
    }

    /// A message, receipt or roster statement became durable.
    func accepted(_ what: String) {
        made.withLock { made in
            made.accepted.value(for: what) {
                Counter(label: "nightbell_accepted", dimensions: [("what", what)], factory: factory)
            }
        }.increment()
    }

    func unanswered(_ count: Int) {
        Counter(label: "nightbell_messages_unanswered", dimensions: [], factory: factory).increment(by: count)
    }

    func streams(_ count: Int) {
        Gauge(label: "nightbell_streams_open", dimensions: [], factory: factory).record(count)
    }
}

extension Dictionary {
    /// The value, made when it is not there yet.
    fileprivate mutating func value(for key: Key, _ make: () -> Value) -> Value {
        if let value = self[key] { return value }
        let value = make()
        self[key] = value
        return value
    }
}
