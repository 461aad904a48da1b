import PushDelivery
import Synchronization
import Testing
import WebPush

@testable import RelayService

@Suite struct PushMetricsTests {
    private let prometheus = PrometheusMetrics()
    private let metrics: PushMetrics

    init() { metrics = PushMetrics(factory: prometheus) }

    /// The value of a series as it stands in the text, `nil` when it is not there.
    private func value(_ series: String) -> String? {
        prometheus.text().split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .map { String($0.dropFirst(series.count + 1)) }
    }

    @Test func everySeriesIsThereFromTheStart() {
        for transport in ["web_push", "apns", "fcm"] {
            for name in ["attempts_pending", "sent_total", "subscriptions_dropped_total", "services_left_alone"] {
                #expect(value("nightbell_push_\(name){transport=\"\(transport)\"}") == "0")
            }
            for outcome in ["accepted", "gone", "rejected", "unauthorized", "later"] {
                #expect(
                    value("nightbell_push_outcomes_total{outcome=\"\(outcome)\",transport=\"\(transport)\"}") == "0")
            }
            for reason in PushReason.allCases {
                #expect(
                    value("nightbell_push_failures_total{reason=\"\(reason.rawValue)\",transport=\"\(transport)\"}")
                        == "0")
            }
            for state in ["closed", "open", "half_open"] {
                #expect(
                    value("nightbell_push_breaker_changes_total{state=\"\(state)\",transport=\"\(transport)\"}") == "0")
            }
            #expect(value("nightbell_push_duration_seconds_count{transport=\"\(transport)\"}") == "0")
        }
        #expect(value("nightbell_push_jobs_due") == "0")
        #expect(value("nightbell_metrics_refused_series_total") == "0")
    }

    @Test func anAttemptIsPendingUntilItEnds() {
        metrics.queued(.apns)
        metrics.queued(.apns)
        metrics.sent(.apns)
        #expect(value("nightbell_push_attempts_pending{transport=\"apns\"}") == "2")
        metrics.ended(.apns, .accepted, seconds: 0.3)
        #expect(value("nightbell_push_attempts_pending{transport=\"apns\"}") == "1")
        #expect(value("nightbell_push_attempts_pending{transport=\"fcm\"}") == "0")
        #expect(value("nightbell_push_sent_total{transport=\"apns\"}") == "1")
        #expect(value("nightbell_push_outcomes_total{outcome=\"accepted\",transport=\"apns\"}") == "1")
        #expect(value("nightbell_push_duration_seconds_bucket{transport=\"apns\",le=\"0.25\"}") == "0")
        #expect(value("nightbell_push_duration_seconds_bucket{transport=\"apns\",le=\"0.5\"}") == "1")
    }

    @Test(
        arguments: [
            (.accepted, nil, true), (.gone(.unsubscribed, at: 5), .unsubscribed, true),
            (.rejected(.tooLarge), .tooLarge, true), (.unauthorized(.credentials), .credentials, true),
            (.later(.timeout, after: 9), .timeout, true), (.later(.leftAlone, after: 9), .leftAlone, false),
            (.later(.cancelled, after: nil), .cancelled, false),
        ] as [(PushOutcome, PushReason?, Bool)])
    func eachOutcomeIsCountedOnceByWordAndReason(_ outcome: PushOutcome, _ reason: PushReason?, _ isTimed: Bool) {
        metrics.ended(.webPush, outcome, seconds: 0.1)
        for word in ["accepted", "gone", "rejected", "unauthorized", "later"] {
            #expect(
                value("nightbell_push_outcomes_total{outcome=\"\(word)\",transport=\"web_push\"}")
                    == (word == outcome.word ? "1" : "0"))
        }
        for other in PushReason.allCases {
            #expect(
                value("nightbell_push_failures_total{reason=\"\(other.rawValue)\",transport=\"web_push\"}")
                    == (other == reason ? "1" : "0"))
        }
        #expect(value("nightbell_push_duration_seconds_count{transport=\"web_push\"}") == (isTimed ? "1" : "0"))
    }

    @Test func droppedSubscriptionsAndDueJobsAreCounted() {
        metrics.dropped(.fcm)
        metrics.dropped(.fcm)
        metrics.waiting(7)
        metrics.waiting(3)
        #expect(value("nightbell_push_subscriptions_dropped_total{transport=\"fcm\"}") == "2")
        #expect(value("nightbell_push_subscriptions_dropped_total{transport=\"apns\"}") == "0")
        #expect(value("nightbell_push_jobs_due") == "3")
    }

    /// A transport that answers as it is told.
    private final class Told: PushTransport {
        let kind = PushTransportKind.webPush
        let outcome = Mutex(PushOutcome.later(.serviceUnavailable, after: nil))

        func push(_ page: PushPage, to address: PushAddress) async -> PushOutcome { outcome.withLock { $0 } }
    }

    @Test func aServiceIsLeftAloneUntilItAnswersAgain() async throws {
        let transport = Told()
        let time = Mutex(0.0)
        let dispatcher = PushDispatcher([transport], observer: metrics, now: { time.withLock { $0 } })
        let point = try VAPIDKey(VAPIDKey.generate()).publicKey
        let keys = try #require(SubscriptionKeys(publicKey: point, authentication: [UInt8](repeating: 1, count: 16)))
        let page = PushPage(body: [1], isUrgent: true, lifetime: 60, tag: String(repeating: "T", count: 32))
        // Each of another device.
        let number = Mutex(0)
        func push(to host: String) async throws -> PushOutcome {
            let next = number.withLock { number in
                number += 1
                return number
            }
            let endpoint = try PushEndpoint(parsing: "https://\(host)/\(next)")
            return await dispatcher.push(page, to: .webPush(endpoint, keys), of: "device \(next)")
        }
        let leftAlone = "nightbell_push_services_left_alone{transport=\"web_push\"}"
        func changes(_ state: String) -> String? {
            value("nightbell_push_breaker_changes_total{state=\"\(state)\",transport=\"web_push\"}")
        }
        for host in ["a.example", "b.example"] {
            for _ in 0..<CircuitBreaker.failureLimit { _ = try await push(to: host) }
        }
        #expect(value(leftAlone) == "2")
        #expect(changes("open") == "2")
        // Not sent: its service is left alone.
        #expect(try await push(to: "a.example").reason == .leftAlone)
        #expect(value("nightbell_push_sent_total{transport=\"web_push\"}") == "10")
        #expect(value("nightbell_push_failures_total{reason=\"left_alone\",transport=\"web_push\"}") == "1")
        // A trial that fails leaves it alone as before.
        time.withLock { $0 += CircuitBreaker.firstPauseSeconds }
        _ = try await push(to: "a.example")
        #expect(value(leftAlone) == "2")
        time.withLock { $0 += CircuitBreaker.mostPauseSeconds }
        transport.outcome.withLock { $0 = .accepted }
        #expect(try await push(to: "a.example") == .accepted)
        #expect(value(leftAlone) == "1")
        #expect(try await push(to: "b.example") == .accepted)
        #expect(value(leftAlone) == "0")
        #expect(changes("closed") == "2")
        #expect(value("nightbell_push_attempts_pending{transport=\"web_push\"}") == "0")
    }
}
