import DeviceKit
import Statements

/// Waits for a sent message's answer, by the sender's own deadline, whatever the relay says.
struct AnswerWatcher {
    private static let pause: Duration = .milliseconds(500)
    /// How long the words of an answer are waited for once its receipt is there: they are posted right after it.
    private static let patienceForWords: Duration = .seconds(10)

    let session: DeviceSession
    /// Tells people what is new while it is waited.
    let tell: (String) -> Void

    /// What is waited for, and how long: until the message expires, where that comes before.
    /// - Parameter expires: `nil` when nobody's answer is waited for.
    static func begins(_ seconds: UInt64, to name: String, expires: Timestamp?, now: Timestamp) -> String {
        let end = now.adding(seconds: Int64(clamping: seconds))
        let limit =
            if let expires, expires < end {
                " until the message expires at \(ClockTime.text(expires, now: now))"
            } else {
                ", up to \(LocalTime.span(milliseconds: Int64(clamping: seconds) &* 1000))"
            }
        return "waiting for the answer of \(name)\(limit); Ctrl-C ends the waiting, and the message stays sent"
    }

    /// `03:19:07 with Dr. Noor since 03:19, not read`.
    static func news(_ standing: String, at now: Timestamp = .now()) -> String {
        "\(WallClock.here.second(now)) \(standing)"
    }

    /// `03:27:07 EXPIRED: CALL BY TELEPHONE NOW`: at the moment at which `watch` says so too.
    static func alarm(_ why: String, at now: Timestamp = .now()) -> String {
        news("\(why): CALL BY TELEPHONE NOW", at: now)
    }

    /// Why its sender must telephone now, whatever they wait for; `nil` while they need not.
    /// - Parameters:
    ///   - expires: `nil` when nobody's answer is waited for.
    ///   - isOverdue: Whether a deadline of the sender's is over.
    static func whyNow(_ state: SentState, expires: Timestamp?, isOverdue: Bool, at now: Timestamp) -> String? {
        if let expires, expires <= now { return expired }
        guard isOverdue else { return nil }
        return state.isDelivered ? "NOBODY ANSWERED IN TIME" : "NO DEVICE HAS IT"
    }

    private static let expired = "EXPIRED"

    /// Polls until the message is answered, has expired, or the time is over. What fails meanwhile is said and tried again.
    /// - Returns: What verified receipts say of it; `nil` when the profile could not be read.
    /// - Throws: `CancellationError` alone.
    func wait(for message: MessageID, seconds: UInt64) async throws -> SentState? {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: .seconds(Int64(clamping: seconds)))
        let connection = session.connection
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            // A question that hangs does not outlast the deadline.
            tasks.addTask {
                try await Task.sleep(until: deadline, clock: clock)
                await connection.close()
            }
            let state = try await ask(message, until: deadline, clock)
            tasks.cancelAll()
            return state
        }
    }

    private func ask(
        _ message: MessageID, until deadline: ContinuousClock.Instant, _ clock: ContinuousClock
    ) async throws -> SentState? {
        var state: SentState?
        var told: String?
        var standing: String?
        var why: String?
        var answered: ContinuousClock.Instant?
        var undelivered = UndeliveredPlan()
        while true {
            do {
                _ = try await session.poll()
                told = nil
            } catch {
                try Task.checkCancellation()
                let cause = DeviceKitError(describing: error).message
                // The same trouble is said once.
                if clock.now < deadline, cause != told { session.observer.remark(cause) }
                told = cause
            }
            state = (try? session.sentState(message.description)) ?? state
            if let state, state.isAnswered {
                answered = answered ?? clock.now
                let words = answered?.advanced(by: Self.patienceForWords) ?? deadline
                if !state.promisesWords || clock.now >= min(words, deadline) { return state }
            }
            if let now = state.map({ Desk.standing($0, session) }), now != standing {
                // That nobody has it is how it begins.
                if state?.standing != nil { tell(Self.news(now)) }
                standing = now
            }
            if let state, undelivered.isNews(state, isAlarm: whyNow(state) != nil, now: session.laterClock()) {
                tell(Self.news(Desk.undelivered(state, session)))
            }
            if let reason = state.flatMap(whyNow), reason != why {
                // Whoever waits no longer is told to telephone by that.
                if reason == Self.expired || clock.now < deadline { tell(Self.alarm(reason)) }
                why = reason
                // Nobody can answer it any more.
                if reason == Self.expired { return state }
            }
            if clock.now >= deadline { return state }
            try await Task.sleep(until: min(deadline, clock.now.advanced(by: Self.pause)), clock: clock)
        }
    }

    private func whyNow(_ state: SentState) -> String? {
        Self.whyNow(
            state, expires: session.expiry(of: state), isOverdue: session.isOverdue(state),
            at: session.laterClock())
    }
}
