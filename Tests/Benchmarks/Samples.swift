import Synchronization

/// Durations, collected from many tasks.
final class Samples: Sendable {
    private let values = Mutex<[Double]>([])

    func add(_ duration: Duration) { values.withLock { $0.append(seconds(duration)) } }

    var count: Int { values.withLock { $0.count } }

    /// `50% 99% max`, in milliseconds.
    var summary: String {
        let sorted = values.withLock { $0.sorted() }
        guard !sorted.isEmpty else { return "none" }
        return
            "p50 \(milliseconds(Self.at(0.5, of: sorted))) ms, p99 \(milliseconds(Self.at(0.99, of: sorted))) ms, max \(milliseconds(sorted[sorted.count - 1])) ms"
    }

    /// The median time of something, in seconds.
    static func median(of rounds: Int, _ body: () throws -> Void) throws -> Double {
        let samples = Samples()
        for _ in 0..<max(1, rounds) {
            let start = ContinuousClock.now
            try body()
            samples.add(ContinuousClock.now - start)
        }
        return samples.median
    }

    var median: Double { at(0.5) }

    /// Seconds that such a share of the samples does not exceed; 0 without samples.
    func at(_ share: Double) -> Double { Self.at(share, of: values.withLock { $0.sorted() }) }

    private static func at(_ share: Double, of sorted: [Double]) -> Double {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}

func milliseconds(_ seconds: Double) -> String { rounded(seconds * 1000, 1) }

func rounded(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let text = "\((value * scale).rounded() / scale)"
    return digits == 0 ? String(text.prefix { $0 != "." }) : text
}
