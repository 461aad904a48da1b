import DeviceKit
import Statements

/// Waits for a sent message's answer, by the sender's own deadline, whatever the relay says.
struct AnswerWatcher {
    private static let pause: Duration = .milliseconds(500)
    /// How long the words of an answer are waited for once its receipt is there: they are posted right after it.
    private static let patienceForWords: Duration = .seconds(10)

    let session: DeviceSession

    /// Polls until the message is answered or the time is over. What fails meanwhile is said and tried again.
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
        var answered: ContinuousClock.Instant?
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
            if clock.now >= deadline { return state }
            try await Task.sleep(until: min(deadline, clock.now.advanced(by: Self.pause)), clock: clock)
        }
    }
}
