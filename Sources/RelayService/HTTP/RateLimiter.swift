import Statements
import Synchronization

/// A token bucket an address: what a stranger can ask for before anything is verified.
final class RateLimiter: Sendable {
    private static let addressLimit = 100_000

    private struct Bucket {
        var tokens: Double
        var filled: Int64
    }

    private let perSecond: Double
    private let burst: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    init(perSecond: Int, burst: Int) {
        self.perSecond = Double(perSecond)
        self.burst = Double(burst)
    }

    /// Takes one token of an address.
    func permits(_ address: String, at time: Timestamp) -> Bool {
        buckets.withLock { buckets in
            if buckets.count >= Self.addressLimit, buckets[address] == nil {
                let full = burst
                let rate = perSecond
                buckets = buckets.filter {
                    $0.value.tokens + Double(time.milliseconds - $0.value.filled) / 1000 * rate < full
                }
                guard buckets.count < Self.addressLimit else { return false }
            }
            var bucket = buckets[address] ?? Bucket(tokens: burst, filled: time.milliseconds)
            let passed = max(0, Double(time.milliseconds - bucket.filled)) / 1000
            bucket.tokens = min(burst, bucket.tokens + passed * perSecond)
            bucket.filled = time.milliseconds
            defer { buckets[address] = bucket }
            guard bucket.tokens >= 1 else { return false }
            bucket.tokens -= 1
            return true
        }
    }
}
