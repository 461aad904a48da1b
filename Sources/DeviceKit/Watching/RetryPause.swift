/// How long it is until a link is tried again: half a second at first, twice as long each time, half a minute at the most, and
/// half of it at random, so that a relay that comes back is not met by everyone at once.
struct RetryPause {
    private static let first: Int64 = 500
    private static let last: Int64 = 30_000

    private var longest = first

    /// The link was good.
    mutating func reset() { longest = Self.first }

    /// The link was good. While a copy of this device takes the stream, it is good for a moment each time: the two would take
    /// it from each other without end, faster than a message gets through.
    mutating func reset(at now: ContinuousClock.Instant, _ contest: StreamContest) {
        if !contest.isOn(at: now) { reset() }
    }

    /// The next pause, in milliseconds.
    mutating func next() -> Int64 {
        defer { longest = min(longest * 2, Self.last) }
        return longest / 2 + Int64.random(in: 0...(longest / 2))
    }
}

/// Whether another process, with a copy of this profile, takes this device's stream.
struct StreamContest {
    /// 2 min without a loss end it.
    private static let length = Duration.seconds(120)

    private var lost: ContinuousClock.Instant?

    mutating func lose(at now: ContinuousClock.Instant) { lost = now }

    func isOn(at now: ContinuousClock.Instant) -> Bool { lost.map { now - $0 < Self.length } ?? false }
}
