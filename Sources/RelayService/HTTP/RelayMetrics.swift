import CoreMetrics
import Metrics
import RelayAPI

/// The relay's instruments. Labels are bounded words: never an organisation, member, device or message.
final class RelayMetrics: Sendable {
    private let factory: any MetricsFactory

    init(factory: any MetricsFactory) { self.factory = factory }

    func request(route: String, status: Int, duration: Duration) {
        let labels = [("route", route), ("status", "\(status / 100)xx")]
        Counter(label: "nightbell_http_requests", dimensions: labels, factory: factory).increment()
        guard route != APIPath.stream else { return }
        Timer(label: "nightbell_http_request_duration", dimensions: [("route", route)], factory: factory)
            .recordNanoseconds(
                duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000)
    }

    /// A message, receipt or roster statement became durable.
    func accepted(_ what: String) {
        Counter(label: "nightbell_accepted", dimensions: [("what", what)], factory: factory).increment()
    }

    func unanswered(_ count: Int) {
        Counter(label: "nightbell_messages_unanswered", dimensions: [], factory: factory).increment(by: count)
    }

    func streams(_ count: Int) {
        Gauge(label: "nightbell_streams_open", dimensions: [], factory: factory).record(count)
    }
}
