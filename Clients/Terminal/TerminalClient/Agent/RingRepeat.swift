import DeviceKit
import Statements

/// When a locked profile is rung for again: by the policy of the most urgent message that waits, until none does.
struct RingRepeat: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// Seconds until it rings again; 0: once is enough.
    private let realertSeconds: [Urgency: UInt64]
    private var waiting: (urgency: Urgency, due: Instant)?

    init(realertSeconds: [Urgency: UInt64]) { self.realertSeconds = realertSeconds }

    /// What the relay says now.
    mutating func heard(_ urgency: Urgency?, at now: Instant) {
        guard let urgency else {
            waiting = nil
            return
        }
        // Told again of the same, the time runs on: else a stream that tells often would never ring again.
        if waiting?.urgency == urgency { return }
        waiting = pause(urgency).map { (urgency, now + $0) }
    }

    /// - Returns: What is to be rung for once more.
    mutating func look(at now: Instant) -> Urgency? {
        guard let (urgency, due) = waiting, now >= due else { return nil }
        waiting = pause(urgency).map { (urgency, now + $0) }
        return urgency
    }

    private func pause(_ urgency: Urgency) -> Duration? {
        let seconds = realertSeconds[urgency] ?? 0
        return seconds > 0 ? .seconds(Int64(clamping: min(seconds, 1 << 32))) : nil
    }
}
