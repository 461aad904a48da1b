/// Notices a worker that does nothing any more: somebody stopped it, or it hangs. On its screen all would look well, and
/// nothing would ring.
struct WorkerPulse {
    typealias Instant = ContinuousClock.Instant

    /// 30 s without a word, as for a link that delivers nothing.
    static let patience = Duration.seconds(30)
    /// 5 s between two words.
    static let pause = Duration.seconds(5)

    private var silence = Duration.zero
    private var looked: Instant

    init(at now: Instant) { looked = now }

    mutating func beat() { silence = .zero }

    /// Whether it has said nothing for too long. To be asked every ``pause`` at least.
    ///
    /// Time in which nobody asked counts as one pause: the machine slept, or both processes were stopped.
    mutating func isOver(at now: Instant) -> Bool {
        silence += min(now - looked, Self.pause)
        looked = now
        return silence > Self.patience
    }
}
