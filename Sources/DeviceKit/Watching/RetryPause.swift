/// How long it is until a link is tried again: half a second at first, twice as long each time, half a minute at the most, and
/// half of it at random, so that a relay that comes back is not met by everyone at once.
struct RetryPause {
    private static let first: Int64 = 500
    private static let last: Int64 = 30_000

    private var longest = first

    /// The link was good.
    mutating func reset() { longest = Self.first }

    /// The next pause, in milliseconds.
    mutating func next() -> Int64 {
        defer { longest = min(longest * 2, Self.last) }
        return longest / 2 + Int64.random(in: 0...(longest / 2))
    }
}
