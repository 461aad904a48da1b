import DeviceKit
import Statements

/// How `send` ends where it cannot say that somebody sees to the message.
extension SendCommand {
    /// Whoever waited learns whether they must telephone.
    /// - Parameter seconds: How long it was waited for.
    static func checkAnswered(
        _ message: MessageID, _ state: SentState?, seconds: UInt64, _ session: DeviceSession
    ) throws(DeviceKitError) {
        guard let state, state.isAnswered else {
            let isExpired = state?.expires.map { $0 <= session.laterClock() } ?? false
            throw unanswered(message, seconds: isExpired ? nil : seconds, state?.state)
        }
        if Desk.isTurnedDown(state) {
            throw DeviceKitError(
                "declined", .failed, "NOBODY HAS message \(message): \(Desk.refusal(state, session))",
                next: "CALL BY TELEPHONE, or send it to somebody else")
        }
        if state.isClosedUnseen {
            throw DeviceKitError(
                "closed_unread", .failed, "message \(message): \(Desk.standing(state, session))",
                next: "CALL BY TELEPHONE")
        }
    }

    /// Nobody took it up while it was waited for.
    /// - Parameter seconds: How long that was; `nil` when it expired before.
    static func unanswered(_ message: MessageID, seconds: UInt64?, _ state: String?) -> DeviceKitError {
        let when = seconds.map { "in \($0) s" } ?? "before it EXPIRED"
        return DeviceKitError(
            "unanswered", .failed, "nobody acknowledged message \(message) \(when) (state: \(state ?? "unknown"))",
            next: "CALL BY TELEPHONE")
    }

    /// What to do when the profile is locked while the message is sealed and sent: it may have left already.
    static let lockedBeforeSent =
        "NOT CERTAIN that it was sent: CALL BY TELEPHONE if it cannot wait; unlock it with \"nightbell unlock\" and repeat the "
        + "command: what was stored by then is sent once"

    /// The same when it is on its way: repeated, the command would send it a second time.
    static func lockedAfterSent(_ message: MessageID) -> String {
        "the message STAYS SENT, do not send it again; nobody here waits for the answer now: unlock it with \"nightbell "
            + "unlock\", then \"nightbell sent \(message)\""
    }
}
