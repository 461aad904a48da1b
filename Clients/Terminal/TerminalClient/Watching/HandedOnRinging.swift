import DeviceKit
import Membership
import Statements

/// Rings for what was handed on from here when it was declined or not taken up in time, and tells when somebody took it up.
///
/// Over a session of its own, which waits for no relay: whichever program of the profile handed it on or learnt of an answer,
/// it is seen within a second.
struct HandedOnRinging {
    private let session: DeviceSession
    private let ringer: Ringer
    private var plan = HandedOnPlan()
    /// What is not looked at again before another program has made a step: it was taken up, or is over.
    private var settled: Set<MessageID> = []
    private var version: Int64?

    private init(_ session: DeviceSession, _ ringer: Ringer) {
        self.session = session
        self.ringer = ringer
    }

    /// Until the task is cancelled.
    static func run(_ profile: Profile, _ ringer: Ringer) async throws {
        let changes = try ProfileChanges(profile.directory)
        // Opened last: whatever fails before has nothing to close.
        let session = try DeviceSession.open(profile, observer: SilentObserver())
        var ringing = HandedOnRinging(session, ringer)
        // Its end is the end of its signals.
        defer { withExtendedLifetime(changes) {} }
        for await _ in changes.signals {
            // A profile that another program holds just now is looked at the next time.
            try? ringing.look()
        }
        await session.close()
    }

    private mutating func look() throws {
        let stored = try session.profile.storeVersion()
        let isNew = stored != version
        guard isNew || !plan.followed.isEmpty else { return }
        if isNew { (settled, version) = ([], stored) }
        try session.catchUp()
        // There may be ten thousand messages: while nothing is new, time passes for those alone that are waited for.
        let messages = isNew ? try session.inbox() : try plan.followed.map { try session.inboxMessage($0.description) }
        let unproven = try session.unprovenAnswers()
        let now = session.laterClock()
        for message in messages where !settled.contains(message.message) {
            let answer = unproven[message.message]
            guard message.state == "handed_off" || answer == .handedOff || plan.follows(message.message) else {
                continue
            }
            let listed = ListedMessage(message, session, unproven: answer)
            let forward = listed.isHandedOn ? listed.carriedOn : nil
            let isDone = forward?.isTakenUp ?? !listed.isHandedOn
            let isOver = !isDone && (forward?.expires ?? message.expires) <= now
            if isOver { plan.forget(message.message) } else { tell(message, forward, now: now) }
            if isDone || isOver { settled.insert(message.message) }
        }
    }

    private mutating func tell(_ message: InboxMessage, _ forward: CarriedOn?, now: Timestamp) {
        let policy = session.view.policy
        guard let event = plan.look(message.message, message.urgency, forward, policy, now: now) else { return }
        let seconds = policy.alerts[message.urgency]?.realertSeconds ?? 0
        let ringing = RingPlan.Ringing(message, again: seconds, forward: forward, session)
        if event == .ring { ringer.ringAnew(ringing) } else { ringer.settled(ringing, event) }
    }
}
