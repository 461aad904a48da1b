import Statements
import Synchronization

/// How often something was accepted within the last hour, by who did it. In memory: a restart forgives.
///
/// Asked when nothing else speaks against it: a refusal and the repetition of an accepted request are free.
final class HourlyQuota<Key: Hashable & Sendable>: Sendable {
    private static var hour: Int64 { 3_600_000 }

    private struct State {
        var accepted: [Key: [Int64]] = [:]
        var swept: Int64 = 0
    }

    private let state = Mutex(State())

    /// Counts one more, if it is within the limit.
    func take(_ key: Key, limit: UInt64, at time: Timestamp) -> Bool {
        state.withLock { state in
            let start = time.milliseconds - Self.hour
            // What is older than an hour goes once in an hour.
            if state.swept <= start {
                state.accepted = state.accepted.compactMapValues { times in
                    let kept = times.filter { $0 > start }
                    return kept.isEmpty ? nil : kept
                }
                state.swept = time.milliseconds
            }
            guard UInt64((state.accepted[key] ?? []).count { $0 > start }) < limit else { return false }
            state.accepted[key, default: []].append(time.milliseconds)
            return true
        }
    }
}

/// One device's receipts on one message.
struct ReceiptSubject: Hashable, Sendable {
    /// A device says a handful of things about a message; each is a notice to its sender's devices.
    static let limitPerHour: UInt64 = 32

    let device: DeviceID
    let message: MessageID
}
