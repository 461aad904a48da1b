import Statements

/// By when messages that were sent from here are to be answered, as the worker knew before the profile locked: times alone.
///
/// Of a locked profile's messages no answer is heard, so each that is over is rung for: whoever sent it would rather look
/// once too often than telephone too late.
struct LockedDeadlines {
    /// 60 s until what is over is rung for again.
    private static let againMilliseconds: Int64 = 60_000

    /// Ascending.
    private var times: [Timestamp] = []
    /// How many were over when it rang last.
    private var rung: (count: Int, at: Timestamp)?

    /// How many messages wait for an answer.
    var count: Int { times.count }

    /// Takes in what a worker tells.
    mutating func take(_ word: WorkerWord) {
        switch word.kind {
        case .deadlines: (times, rung) = ([], nil)
        case .deadline:
            let time = Timestamp(milliseconds: Int64(word.number) * 1000)
            times.insert(time, at: times.firstIndex { $0 > time } ?? times.endIndex)
        case .gone, .shown, .critical: break
        }
    }

    func overdue(at now: Timestamp) -> Int { times.firstIndex { $0 > now } ?? times.count }

    /// Whether to ring now: when one more is over, and every minute from then on.
    mutating func rings(at now: Timestamp) -> Bool {
        let pause = pause(at: now)
        guard pause == 0 else { return false }
        rung = (overdue(at: now), now)
        return true
    }

    /// How long there is nothing to ring for, in milliseconds; `nil`: never.
    func pause(at now: Timestamp) -> Int64? {
        let over = overdue(at: now)
        if over > rung?.count ?? 0 { return 0 }
        let next = over < times.count ? times[over].milliseconds(since: now) : nil
        let again = over == 0 ? nil : rung.map { Self.againMilliseconds - now.milliseconds(since: $0.at) }
        // A clock that was set back must not silence it.
        return [next, again].compactMap { $0 }.min().map { min(max(0, $0), Self.againMilliseconds) }
    }
}
