import DeviceKit
import Statements

/// Waits for a sent message's answer, by the sender's own deadline, whatever the relay says.
struct AnswerWatcher {
    private static let pauseMilliseconds = 500

    let session: DeviceSession

    /// Polls until the message is answered or the time is over.
    func wait(for message: MessageID, seconds: UInt64) async throws -> SentState {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: .seconds(Int64(clamping: seconds)))
        while true {
            do {
                _ = try await session.poll()
            } catch let error as DeviceKitError where error.category == .unreachable {
                session.observer.remark(error.message)
            }
            let state = try session.sentState(message.description)
            if Self.isAnswered(state) || clock.now >= deadline { return state }
            try await Task.sleep(for: .milliseconds(Self.pauseMilliseconds))
        }
    }

    /// Whether a person has taken the message up or turned it down.
    static func isAnswered(_ state: SentState) -> Bool {
        ["acknowledged", "declined", "closed"].contains(state.state)
    }
}
