import DeviceKit
import Statements

/// What was sent from here and rings because its sender must telephone: from when it comes on that list until it is off it.
struct TelephonePlan {
    private var ringing: [MessageID: String] = [:]

    /// Takes in what stands on the list now, each with why: what is there for another reason than before rings anew.
    /// - Returns: What is to ring, and what rings no more.
    mutating func look(_ listed: [MessageID: String]) -> (new: [MessageID], over: [MessageID]) {
        defer { ringing = listed }
        return (
            listed.filter { ringing[$0.key] != $0.value }.keys.sorted(),
            ringing.keys.filter { listed[$0] == nil }.sorted()
        )
    }
}

/// What no device of the addressed has soon after it was sent: told once, before anybody must telephone.
struct UndeliveredPlan {
    /// 30 s: what reaches a device at all reaches it sooner.
    static let seconds: Int64 = 30

    private var told: Set<MessageID> = []

    /// - Parameters:
    ///   - isWaiting: Whether it left, and no device has it.
    ///   - isAlarm: Whether its sender is told to telephone already.
    mutating func isNews(
        _ message: MessageID, _ urgency: Urgency, at time: Timestamp, isWaiting: Bool, isAlarm: Bool, now: Timestamp
    ) -> Bool {
        guard isWaiting, !isAlarm, urgency <= .urgent, now.milliseconds(since: time) >= Self.seconds * 1000 else {
            return false
        }
        return told.insert(message).inserted
    }
    /// - Parameter isAlarm: Whether its sender is told to telephone already.
    mutating func isNews(_ state: SentState, isAlarm: Bool, now: Timestamp) -> Bool {
        isNews(
            state.message, state.urgency, at: state.at,
            isWaiting: Desk.isSent(state) && !state.isDelivered && state.forwards.isEmpty && !state.isReply
                && !state.isDealtWith,
            isAlarm: isAlarm, now: now)
    }
}
