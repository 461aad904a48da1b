import Statements

/// What is due while the profile is locked, as the worker knew before: answers to what was sent from here, and calls that were
/// promised from here. Times and urgencies alone.
///
/// Of a locked profile's messages no answer is heard, so each that is over is rung for: whoever sent it would rather look
/// once too often than telephone too late. Counted on a clock that nobody can set.
struct LockedDeadlines {
    typealias Instant = ContinuousClock.Instant

    private struct Deadline {
        let at: Instant
        let urgency: Urgency
        let isPromise: Bool
    }

    /// What is over.
    struct Overdue: Equatable {
        /// How many messages that were sent or handed on from here have no answer that is known.
        var messages = 0
        /// How many calls were promised from here.
        var promises = 0
        /// Of all of them.
        var mostUrgent = Urgency.routine

        var count: Int { messages + promises }
    }

    /// 60 s until what is over is rung for again; 10 min when nothing of it is urgent.
    private static func pause(after urgency: Urgency) -> Duration {
        urgency <= .urgent ? .seconds(60) : .seconds(600)
    }

    /// Ascending.
    private var deadlines: [Deadline] = []
    /// Those that are being told, and how many are still to come.
    private var coming: (missing: UInt32, deadlines: [Deadline])?
    /// Of how many messages that were handed on from here the worker rang because nobody had taken them up.
    private var inVain = (count: 0, urgency: Urgency.routine)
    /// How many were over when it rang last.
    private var rung: (count: Int, at: Instant)?

    /// How many messages wait for an answer.
    var awaited: Int { deadlines.count { !$0.isPromise } }

    /// Takes in what a worker tells. A part of them takes nothing's place.
    mutating func take(_ word: WorkerWord, at now: Instant) {
        switch word.kind {
        case .deadlines: coming = (word.number, [])
        case .deadline, .promise:
            guard let (missing, told) = coming else { return }
            let deadline = Deadline(
                at: now + .seconds(word.count), urgency: word.urgency, isPromise: word.kind == .promise)
            coming = (missing - 1, told + [deadline])
        case .inVain: inVain = (word.count, word.urgency)
        case .gone, .shown, .critical, .locking, .writing, .alive, .runs, .ran, .waits, .unsent: return
        }
        guard let told = coming, told.missing == 0 else { return }
        (deadlines, coming, rung) = (told.deadlines.sorted { $0.at < $1.at }, nil, nil)
    }

    /// The profile locks: what the worker rang for rings on, and so does what it told before, when perhaps nobody was there.
    mutating func lock(at now: Instant) {
        let missing = max(0, inVain.count - overdue(at: now).messages)
        let ringing = Deadline(at: now, urgency: inVain.urgency, isPromise: false)
        deadlines.insert(contentsOf: Array(repeating: ringing, count: missing), at: overdue(at: now).count)
        rung = nil
    }

    func overdue(at now: Instant) -> Overdue {
        deadlines.prefix { $0.at <= now }.reduce(into: Overdue()) { overdue, deadline in
            if deadline.isPromise { overdue.promises += 1 } else { overdue.messages += 1 }
            overdue.mostUrgent = min(overdue.mostUrgent, deadline.urgency)
        }
    }

    /// Whether to ring now: when one more is over, and every minute from then on.
    mutating func rings(at now: Instant) -> Bool {
        guard let pause = pause(at: now), pause <= .zero else { return false }
        rung = (overdue(at: now).count, now)
        return true
    }

    /// How long there is nothing to ring for; `nil`: for ever.
    func pause(at now: Instant) -> Duration? {
        let overdue = overdue(at: now)
        let over = overdue.count
        if over > rung?.count ?? 0 { return .zero }
        let next = over < deadlines.count ? deadlines[over].at - now : nil
        let again = over == 0 ? nil : rung.map { $0.at + Self.pause(after: overdue.mostUrgent) - now }
        return [next, again].compactMap { $0 }.min()
    }
}
