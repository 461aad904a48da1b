import Statements

/// What was handed on from here, and waits for whoever shall have it: until they take it up, it is this person's.
struct HandedOnPlan {
    /// By message: whether it rings again.
    private var messages: [MessageID: Bool] = [:]

    /// What waits for whoever shall have it.
    var followed: [MessageID] { Array(messages.keys) }
    /// How many ring again.
    var ringing: Int { messages.values.count { $0 } }

    /// Its time is over.
    mutating func forget(_ message: MessageID) { messages[message] = nil }

    func follows(_ message: MessageID) -> Bool { messages[message] != nil }

    /// Takes in how it stands with a message now.
    /// - Parameter forward: Who shall have it; `nil` for one that was not handed on, or is dealt with.
    /// - Returns: What is to happen; `nil`: nothing.
    mutating func look(
        _ message: MessageID, _ urgency: Urgency, _ forward: CarriedOn?, _ policy: Policy, now: Timestamp
    ) -> RingQueue.Event? {
        guard let forward, !forward.isTakenUp else {
            return messages.removeValue(forKey: message) == nil ? nil : .answered
        }
        let isDue = forward.comesBack(after: nil, urgency, policy, reopenSeconds: 0).map { $0 <= now } ?? false
        let rang = messages.updateValue(isDue, forKey: message) ?? false
        guard isDue != rang else { return nil }
        // Handed to somebody else, it is waited for again.
        return isDue ? .ring : .quiet
    }
}
