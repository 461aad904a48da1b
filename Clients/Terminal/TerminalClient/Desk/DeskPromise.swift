import DeviceKit
import Membership
import Statements

/// What somebody promised about a message that was sent from here.
extension Desk {
    /// What the one who has it promised last; an earlier promise of theirs binds nobody now.
    static func promiseWords(_ state: SentState) -> [String] {
        switch state.acknowledgedFor {
        // Whoever acknowledges a reply says that they have it, and is asked for no call.
        case .callingNow?: state.isReply ? [] : ["calls now"]
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

    /// `Dr. Noor promised to call by 03:40, which is over`.
    static func brokenPromise(_ state: SentState, _ session: DeviceSession) -> String {
        brokenPromise(state) { name($0, session) }
    }

    static func brokenPromise(_ state: SentState, _ name: (MemberID?) -> String) -> String {
        let who = name(state.promise?.member ?? state.earlierPromise?.member)
        let time = state.promisedBy.map { " by \(WallClock.here.moment($0)), which is over" } ?? ""
        return "\(who) promised to call\(time)"
    }
}
