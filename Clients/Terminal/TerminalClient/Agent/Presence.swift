import Synchronization
import UnlockAgent

/// Tells the agent that a person is at the keyboard of a worker, so that it does not lock under their hands.
///
/// For keys that were pressed, never for what happens by itself.
final class Presence: Sendable {
    /// 5 s: once in a while is enough, for locking is counted in minutes.
    private static let pause = Duration.seconds(5)

    private let agent: AgentConnection?
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    init(_ context: CommandContext) {
        agent = AgentConnection(profile: context.profileDirectory, role: .command, isPerson: false)
    }

    /// A key was pressed.
    func note() {
        let now = ContinuousClock.now
        let isDue = last.withLock { last in
            if let earlier = last, now - earlier < Self.pause { return false }
            last = now
            return true
        }
        if isDue { agent?.noteUse() }
    }
}
