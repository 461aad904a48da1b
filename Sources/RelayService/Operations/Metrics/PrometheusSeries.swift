import CoreMetrics
import Synchronization

/// The values of one name and one set of labels.
protocol PrometheusSeries: AnyObject, Sendable {
    func write(_ name: String, _ labels: PrometheusLabels, to text: inout PrometheusText)
}

final class CounterSeries: PrometheusSeries, CounterHandler {
    private let value = Atomic<Int64>(0)

    /// A counter never falls: a negative amount is a mistake of the caller and changes nothing.
    func increment(by amount: Int64) {
        if amount > 0 { value.wrappingAdd(amount, ordering: .relaxed) }
    }

    func reset() { value.store(0, ordering: .relaxed) }

    func write(_ name: String, _ labels: PrometheusLabels, to text: inout PrometheusText) {
        text.sample(name, labels, Double(value.load(ordering: .relaxed)))
    }
}

final class FloatingCounterSeries: PrometheusSeries, FloatingPointCounterHandler {
    private let value = Mutex(0.0)

    func increment(by amount: Double) {
        if amount > 0, amount.isFinite { value.withLock { $0 += amount } }
    }

    func reset() { value.withLock { $0 = 0 } }

    func write(_ name: String, _ labels: PrometheusLabels, to text: inout PrometheusText) {
        text.sample(name, labels, value.withLock { $0 })
    }
}

final class GaugeSeries: PrometheusSeries, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ new: Int64) { set(Double(new)) }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ new: Int64) { set(Double(new)) }
    func record(_ new: Double) { set(new) }

    func write(_ name: String, _ labels: PrometheusLabels, to text: inout PrometheusText) {
        text.sample(name, labels, value.withLock { $0 })
    }
}

final class SummarySeries: PrometheusSeries, RecorderHandler {
    private let state = Mutex((sum: 0.0, count: UInt64(0)))

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        state.withLock {
            $0.sum += value
            $0.count += 1
        }
    }

    func write(_ name: String, _ labels: PrometheusLabels, to text: inout PrometheusText) {
        let (sum, count) = state.withLock { $0 }
        text.sample(name + "_sum", labels, sum)
        text.sample(name + "_count", labels, Double(count))
    }
}

final class HistogramSeries: PrometheusSeries, TimerHandler {
    /// Upper bounds in seconds, from half a millisecond to ten seconds; above them is `+Inf`.
    static let bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct State {
        /// How many fell into each bucket alone; the last is `+Inf`.
        var counts = [UInt64](repeating: 0, count: HistogramSeries.bounds.count + 1)
        var sum = 0.0
    }

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) {
        let seconds = Double(max(duration, 0)) / 1_000_000_000
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        state.withLock {
            $0.counts[bucket] += 1
            $0.sum += seconds
        }
    }

    func write(_ name: String, _ labels: PrometheusLabels, to text: inout PrometheusText) {
        let state = state.withLock { $0 }
        var below: UInt64 = 0
        for (index, count) in state.counts.enumerated() {
            below += count
            let bound = index < Self.bounds.count ? PrometheusText.number(Self.bounds[index]) : "+Inf"
            text.sample(name + "_bucket", labels.adding("le", bound), Double(below))
        }
        text.sample(name + "_sum", labels, state.sum)
        text.sample(name + "_count", labels, Double(below))
    }
}
