import Statements

/// What was handed on from here, and waits for whoever shall have it: until they take it up, it is this person's.
struct HandedOnPlan {
    private struct Message {
        let urgency: Urgency
        /// Whether it rings again.
        let rings: Bool
    }

    private var messages: [MessageID: Message] = [:]

    /// What waits for whoever shall have it.
    var followed: [MessageID] { Array(messages.keys) }
    /// The urgencies of those that ring again, the most urgent first.
    var ringing: [Urgency] { messages.values.filter(\.rings).map(\.urgency).sorted() }

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
        let rang = messages.updateValue(Message(urgency: urgency, rings: isDue), forKey: message)?.rings ?? false
        guard isDue != rang else { return nil }
        // Handed to somebody else, it is waited for again.
        return isDue ? .ring : .quiet
    }
}
