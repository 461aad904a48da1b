/// When a profile is locked, and what that takes: the rules alone, without clock, socket or key.
///
/// - Locked, nobody gets a key. Unlocked, every use by a person puts the lock off; what runs by itself does not.
/// - Locking wipes the key first, then tells everyone, and ends whoever still holds a key when the grace is over.
/// - It is over only when nobody holds a key any more: whoever asked for it hears of it then.
struct LockMachine: ~Copyable {
    typealias Instant = ContinuousClock.Instant

    /// What to do, in this order.
    enum Action: Equatable {
        case wipe
        case tellLocked(LockReason)
        case tellUnlocked
        case endHolders
        /// Everything is locked: answers to those who asked, and to the machine that wants to sleep.
        case settle
    }

    /// What came of a wish to unlock.
    enum Unlocking: Equatable {
        case unlocked
        /// The last lock is not over: ask again in a moment.
        case notYet
    }

    private enum State {
        case locked
        case unlocked(lastUse: Instant)
        case locking(graceEnds: Instant)
    }

    /// 1 s.
    static let grace = Duration.seconds(1)

    private var state = State.locked
    private(set) var lockAfter: Duration

    init(lockAfter: Duration) { self.lockAfter = lockAfter }

    /// Whether keys are given.
    var isUnlocked: Bool {
        if case .unlocked = state { true } else { false }
    }

    /// Nobody holds a key, and none is given.
    var isSettled: Bool {
        if case .locked = state { true } else { false }
    }

    /// How long nobody has done anything; `nil` when locked.
    func idle(at now: Instant) -> Duration? {
        if case .unlocked(let lastUse) = state { now - lastUse } else { nil }
    }

    /// When ``look(at:holders:)`` is due at the latest.
    var due: Instant? {
        switch state {
        case .locked: nil
        case .unlocked(let lastUse): lastUse + lockAfter
        case .locking(let graceEnds): graceEnds
        }
    }

    mutating func unlock(at now: Instant) -> (Unlocking, [Action]) {
        switch state {
        case .locking: return (.notYet, [])
        case .unlocked:
            state = .unlocked(lastUse: now)
            return (.unlocked, [])
        case .locked:
            state = .unlocked(lastUse: now)
            return (.unlocked, [.tellUnlocked])
        }
    }

    /// A person did something.
    mutating func used(at now: Instant) {
        if case .unlocked = state { state = .unlocked(lastUse: now) }
    }

    /// The policy changed; a time that is over already locks at the next look.
    mutating func setLockAfter(_ duration: Duration) { lockAfter = duration }

    /// - Parameter holders: How many processes hold keys.
    mutating func lock(_ reason: LockReason, at now: Instant, holders: Int) -> [Action] {
        switch state {
        case .locked: return [.settle]
        case .locking: return []
        case .unlocked:
            guard holders > 0 else {
                state = .locked
                return [.wipe, .tellLocked(reason), .settle]
            }
            state = .locking(graceEnds: now + Self.grace)
            return [.wipe, .tellLocked(reason)]
        }
    }

    /// Time went on, or a holder ended.
    mutating func look(at now: Instant, holders: Int) -> [Action] {
        switch state {
        case .locked: return []
        case .unlocked(let lastUse):
            return now - lastUse >= lockAfter ? lock(.idle, at: now, holders: holders) : []
        case .locking(let graceEnds):
            if holders == 0 {
                state = .locked
                return [.settle]
            }
            guard now >= graceEnds else { return [] }
            // Again after another grace: SIGKILL is not refused, but its victim may take a moment to go.
            state = .locking(graceEnds: now + Self.grace)
            return [.endHolders]
        }
    }
}

/// Why a profile was locked.
public enum LockReason: UInt8, Sendable, CaseIterable {
    /// `nightbell lock`, or L on a screen.
    case asked = 1
    /// Nobody did anything for the time of the policy.
    case idle = 2
    /// The machine goes to sleep.
    case sleep = 3
    /// SIGHUP.
    case hangUp = 4
    /// The agent ends.
    case ending = 5
    /// This device was revoked, and its key is destroyed.
    case revoked = 6

    /// For people, behind "locked: ".
    public var sentence: String {
        switch self {
        case .asked: "locked by hand (the key L, or \"nightbell lock\")"
        case .idle: "locked because nobody used it for a while"
        case .sleep: "locked because the machine went to sleep"
        case .hangUp: "locked by a hang-up signal"
        case .ending: "locked because its agent was ended"
        case .revoked: "closed for good because this device was revoked"
        }
    }
}
