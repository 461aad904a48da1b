import DeviceKit
import Membership
import Statements

/// What somebody promised about a message that was sent from here.
extension Desk {
    /// What the one who has it promised last; an earlier promise of theirs binds nobody now.
    static func promiseWords(_ state: SentState, now: Timestamp = .now()) -> [String] {
        switch state.acknowledgedFor {
        // Whoever acknowledges a reply says that they have it, and is asked for no call.
        case .callingNow?: state.isReply ? [] : [state.isLate(now: now) ? "was to call NOW" : "calls now"]
        case .needInfo?: ["NEEDS TO KNOW MORE"]
        case .willCallBy?:
            state.promise?.promisedAt.map { ["calls by \(WallClock.here.moment($0))"] } ?? ["will call"]
        default: []
        }
    }

    /// Whether somebody says that they will call, and when has not come here yet.
    static func waitsForTime(_ state: SentState) -> Bool {
        !state.isDone && state.acknowledgedFor == .willCallBy && state.promise == nil
    }

    /// `Dr. Noor had promised to call by 03:40, and handed it on`.
    static func earlier(_ state: SentState, _ name: (MemberID?) -> String) -> [String] {
        guard let earlier = state.earlierPromise else { return [] }
        let when =
            switch earlier.reason {
            case .callingNow: "at once"
            default: earlier.by.map { "by \(WallClock.here.moment($0))" } ?? "at a time that did not come here"
            }
        return ["\(name(earlier.member)) had promised to call \(when), and handed it on"]
    }

    /// `promised to call NOW 12 min ago, not closed`; `nil` while whoever said so may be at it.
    static func callOverdue(_ state: SentState, now: Timestamp = .now()) -> String? {
        guard let since = state.callsNowSince, state.isLate(now: now) else { return nil }
        return "promised to call NOW \(age(of: since, now: now)), not closed"
    }

    /// `Dr. Noor promised to call by 03:40, which is over`; `Dr. Noor promised to call NOW 12 min ago`.
    static func brokenPromise(_ state: SentState, _ session: DeviceSession) -> String {
        brokenPromise(state) { name($0, session) }
    }

    static func brokenPromise(
        _ state: SentState, now: Timestamp = .now(), _ name: (MemberID?) -> String
    ) -> String {
        if let since = state.callsNowSince {
            return "\(name(state.standing?.member)) promised to call NOW \(age(of: since, now: now))"
        }
        let who = name(state.promise?.member ?? state.earlierPromise?.member)
        let time = state.promisedBy.map { " by \(WallClock.here.moment($0)), which is over" } ?? ""
        return "\(who) promised to call\(time)"
    }
}
