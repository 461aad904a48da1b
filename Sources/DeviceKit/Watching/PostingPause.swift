/// When a watcher may post its receipts again after the relay did not take them.
///
/// A post can hang for as long as an answer is waited for: it must not do so between any two messages.
struct PostingPause {
    private static let first: Duration = .seconds(1)
    private static let longest: Duration = .seconds(60)

    private var length = first
    private var notBefore: ContinuousClock.Instant?

    func isOver(at now: ContinuousClock.Instant) -> Bool { notBefore.map { now >= $0 } ?? true }

    /// The next pause is twice as long, up to a minute.
    mutating func failed(at now: ContinuousClock.Instant) {
        notBefore = now.advanced(by: length)
        length = min(length * 2, Self.longest)
    }

    mutating func succeeded() { self = PostingPause() }
}
