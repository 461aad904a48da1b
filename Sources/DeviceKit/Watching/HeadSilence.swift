import Statements

/// How long a watcher has gone without a new word of the relay on the present that it believes (design section 4).
///
/// A relay that keeps a stream alive and stops signing heads hides what it holds back: nothing else on the stream says
/// what there is.
struct HeadSilence {
    /// 150 s, two heads and a half: a stream that brought none for so long is given up.
    static let reconnectsAfter: Duration = .seconds(150)
    /// 5 minutes: how old the present may be before a person is told, and how often again.
    static let bannerAfter: Duration = .seconds(300)
    /// Streams that were given up one after another before it is called a finding.
    static let streamsBeforeFinding = 3

    /// When the last new head was believed; at first, when watching began.
    private(set) var since: ContinuousClock.Instant
    private var opened: ContinuousClock.Instant
    private var last: Timestamp?
    private var banner: ContinuousClock.Instant
    private var silentStreams = 0

    init(at now: ContinuousClock.Instant) {
        since = now
        opened = now
        banner = now.advanced(by: Self.bannerAfter)
    }

    /// A new stream has its own time for its first head.
    mutating func streamOpened(at now: ContinuousClock.Instant) { opened = now }

    /// Notes the time of the head that is believed now. The same head again is no news.
    mutating func look(at time: Timestamp?, now: ContinuousClock.Instant) {
        guard let time, time != last else { return }
        last = time
        since = now
        banner = now.advanced(by: Self.bannerAfter)
        silentStreams = 0
    }

    /// Whether a person is to be told now: after five minutes, and every five minutes again.
    /// - Returns: For how many seconds there has been no head.
    mutating func takeBanner(at now: ContinuousClock.Instant) -> Int64? {
        guard now >= banner else { return nil }
        banner = now.advanced(by: Self.bannerAfter)
        return (now - since).components.seconds
    }

    /// Whether the stream is to be given up.
    mutating func endsStream(at now: ContinuousClock.Instant) -> Bool {
        guard now - max(since, opened) >= Self.reconnectsAfter else { return false }
        silentStreams += 1
        return true
    }

    /// Whether stream after stream stayed without a head: no accident.
    var isFinding: Bool { silentStreams >= Self.streamsBeforeFinding }
}
