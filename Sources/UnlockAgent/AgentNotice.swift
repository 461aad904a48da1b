/// What an agent tells those who listen.
public enum AgentNotice: Sendable, Equatable {
    /// Whoever holds a key ends now, or is ended in a second.
    case locked(LockReason)
    case unlocked
    /// Something waits while all is locked; 0 is the most urgent.
    case ring(urgency: UInt8)
}

/// Why an agent did not do what it was asked for.
public enum AgentError: Error, Sendable, Equatable {
    /// It does not answer any more.
    case gone
    /// It holds the key of this profile, and that is another one.
    case wrongKey
    /// The system does not let it lock memory.
    case memoryNotLockable
}
