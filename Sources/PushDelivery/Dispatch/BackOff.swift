/// How long to wait before the next attempt: exponential, with jitter, so that what failed together does not return together.
public struct BackOff: Sendable {
    /// Before the second attempt.
    public let firstSeconds: Double
    /// No attempt waits longer, whatever was before.
    public let mostSeconds: Double

    public init(firstSeconds: Double, mostSeconds: Double) {
        precondition(firstSeconds > 0 && mostSeconds >= firstSeconds)
        self.firstSeconds = firstSeconds
        self.mostSeconds = mostSeconds
    }

    /// What a service's own rules ask for: Google wants at least 10 seconds before anything is tried again, and jitter takes no
    /// more than a half.
    public static func of(_ kind: PushTransportKind) -> BackOff {
        BackOff(firstSeconds: kind == .fcm ? 20 : 1, mostSeconds: 600)
    }

    /// Seconds until the next attempt.
    /// - Parameters:
    ///   - failures: Attempts that failed in a row, from 1.
    ///   - asked: What the service asked for, which is never undercut.
    ///   - random: 0 to 1.
    public func seconds(after failures: Int, asked: Int? = nil, random: Double = .random(in: 0..<1)) -> Double {
        // Three times as long each time; of which at least a half, for no attempt shall follow at once.
        let full = min(mostSeconds, firstSeconds * Double.power(3, max(0, min(failures, 20) - 1)))
        let jittered = full * (0.5 + random / 2)
        guard let asked else { return jittered }
        // A little behind what was asked for, and not all in that moment.
        return max(jittered, Double(asked) + min(full, 5) * random)
    }
}

extension Double {
    fileprivate static func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { result, _ in result * base }
    }
}
