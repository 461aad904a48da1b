import Statements

/// Which of this device's own messages nobody answered in time, by the sender's own deadline (design section 7).
///
/// Each is told once by each watcher. What had expired before it began is left to `sent`: nobody can answer it any more.
struct AnswerDeadlines {
    /// What a deadline depends on.
    struct Message {
        let id: MessageID
        let at: Timestamp
        /// `nil` until it is sealed.
        let expires: Timestamp?
        let isAnswered: Bool
        /// How long the policy gives the first who are asked; `nil` when only the expiry counts.
        let patienceSeconds: UInt64?

        /// `nil` when nothing is late however late it is.
        var deadline: Timestamp? {
            let step = patienceSeconds.map { at.adding(seconds: Int64(clamping: $0)) }
            return [step, expires].compactMap { $0 }.min()
        }
    }

    private let began: Timestamp
    private var settled: Set<MessageID> = []

    init(began: Timestamp) { self.began = began }

    /// Whether nothing about this message can become news any more.
    func isSettled(_ id: MessageID) -> Bool { settled.contains(id) }

    /// - Returns: Whether its sender is to be told now.
    mutating func isOverdue(_ message: Message, at now: Timestamp) -> Bool {
        guard !settled.contains(message.id) else { return false }
        if message.isAnswered || message.expires.map({ $0 <= began }) ?? false {
            settled.insert(message.id)
            return false
        }
        guard let deadline = message.deadline, now >= deadline else { return false }
        settled.insert(message.id)
        return true
    }
}
