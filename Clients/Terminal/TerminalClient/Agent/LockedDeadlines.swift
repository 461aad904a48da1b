import DeviceKit
import Statements

/// By when messages that were sent from here are to be answered, as the worker knew before the profile locked: times alone.
///
/// Of a locked profile's messages no answer is heard, so each that is over is rung for: whoever sent it would rather look
/// once too often than telephone too late. Counted on a clock that nobody can set.
struct LockedDeadlines {
    typealias Instant = ContinuousClock.Instant

    /// 60 s until what is over is rung for again.
    private static let again = Duration.seconds(60)

    /// Ascending.
    private var times: [Instant] = []
    /// Those that are being told, and how many are still to come.
    private var coming: (missing: UInt32, times: [Instant])?
    /// Of how many messages that were handed on from here the worker rang because nobody had taken them up.
    private var inVain = 0
    /// How many were over when it rang last.
    private var rung: (count: Int, at: Instant)?

    /// How many messages wait for an answer.
    var count: Int { times.count }

    /// Takes in what a worker tells. A part of them takes nothing's place.
    mutating func take(_ word: WorkerWord, at now: Instant) {
        switch word.kind {
        case .deadlines: coming = (word.number, [])
        case .deadline:
            guard let (missing, times) = coming else { return }
            coming = (missing - 1, times + [now + .seconds(Int64(word.number))])
        case .inVain: inVain = Int(word.number)
        case .gone, .shown, .critical, .locking: return
        }
        guard let told = coming, told.missing == 0 else { return }
        (times, coming, rung) = (told.times.sorted(), nil, nil)
    }

    /// The profile locks: what was over long before was told by the worker itself. What it rang for rings on.
    mutating func lock(at now: Instant) {
        times.removeAll { $0 + .milliseconds(OpenDeadlines.lateMilliseconds) < now }
        times.insert(contentsOf: Array(repeating: now, count: max(0, inVain - overdue(at: now))), at: overdue(at: now))
        rung = nil
    }

    func overdue(at now: Instant) -> Int { times.firstIndex { $0 > now } ?? times.count }

    /// Whether to ring now: when one more is over, and every minute from then on.
    mutating func rings(at now: Instant) -> Bool {
        guard let pause = pause(at: now), pause <= .zero else { return false }
        rung = (overdue(at: now), now)
        return true
    }

    /// How long there is nothing to ring for; `nil`: for ever.
    func pause(at now: Instant) -> Duration? {
        let over = overdue(at: now)
        if over > rung?.count ?? 0 { return .zero }
        let next = over < times.count ? times[over] - now : nil
        let again = over == 0 ? nil : rung.map { $0.at + Self.again - now }
        return [next, again].compactMap { $0 }.min()
    }
}
