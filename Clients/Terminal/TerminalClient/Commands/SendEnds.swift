import DeviceKit
import Dispatch
import Statements

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

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
                next:
                    "CALL BY TELEPHONE\(Desk.whoHandedOn(state) { Desk.name($0, session) }), or send it to somebody else"
            )
        }
        if state.isClosedUnseen {
            throw DeviceKitError(
                "closed_unread", .failed, "message \(message): \(Desk.standing(state, session))",
                next: "CALL BY TELEPHONE")
        }
    }

    /// Nothing left: said of everything that ends it before anything can have left.
    static func saying(_ error: DeviceKitError) -> DeviceKitError {
        let isCertain = [.usage, .notFound, .wouldOverwrite].contains(error.category) || error.code == "no_device"
        guard isCertain, !error.message.contains("NOT SENT") else { return error }
        return DeviceKitError(error.code, error.category, "NOT SENT: \(error.message)", next: error.next)
    }

    /// Whoever ends it with Ctrl-C while they type hears what became of their words.
    static func typing<Value>(_ console: Console, _ type: () throws -> Value) rethrows -> Value {
        let before = signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT)
        source.setEventHandler {
            console.warn(interrupted)
            signal(SIGINT, SIG_DFL)
            kill(getpid(), SIGINT)
        }
        source.resume()
        defer {
            source.cancel()
            signal(SIGINT, before)
        }
        return try type()
    }

    static let interrupted = "NOT SENT, and nothing is kept: you ended it while the text was typed"

    /// That it is on its way is not that anybody has it: when that is to be doubted.
    static func telephone(_ name: String, at deadline: Timestamp, now: Timestamp) -> String {
        guard deadline > now else {
            return "It was to be answered by \(ClockTime.text(deadline, now: now)): TELEPHONE \(name) now."
        }
        return "If nobody has answered by \(ClockTime.text(deadline, now: now)), TELEPHONE \(name)."
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
