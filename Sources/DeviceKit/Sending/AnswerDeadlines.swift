import Statements

/// Which of this device's own messages nobody answered in time, by the sender's own deadline (design section 7).
///
/// Each is told once by each watcher, and once before when no device of the addressed had it in time. What had expired half a day before it began is left to `sent`: nobody can answer it any more.
public struct AnswerDeadlines {
    /// 12 h: what was over since then was perhaps told to nobody, for the profile was locked. What was over before is left to
    /// the lists.
    public static let lookBackSeconds: Int64 = 43_200

    /// What a deadline depends on.
    struct Message {
        let id: MessageID
        let at: Timestamp
        /// `nil` until it is sealed.
        let expires: Timestamp?
        let isAnswered: Bool
        /// Whether a device of the addressed is known to have it.
        var isDelivered = true
        /// How long the policy gives the first who are asked; `nil` when only the expiry counts.
        let patienceSeconds: UInt64?
        /// How long it may take to reach a device; `nil` when only the other deadlines count.
        var deliverySeconds: UInt64?

        /// `nil` when nothing is late however late it is.
        var deadline: Timestamp? {
            let step = patienceSeconds.map { at.adding(seconds: Int64(clamping: $0)) }
            return isAnswered ? nil : [step, expires].compactMap { $0 }.min()
        }

        /// `nil` once a device has it.
        var deliveryDeadline: Timestamp? {
            isDelivered ? nil : deliverySeconds.map { at.adding(seconds: Int64(clamping: $0)) }
        }
    }

    /// What expired before this is nobody's news.
    private let began: Timestamp
    private var settled: Set<MessageID> = []
    private var undelivered: Set<MessageID> = []

    init(began: Timestamp) { self.began = began.adding(seconds: -Self.lookBackSeconds) }

    /// Whether nothing about this message can become news any more.
    func isSettled(_ id: MessageID) -> Bool { settled.contains(id) }

    /// - Returns: Whether its sender is to be told now.
    mutating func isOverdue(_ message: Message, at now: Timestamp) -> Bool {
        guard !settled.contains(message.id) else { return false }
        if message.isAnswered || message.expires.map({ $0 <= began }) ?? false {
            settled.insert(message.id)
            return false
        }
        if let deadline = message.deadline, now >= deadline {
            settled.insert(message.id)
            return true
        }
        guard let deadline = message.deliveryDeadline, now >= deadline else { return false }
        return undelivered.insert(message.id).inserted
    }
}
