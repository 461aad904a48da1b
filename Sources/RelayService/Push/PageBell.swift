import Statements
import Synchronization

/// What batches tell the outbox of pages: that something may be due, and what nobody needs any more.
final class PageBell: Sendable {
    /// Whose attempts are looked at anew.
    enum Over: Hashable, Sendable {
        /// A message's pages are not needed any more, or not all of them.
        case message(MessageID)
        /// A device is paged no more.
        case device(DeviceID)
    }

    private struct State {
        var listener: AsyncStream<Void>.Continuation?
        var over: [Over] = []
    }

    private let state = Mutex(State())

    /// Yields at once, and whenever there may be something to do; ringing twice is ringing once. There is one listener.
    func listen() -> AsyncStream<Void> {
        let (signals, signal) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        signal.yield()
        state.withLock { $0.listener = signal }
        return signals
    }

    func ring() { state.withLock { $0.listener }?.yield() }

    /// Attempts that wait for their turn, or are on their way, are given up, and looked at anew.
    func cancel(_ over: Over) {
        // Without a listener there is nothing to cancel.
        state.withLock { if $0.listener != nil { $0.over.append(over) } }
        ring()
    }

    /// Told once.
    func takeCancelled() -> [Over] {
        state.withLock { state in
            defer { state.over = [] }
            return state.over
        }
    }

    func end() { state.withLock { $0.listener }?.finish() }
}
