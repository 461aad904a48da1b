import DeviceKit
import UnlockAgent

/// Ids of messages and names of members for completion: only while the profile's agent is unlocked, for then its owner is
/// there.
struct ProfileWords {
    /// More is no help at a prompt.
    private static let limit = 50

    let environment: [String: String]

    func ids(_ command: CommandTree.Command, _ profile: String?, _ prefix: String) -> [String] {
        guard let (directory, _) = unlocked(profile) else { return [] }
        return ProfileInspection.messageIDs(
            in: directory, command.name == "sent" ? .sent : .received, beginningWith: prefix, limit: Self.limit)
    }

    /// To whom something may be sent.
    func names(_ profile: String?) -> [String] {
        guard let (directory, agent) = unlocked(profile), let opened = try? Profile.open(directory, keys: agent) else {
            return []
        }
        return (try? opened.othersNames()) ?? []
    }

    private func unlocked(_ profile: String?) -> (directory: String, agent: AgentConnection)? {
        guard let directory = try? CommandContext.directory(profile, environment),
            let agent = AgentConnection(profile: directory, role: .command, isPerson: false), !agent.greeted.isLocked
        else { return nil }
        return (directory, agent)
    }
}
