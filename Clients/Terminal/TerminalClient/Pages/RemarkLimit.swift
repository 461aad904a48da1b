/// Keeps whoever writes nonsense from filling the screen with words about it: a remark every 5 s, which says how many there
/// would have been.
struct RemarkLimit {
    static let pause = Duration.seconds(5)

    private var said: ContinuousClock.Instant?
    private var held = 0

    /// - Returns: What is to be said now; `nil`: nothing.
    mutating func words(_ remark: String, at now: ContinuousClock.Instant = .now) -> String? {
        if let said, now - said < Self.pause {
            held += 1
            return nil
        }
        defer { (said, held) = (now, 0) }
        return held == 0 ? remark : "\(remark) (and \(held) more since the last time this was said)"
    }
}
