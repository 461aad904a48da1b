import Synchronization

/// Gives a link up on which nothing whole has come for 28 s: a relay that keeps a connection open and says nothing on it,
/// half an answer, or a byte now and then, must not look like one that is there.
///
/// A slow link is not a dead one: while at least 2 KiB a second come, there is another 28 s.
final class LinkWatchdog: Sendable {
    static let limit: Duration = .seconds(28)
    private static let bytesPerSecond: Int64 = 2_048

    private struct Waiting {
        var since: ContinuousClock.Instant
        /// Bytes that had come by then.
        var bytes: Int64
    }

    private let waiting = Mutex<Waiting?>(nil)
    private let limit: Duration
    private let received: @Sendable () -> Int64

    /// - Parameter received: How many bytes have come over the link, ever.
    init(limit: Duration = LinkWatchdog.limit, received: @escaping @Sendable () -> Int64) {
        self.limit = limit
        self.received = received
    }

    /// Something whole came, or is awaited from now on.
    func expect(at now: ContinuousClock.Instant = .now) {
        let bytes = received()
        waiting.withLock { $0 = Waiting(since: now, bytes: bytes) }
    }

    /// Nothing is awaited.
    func rest() { waiting.withLock { $0 = nil } }

    /// Whether the link is to be given up now.
    func isDead(at now: ContinuousClock.Instant) -> Bool {
        let bytes = received()
        return waiting.withLock { waiting in
            guard let begun = waiting, now - begun.since >= limit else { return false }
            waiting = Waiting(since: now, bytes: bytes)
            return bytes - begun.bytes < Self.bytesPerSecond * (now - begun.since).components.seconds
        }
    }

    /// Looks again and again, until the task is cancelled.
    func run(giveUp: @Sendable () async -> Void) async {
        while (try? await Task.sleep(for: min(.seconds(1), limit / 4))) != nil {
            if isDead(at: .now) { await giveUp() }
        }
    }
}
