import Statements
import Synchronization

/// One clock for entries and heads, so that an honest head is never a false word: an entry's time is never before the
/// time of a head that did not know of it.
final class BatchClock: Sendable {
    private struct State {
        var inFlight: Timestamp?
        var lastHead: Timestamp
    }

    private let now: @Sendable () -> Timestamp
    private let state: Mutex<State>

    /// - Parameter last: The newest entry's time: no head that knows of it is of an earlier one, whatever became of the wall
    ///   clock meanwhile.
    init(after last: Timestamp, now: @escaping @Sendable () -> Timestamp = { Timestamp.now() }) {
        self.now = now
        state = Mutex(State(lastHead: last))
    }

    /// The wall clock itself, for what is not logged.
    var wallTime: Timestamp { now() }

    /// The one clock read of a batch.
    func beginBatch(after lastEntry: Timestamp) -> Timestamp {
        state.withLock { state in
            let time = max(now(), lastEntry, state.lastHead)
            state.inFlight = time
            return time
        }
    }

    /// The batch is durable and published, or gone. Heads of its own time may have left with its answers.
    func endBatch() {
        state.withLock { state in
            if let time = state.inFlight { state.lastHead = max(state.lastHead, time) }
            state.inFlight = nil
        }
    }

    /// The time of a head whose content is read after this call.
    func headTime() -> Timestamp {
        state.withLock { state in
            let time = max(min(now(), state.inFlight ?? Timestamp(milliseconds: .max)), state.lastHead)
            state.lastHead = time
            return time
        }
    }
}
