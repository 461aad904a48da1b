import CoreMetrics
import Metrics

/// What an operator sees of witnesses. Labels are words of a closed list; every series is there from the start.
struct WitnessMetrics: Sendable {
    private let outcomes: [WitnessOutcome: Counter]
    private let age: Gauge

    init(factory: any MetricsFactory) {
        outcomes = Dictionary(
            uniqueKeysWithValues: WitnessOutcome.allCases.map {
                (
                    $0,
                    Counter(
                        label: "nightbell_witness_requests", dimensions: [("outcome", $0.rawValue)], factory: factory)
                )
            })
        age = Gauge(label: "nightbell_witness_oldest_cosignature_seconds", dimensions: [], factory: factory)
    }

    func asked(_ outcome: WitnessOutcome) { outcomes[outcome]?.increment() }

    /// Of all logs and witnesses; -1 when a cosignature is missing altogether.
    func oldest(_ seconds: UInt64?) { age.record(seconds.map { Int64(clamping: $0) } ?? -1) }
}

/// What became of asking a witness.
enum WitnessOutcome: String, CaseIterable, Sendable {
    case cosigned
    /// It does not answer, or not in time.
    case unreachable
    /// Its answer is no cosignature of its own, and nothing else that it may say.
    case badAnswer = "bad_answer"
    /// 404: its operator must add the log.
    case unknownLog = "unknown_log"
    /// 422: it cosigned another history than this relay's.
    case inconsistent
    /// It cosigned more than this relay has: the relay lost its tail, or runs twice.
    case ahead
    /// It knows less than it cosigned before: it can be led to cosign another history, and must be replaced.
    case forgot
    /// Any other refusal.
    case refused

    /// Whether it may only need a moment.
    var mayPass: Bool { self == .unreachable || self == .refused }
}
