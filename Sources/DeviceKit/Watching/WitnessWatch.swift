import Statements

/// When a watcher asks what witnesses cosigned, and when it says that too few did: once, and once more when that is over.
///
/// Nothing waits for a witness, so that nothing is lost when the answer is an hour old.
struct WitnessWatch {
    /// 1 hour: how often the relay is asked.
    static let asksAfter: Duration = .seconds(3_600)
    /// 1 minute: how often what is known is looked at.
    static let looksAfter: Duration = .seconds(60)
    /// 2 hours: what was asked longer ago says more of the link than of the witnesses.
    static let knownMilliseconds: Int64 = 7_200_000

    private var asked: ContinuousClock.Instant?
    private var looked: ContinuousClock.Instant?
    private var isTold = false

    /// Whether the relay is to be asked now.
    mutating func asks(at now: ContinuousClock.Instant) -> Bool {
        guard Self.isDue(asked, Self.asksAfter, now) else { return false }
        asked = now
        // What it answers is news at once.
        looked = nil
        return true
    }

    /// Whether what is known is to be looked at now.
    mutating func looks(at now: ContinuousClock.Instant) -> Bool {
        guard Self.isDue(looked, Self.looksAfter, now) else { return false }
        looked = now
        return true
    }

    /// - Parameter notice: What is to be said of the witnesses; `nil` when as many vouch as are demanded.
    /// - Returns: Whether that is news.
    mutating func isNews(_ notice: String?) -> Bool {
        guard (notice != nil) != isTold else { return false }
        isTold = notice != nil
        return true
    }

    private static func isDue(
        _ last: ContinuousClock.Instant?, _ pause: Duration, _ now: ContinuousClock.Instant
    ) -> Bool { last.map { now - $0 >= pause } ?? true }
}
