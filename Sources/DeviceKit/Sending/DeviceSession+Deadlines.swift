import DeviceStorage
import Membership
public import Statements

extension DeviceSession {
    /// Tells of sent messages whose deadline passed without an answer that was verified.
    func tellOverdue(
        _ deadlines: inout AnswerDeadlines, now: Timestamp, _ tell: (SentState) throws -> Void
    ) rethrows {
        // The later of the two clocks: the relay's word does not put an alarm off.
        let now = max(now, connection.clock.now())
        for (message, state) in awaited(besides: deadlines.isSettled) where !state.isDealtWith {
            if deadlines.isOverdue(message, at: now) { try tell(state) }
        }
    }

    /// What this device sent, and what others handed on of it, with the times that count.
    func awaited(besides isSettled: (MessageID) -> Bool) -> [(AnswerDeadlines.Message, SentState)] {
        // A profile that another program holds just now is looked at the next time.
        let ids = (try? profile.store.look { try $0.sentIDs(beginningWith: "", limit: Int.max) }) ?? []
        var all: [(AnswerDeadlines.Message, SentState)] = []
        for text in ids {
            guard let id = MessageID(text), !isSettled(id), let state = try? sentState(text) else { continue }
            all.append((ownTimes(of: state), state))
        }
        // What others handed on of ours has its own time; what we handed on ourselves stands among the above.
        let own = Set(ids)
        let links = (try? profile.store.look { try $0.links() }) ?? []
        for link in links where link.isForward && !own.contains(link.message) {
            guard let id = MessageID(link.message), !isSettled(id),
                let state = (try? sentConcerned(by: link.message)).flatMap({ $0 }),
                let forward = state.forwards.first(where: { $0.message == id })
            else { continue }
            all.append((times(of: forward, in: state), state))
        }
        return all
    }

    /// What a further step of any program of the profile changes, and whatever this one takes in from its queue.
    public func storePosition() throws -> (version: Int64, position: UInt64) {
        try profile.store.look { (try $0.version(), try $0.queuePosition().number) }
    }

    /// The later of this machine's clock and the relay's: the relay's word does not put an alarm off.
    public func laterClock() -> Timestamp { max(.now(), connection.clock.now()) }

    /// Whether its sender ought to telephone: by now somebody should have had it, or answered.
    public func isOverdue(_ state: SentState) -> Bool {
        let now = laterClock()
        return times(in: state).contains { message in
            [message.deliveryDeadline, message.deadline].contains { $0.map { $0 <= now } ?? false }
        }
    }

    /// By when somebody is to have answered, or its sender is told to telephone: the first of the times; `nil` when nobody's answer
    /// is waited for.
    public func answerDeadline(of state: SentState) -> Timestamp? { times(in: state).compactMap(\.deadline).min() }

    /// When it expires unanswered: of what was handed on before anybody took it up, the first of the times; `nil` when nobody's
    /// answer is waited for.
    public func expiry(of state: SentState) -> Timestamp? {
        times(in: state).compactMap { $0.isAnswered ? nil : $0.expires }.min()
    }

    private func times(in state: SentState) -> [AnswerDeadlines.Message] {
        [ownTimes(of: state)] + state.forwards.map { times(of: $0, in: state) }
    }

    private func ownTimes(of state: SentState) -> AnswerDeadlines.Message {
        message(
            state.message, state.urgency, at: state.at, expires: state.expires,
            isAnswered: !state.waitsForTheFirst,
            isDelivered: state.isDelivered)
    }

    private func times(of forward: SentForward, in state: SentState) -> AnswerDeadlines.Message {
        message(
            forward.message, state.urgency, at: forward.at, expires: forward.expires,
            isAnswered: !state.waits(for: forward),
            isDelivered: forward.isDelivered)
    }

    private func message(
        _ id: MessageID, _ urgency: Urgency, at: Timestamp, expires: Timestamp?, isAnswered: Bool, isDelivered: Bool
    ) -> AnswerDeadlines.Message {
        let times = view.policy.alerts[urgency]
        // 0 stands for never.
        func seconds(_ value: UInt64?) -> UInt64? { value.flatMap { $0 > 0 ? $0 : nil } }
        return AnswerDeadlines.Message(
            id: id, at: at, expires: expires, isAnswered: isAnswered, isDelivered: isDelivered || isAnswered,
            patienceSeconds: seconds(times?.nextStepSeconds), deliverySeconds: seconds(times?.realertSeconds))
    }
}
