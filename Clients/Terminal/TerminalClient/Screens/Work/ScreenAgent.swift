import DeviceKit
import UnlockAgent

/// The agent, as far as a screen needs it: to hear that somebody is there, and to lock.
struct ScreenAgent: Sendable {
    private let presence: Presence
    private let profile: String

    init(_ context: CommandContext) {
        presence = Presence(context)
        profile = context.profileDirectory
    }

    /// A key was pressed.
    func noteUse() { presence.note() }

    /// Locks the profile. It ends this very process: what it knows must not outlast the lock.
    func lock() throws {
        guard let agent = AgentConnection(profile: profile, role: .command, isPerson: false) else {
            throw DeviceKitError.agentGone
        }
        do {
            try agent.lock()
        } catch {
            throw Unlocking.describing(error)
        }
    }
}
