/// What an agent tells those who listen.
public enum AgentNotice: Sendable, Equatable {
    /// Whoever holds a key ends now, or is ended in a second.
    case locked(LockReason)
    case unlocked
    /// Something waits while all is locked; 0 is the most urgent. `nil`: nothing waits any more.
    case ring(urgency: UInt8?)
    /// Whether anything can ring.
    case link(RingLink)
}

/// How it stands with what rings while a profile is locked.
public enum RingLink: UInt8, Sendable {
    case listening = 1
    /// The relay cannot be reached now; it is tried again.
    case down = 2
    /// Nothing rings until the profile is unlocked.
    case over = 3
}

/// Why an agent did not do what it was asked for.
public enum AgentError: Error, Sendable, Equatable {
    /// It does not answer any more.
    case gone
    /// It holds the key of this profile, and that is another one.
    case wrongKey
    /// It says that it has locked, and is unlocked.
    case stillUnlocked
    /// The system does not let it lock memory.
    case memoryNotLockable
}
