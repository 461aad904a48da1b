import CoreMetrics
import Testing

@testable import RelayService

@Suite struct PrometheusMetricsTests {
    private func lines(_ metrics: PrometheusMetrics) -> [Substring] {
        metrics.text().split(separator: "\n")
    }

    @Test func eachKindIsWrittenWithItsHelpAndType() {
        let metrics = PrometheusMetrics(help: ["nb.accepted": "Messages that were accepted."])
        Counter(label: "nb.accepted", dimensions: [("result", "ok")], factory: metrics).increment(by: 3)
        FloatingPointCounter(label: "nb.cost", factory: metrics).increment(by: 1.5)
        Gauge(label: "nb.streams", factory: metrics).record(12)
        let meter = Meter(label: "nb.level", factory: metrics)
        meter.set(5)
        meter.decrement(by: 1.5)
        let recorder = Recorder(label: "nb.batch", aggregate: true, factory: metrics)
        recorder.record(10)
        recorder.record(5)
        let expected = [
            "# HELP nb_accepted_total Messages that were accepted.", "# TYPE nb_accepted_total counter",
            "nb_accepted_total{result=\"ok\"} 3", "# HELP nb_batch nb.batch", "# TYPE nb_batch summary",
            "nb_batch_sum 15", "nb_batch_count 2", "# HELP nb_cost_total nb.cost", "# TYPE nb_cost_total counter",
            "nb_cost_total 1.5", "# HELP nb_level nb.level", "# TYPE nb_level gauge", "nb_level 3.5",
            "# HELP nb_streams nb.streams", "# TYPE nb_streams gauge", "nb_streams 12",
        ]
        #expect(lines(metrics).prefix(expected.count).map(String.init) == expected)
    }

    @Test func timersAreCumulativeHistogramsInSeconds() {
        let metrics = PrometheusMetrics()
        let timer = Timer(label: "http.server.request.duration", dimensions: [("route", "/v1/x")], factory: metrics)
        timer.recordMicroseconds(400)
        timer.recordMilliseconds(3)
        timer.recordMilliseconds(5)
        timer.recordSeconds(60)
        timer.recordNanoseconds(-5)
        let name = "http_server_request_duration_seconds"
        let text = lines(metrics).map(String.init)
        #expect(text.contains("# TYPE \(name) histogram"))
        #expect(text.contains("\(name)_bucket{route=\"/v1/x\",le=\"0.0005\"} 2"))
        #expect(text.contains("\(name)_bucket{route=\"/v1/x\",le=\"0.0025\"} 2"))
        #expect(text.contains("\(name)_bucket{route=\"/v1/x\",le=\"0.005\"} 4"))
        #expect(text.contains("\(name)_bucket{route=\"/v1/x\",le=\"10\"} 4"))
        #expect(text.contains("\(name)_bucket{route=\"/v1/x\",le=\"+Inf\"} 5"))
        #expect(text.contains("\(name)_count{route=\"/v1/x\"} 5"))
        #expect(text.filter { $0.hasPrefix("\(name)_bucket") }.count == HistogramSeries.bounds.count + 1)
    }

    @Test func valuesOfLabelsAreEscapedAndNamesCleaned() {
        let metrics = PrometheusMetrics(help: ["9x-y": "one\\two\nthree"])
        Counter(label: "9x-y", dimensions: [("a b", "q\"\\\n"), ("le", "1")], factory: metrics).increment()
        let text = metrics.text()
        #expect(text.contains("# HELP _9x_y_total one\\\\two\\nthree\n"))
        #expect(text.contains("_9x_y_total{a_b=\"q\\\"\\\\\\n\",le_=\"1\"} 1\n"))
    }

    @Test func theSameNameAndLabelsAreOneSeriesWhateverTheirOrder() {
        let metrics = PrometheusMetrics()
        Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: metrics).increment()
        Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: metrics).increment()
        #expect(metrics.text().contains("c_total{a=\"1\",b=\"2\"} 2\n"))
    }

    @Test func seriesBeyondTheBoundAreCountedAndDropped() {
        let metrics = PrometheusMetrics(maximumSeries: 3)
        for index in 0..<10 { Counter(label: "c", dimensions: [("i", "\(index)")], factory: metrics).increment() }
        let text = metrics.text()
        #expect(text.components(of: "c_total{") == 3)
        #expect(text.contains("nightbell_metrics_refused_series_total 7\n"))
    }

    @Test func aNameOfAnotherKindIsDroppedRatherThanWrittenWrongly() {
        let metrics = PrometheusMetrics()
        Gauge(label: "x_total", factory: metrics).record(1)
        Counter(label: "x", factory: metrics).increment()
        let text = metrics.text()
        #expect(text.components(of: "# TYPE x_total") == 1)
        #expect(text.contains("nightbell_metrics_refused_series_total 1\n"))
    }

    @Test func destroyedSeriesDisappearAndMakeRoom() {
        let metrics = PrometheusMetrics(maximumSeries: 1)
        let first = Counter(label: "first", factory: metrics)
        first.increment()
        first.destroy()
        Counter(label: "second", factory: metrics).increment()
        let text = metrics.text()
        #expect(!text.contains("first"))
        #expect(text.contains("second_total 1\n"))
    }

    @Test func countersNeverFall() {
        let metrics = PrometheusMetrics()
        let counter = Counter(label: "c", factory: metrics)
        counter.increment(by: 5)
        counter.increment(by: -3)
        #expect(metrics.text().contains("c_total 5\n"))
    }

    @Test func everyLineHasTheFormOfTheFormat() throws {
        let metrics = PrometheusMetrics()
        Gauge(label: "g", factory: metrics).record(Double.infinity)
        Gauge(label: "n", factory: metrics).record(Double.nan)
        Gauge(label: "small", factory: metrics).record(0.000_01)
        Timer(label: "t", factory: metrics).recordSeconds(1)
        let sample =
            #/[a-zA-Z_:][a-zA-Z0-9_:]*({[a-zA-Z_][a-zA-Z0-9_]*="[^"]*"(,[a-zA-Z_][a-zA-Z0-9_]*="[^"]*")*})? \S+/#
        for line in lines(metrics) where !line.hasPrefix("#") {
            #expect(line.wholeMatch(of: sample) != nil, "\(line)")
            let value = try #require(line.split(separator: " ").last)
            #expect(["+Inf", "-Inf", "NaN"].contains(value) || Double(value) != nil)
        }
        let text = metrics.text()
        #expect(text.hasSuffix("\n"))
        for name in ["process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"] {
            #expect(text.contains("\n\(name) "))
        }
    }
}

extension String {
    /// How often `part` occurs.
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
