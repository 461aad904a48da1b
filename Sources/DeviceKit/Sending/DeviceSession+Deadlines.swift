import DeviceStorage
import Membership
import Statements

extension DeviceSession {
    /// Tells of sent messages whose deadline passed without an answer that was verified.
    func tellOverdue(
        _ deadlines: inout AnswerDeadlines, now: Timestamp, _ tell: (SentState) throws -> Void
    ) rethrows {
        // The later of the two clocks: the relay's word does not put an alarm off.
        let now = max(now, connection.clock.now())
        // A profile that another program holds just now is looked at the next time.
        let ids = (try? profile.store.look { try $0.sentIDs(beginningWith: "", limit: Int.max) }) ?? []
        for text in ids {
            guard let id = MessageID(text), !deadlines.isSettled(id), let state = try? sentState(text) else { continue }
            let message = AnswerDeadlines.Message(
                id: id, at: state.at, expires: state.expires,
                isAnswered: state.isAnswered || state.state == SentStates.refused,
                patienceSeconds: view.policy.alerts[state.urgency]?.nextStepSeconds)
            if deadlines.isOverdue(message, at: now) { try tell(state) }
        }
    }
}

extension SentState {
    /// Whether a person has taken the message up or turned it down.
    public var isAnswered: Bool { ["acknowledged", "declined", "handed_off", "closed"].contains(state) }
}
