import DeviceKit
import Statements
import Synchronization

/// Rings for what was sent from here as soon as its sender must telephone, and again by the policy until that is done: it was
/// dismissed, answered or closed.
///
/// Over a session of its own, which waits for no relay: a deadline is over at its time, link or not.
final class TelephoneRinging: Sendable {
    private let ringer: Ringer
    /// Tells people a line.
    private let say: @Sendable (String) -> Void
    private let hasBegun = Mutex(false)

    init(_ ringer: Ringer, say: @escaping @Sendable (String) -> Void) {
        self.ringer = ringer
        self.say = say
    }

    /// What the relay had is here, or the relay is not: before that, an answer may be on its way.
    /// - Returns: Whether this is the first time.
    func begin() -> Bool {
        hasBegun.withLock { hasBegun in
            defer { hasBegun = true }
            return !hasBegun
        }
    }

    /// Until the task is cancelled.
    func run(_ profile: Profile) async throws {
        let changes = try ProfileChanges(profile.directory)
        // Opened last: whatever fails before has nothing to close.
        let session = try DeviceSession.open(profile, observer: SilentObserver())
        var look = TelephoneLook(session)
        // Its end is the end of its signals.
        defer { withExtendedLifetime(changes) {} }
        for await _ in changes.signals where hasBegun.withLock({ $0 }) {
            // A profile that another program holds just now is looked at the next time.
            guard let news = try? look.look() else { continue }
            for ringing in news.rings { ringer.ringAnew(ringing) }
            for (ringing, event) in news.over { ringer.settled(ringing, event) }
            news.lines.forEach(say)
        }
        await session.close()
    }
}

/// One look after the other at what was sent from here.
private struct TelephoneLook {
    struct News {
        var rings: [RingPlan.Ringing] = []
        var over: [(RingPlan.Ringing, RingQueue.Event)] = []
        var lines: [String] = []
    }

    private let session: DeviceSession
    private var plan = TelephonePlan()
    private var undelivered = UndeliveredPlan()
    private var rung: [MessageID: RingPlan.Ringing] = [:]
    /// What may come on the list by time alone, or stands on it.
    private var open: [SentState] = []
    private var seen: (version: Int64, position: UInt64)?

    init(_ session: DeviceSession) { self.session = session }

    mutating func look() throws -> News {
        let stored = try session.storePosition()
        try session.catchUp()
        if seen.map({ $0 != stored }) ?? true {
            // There may be ten thousand messages: while nothing is new, time passes for those alone that are not done.
            open = try session.sentStates().filter { !$0.isDone || Desk.mustBeTelephoned($0, session) }
            seen = stored
        }
        let now = session.laterClock()
        var news = News()
        let listed = open.filter { Desk.rings($0, session, now: now) }
        let (new, over) = plan.look(
            Dictionary(listed.map { ($0.message, Desk.mark($0, session) ?? "") }, uniquingKeysWith: { $1 }))
        for state in listed where new.contains(state.message) {
            let ringing = RingPlan.Ringing(state, again: Desk.isRecent(state, now: now), session)
            rung[state.message] = ringing
            news.rings.append(ringing)
        }
        for id in over {
            guard let ringing = rung.removeValue(forKey: id) else { continue }
            let isAnswered = (try? session.sentState(id.description)).map { !$0.isDealtWith } ?? false
            news.over.append((ringing, isAnswered ? .answered : .quiet))
        }
        for state in open {
            let isNews = undelivered.isNews(state, isAlarm: Desk.mustBeTelephoned(state, session), now: now)
            if isNews { news.lines.append(Desk.undelivered(state, session)) }
        }
        return news
    }
}
