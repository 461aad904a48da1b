import DeviceKit
import Membership
import Statements

/// What a watcher rings for of what was sent from here, and what it says before it must.
extension Desk {
    /// 10 s: what is being sent waits here for a moment.
    private static let sendingMilliseconds: Int64 = 10_000

    /// Whether it rings: its sender must telephone, and nothing else rings for it.
    static func rings(_ state: SentState, _ session: DeviceSession, now: Timestamp) -> Bool {
        guard mustBeTelephoned(state, session) else { return false }
        let isOverdue = isOverdue(state, session)
        // The words of a question come behind its receipt.
        if isAskedWithoutWords(state), !isOverdue {
            let asked = (state.facts + state.forwards.flatMap(\.facts)).last { $0.action == "acknowledged" }?.at
            return now.milliseconds(since: asked ?? state.at) >= sendingMilliseconds
        }
        if state.state == "pending", !isOverdue { return now.milliseconds(since: state.at) >= sendingMilliseconds }
        return !isRungAsHandedOn(state, isOverdue: isOverdue, now: now)
    }

    /// Whether what it carries on rings in its place: until it is over, that is this person's as long as nobody takes it up.
    static func isRungAsHandedOn(_ state: SentState, isOverdue: Bool, now: Timestamp) -> Bool {
        guard case .forwardOf? = state.reference, state.expires.map({ $0 > now }) ?? false else { return false }
        return isOverdue || isTurnedDown(state)
    }

    /// Whether it rings again until somebody has telephoned: what has been still for half a day rings once, and stays in the
    /// list.
    static func isRecent(_ state: SentState, now: Timestamp) -> Bool {
        let facts = state.facts + state.forwards.flatMap(\.facts)
        let times = [state.at, state.expires, state.promisedBy].compactMap { $0 } + facts.map(\.at)
        guard let last = times.filter({ $0 <= now }).max() else { return true }
        return now.milliseconds(since: last) < recentMilliseconds
    }

    private static let recentMilliseconds = AnswerDeadlines.lookBackSeconds * 1000

    /// `NOT YET WITH ANY DEVICE of Dr. Max: EMERGENT, sent 12:30: nightbell sent msg-…. If that stays so, telephone.`
    static func undelivered(_ state: SentState, _ session: DeviceSession) -> String {
        let news = SentNews(state, session)
        return undelivered(news.name, news.what, at: state.at) + ": nightbell sent \(news.id)"
    }

    static func undelivered(_ name: String, _ what: String, at time: Timestamp, now: Timestamp = .now()) -> String {
        "NOT YET WITH ANY DEVICE of \(name): \(what), sent \(WallClock.here.moment(time, now: now)). If that stays so, "
            + "TELEPHONE \(name)"
    }
}
