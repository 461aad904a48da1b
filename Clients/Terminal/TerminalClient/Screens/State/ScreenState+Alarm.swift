import Statements

extension ScreenState {
    private static let ringMilliseconds: Int64 = 3_000

    /// Who must be looked at, and whether it rings now.
    ///
    /// An emergent message takes the screen and rings until it is opened, and again when the policy's time passes without
    /// an answer. Others ring once at the policy's times.
    mutating func attend() -> [ScreenAction] {
        bringBack()
        if let current = alarm, message(current.message).map({ !isAlarming($0) }) ?? true {
            alarm = nil
            alarmRung = nil
        }
        if alarm == nil, let next = waiting.first(where: isAlarming) { alarm = (next.id, now) }
        if alarm != nil {
            guard alarmRung.map({ now.milliseconds(since: $0) >= Self.ringMilliseconds }) ?? true else { return [] }
            alarmRung = now
            return [.ring]
        }
        let reminders = remind()
        return reminders.isEmpty ? remindOfTaken() : reminders
    }

    /// Emergent, unanswered, and not attended to for as long as the policy allows.
    private func isAlarming(_ message: ListedMessage) -> Bool {
        guard message.urgency == .emergent, message.needsAnswer else { return false }
        guard let attended = attended[message.id] else { return true }
        // What does not open cannot be answered here; it was seen. What is open is rung for, and stays on the screen.
        guard message.quarantine == nil, shown?.id != message.id else { return false }
        return isDueAgain(message, since: attended)
    }

    func isDueAgain(_ message: ListedMessage, since: Timestamp) -> Bool {
        let pause = realertMilliseconds(message.urgency)
        return pause > 0 && now.milliseconds(since: since) >= pause
    }

    private mutating func remind() -> [ScreenAction] {
        let due = waiting.filter { message in
            message.quarantine == nil && attended[message.id].map { isDueAgain(message, since: $0) } ?? false
        }
        guard let first = due.first else { return [] }
        for message in due { attended[message.id] = now }
        say(
            due.count > 1
                ? "\(due.count) messages still wait for an answer."
                : first.id == shown?.id
                    ? "This message still waits for an answer: press a to acknowledge, d to decline."
                    : "A message from \(SafeText.line(first.from)) still waits for an answer.", .caution)
        return [.ring]
    }
}
