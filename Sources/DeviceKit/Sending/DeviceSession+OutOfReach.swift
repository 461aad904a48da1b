import DeviceStorage
import Membership
import Statements

/// Which of this device's messages no device has any more that could answer: each is told once by each watcher.
struct OutOfReach {
    /// The roster that was looked at last: nothing changes without an entry of it.
    private var size: UInt64 = 0
    private var told: Set<MessageID> = []

    /// Whether there may be news.
    func isStale(_ roster: UInt64) -> Bool { roster > size }

    /// - Parameter messages: All that are out of reach under a roster of this size.
    /// - Returns: Those that were not told.
    mutating func take(_ messages: [SentState], at roster: UInt64) -> [SentState] {
        size = roster
        return messages.filter { told.insert($0.message).inserted }
    }
}

extension DeviceSession {
    /// Whether no device is left (revoked, or suspended) of those that a message of ours was sealed to, and nobody has answered
    /// it, or who took it up has not closed it: a device that joined later has nothing of it, not even the number to call, and
    /// its sender ought to telephone before any deadline.
    public func isOutOfReach(_ state: SentState) -> Bool { state.isOutOfReach { view.liveDevice($0) != nil } }

    /// Tells of sent messages that a change of the roster put out of reach. What has expired was told by its deadline.
    func tellOutOfReach(
        _ known: inout OutOfReach, now: Timestamp, _ tell: (SentState) throws -> Void
    ) rethrows {
        let size = roster.size
        // A profile that another program holds just now is looked at the next time.
        guard known.isStale(size), let states = try? sentStates() else { return }
        let out = states.filter { isOutOfReach($0) && !$0.isDealtWith && ($0.expires.map { $0 > now } ?? true) }
        for state in known.take(out, at: size) { try tell(state) }
    }
}
