import Synchronization

/// What the screen hears, from everyone who tells it something: in the order in which it was told, what came together at
/// once.
final class EventFeed: Sendable, AsyncSequence {
    typealias Element = [ScreenEvent]

    private struct Waiting: Sendable {
        var events: [ScreenEvent] = []
        var failure: (any Error)?
    }

    private let waiting = Mutex(Waiting())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init() { (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// Tells the screen something. Never waits.
    func put(_ events: ScreenEvent...) {
        waiting.withLock { $0.events += events }
        signal.yield()
    }

    /// Ends the screen with an error, after everything that was told before.
    func fail(_ error: any Error) {
        waiting.withLock { $0.failure = $0.failure ?? error }
        signal.yield()
    }

    func makeAsyncIterator() -> Iterator { Iterator(feed: self, signals: signals.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let feed: EventFeed
        fileprivate var signals: AsyncStream<Void>.Iterator

        /// - Returns: At least one event; `nil` when the task is cancelled.
        mutating func next() async throws -> [ScreenEvent]? {
            while true {
                let (events, failure) = feed.waiting.withLock { waiting in
                    defer { waiting.events = [] }
                    return (waiting.events, waiting.failure)
                }
                if !events.isEmpty { return events }
                if let failure { throw failure }
                guard await signals.next(isolation: #isolation) != nil else { return nil }
            }
        }
    }
}
