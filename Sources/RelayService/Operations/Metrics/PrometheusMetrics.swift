public import CoreMetrics
import Synchronization

/// A `MetricsFactory` that keeps everything in memory and writes it in Prometheus' text format 0.0.4.
///
/// Instance based: whoever makes a metric passes the factory, so that tests need no global state. Names are ours with
/// every other character than `[a-zA-Z0-9_:]` replaced by `_`; counters end in `_total`, timers in `_seconds`. Labels are
/// those that the caller passes, and must come from closed lists (route, code, result), never from outside.
///
/// The number of series is bounded: what would exceed it, and a name that is taken by another kind of metric, is counted
/// in `nightbell_metrics_refused_series_total` and otherwise goes nowhere.
public final class PrometheusMetrics: MetricsFactory {
    /// `text/plain; version=0.0.4; charset=utf-8`.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct Family {
        let kind: PrometheusKind
        let help: String
        var series: [PrometheusLabels: any PrometheusSeries] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var seriesCount = 0
        var refused: Int64 = 0
    }

    private let maximumSeries: Int
    private let help: [String: String]
    private let state = Mutex(State())

    /// - Parameters:
    ///   - maximumSeries: How many series are kept at the most.
    ///   - help: One sentence for each metric, by the label that it is made with. Others get their own name.
    public init(maximumSeries: Int = 2000, help: [String: String] = [:]) {
        self.maximumSeries = maximumSeries
        self.help = help
    }

    // MARK: Making

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter, suffix: "_total") { CounterSeries() } ?? NOOPMetricsHandler.instance
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, dimensions, .counter, suffix: "_total") { FloatingCounterSeries() } ?? NOOPMetricsHandler.instance
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge) { GaugeSeries() } ?? NOOPMetricsHandler.instance
    }

    /// A gauge, or with `aggregate` a summary of sum and count.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate {
            series(label, dimensions, .summary) { SummarySeries() } ?? NOOPMetricsHandler.instance
        } else {
            series(label, dimensions, .gauge) { GaugeSeries() } ?? NOOPMetricsHandler.instance
        }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .histogram, suffix: "_seconds") { HistogramSeries() } ?? NOOPMetricsHandler.instance
    }

    // MARK: Destroying

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    // MARK: Exposition

    /// Everything, in the order of names and labels, then what the system says about the process.
    public func text() -> String {
        let (families, refused) = state.withLock { ($0.families, $0.refused) }
        var text = PrometheusText()
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text.family(name, kind: family.kind, help: family.help)
            for (labels, series) in family.series.sorted(by: { $0.key.text < $1.key.text }) {
                series.write(name, labels, to: &text)
            }
        }
        let name = "nightbell_metrics_refused_series_total"
        text.family(name, kind: .counter, help: "Series that were not kept: too many, or of another kind.")
        text.sample(name, PrometheusLabels([]), Double(refused))
        ProcessMetrics.write(to: &text)
        return text.text
    }

    /// The series of this name and these labels, made if it is new; `nil` when it is refused.
    private func series<Series: PrometheusSeries>(
        _ label: String, _ dimensions: [(String, String)], _ kind: PrometheusKind, suffix: String = "",
        _ make: () -> Series
    ) -> Series? {
        let name = PrometheusText.name(label, suffix: suffix)
        let labels = PrometheusLabels(dimensions)
        return state.withLock { state in
            var family = state.families[name] ?? Family(kind: kind, help: help[label] ?? label)
            if let known = family.series[labels] {
                guard let known = known as? Series else {
                    state.refused += 1
                    return nil
                }
                return known
            }
            guard family.kind == kind, state.seriesCount < maximumSeries else {
                state.refused += 1
                return nil
            }
            let made = make()
            family.series[labels] = made
            state.families[name] = family
            state.seriesCount += 1
            return made
        }
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in
            for (name, family) in state.families {
                guard let found = family.series.first(where: { $0.value === handler }) else { continue }
                state.families[name]?.series[found.key] = nil
                state.seriesCount -= 1
                if state.families[name]?.series.isEmpty == true { state.families[name] = nil }
                return
            }
        }
    }
}
