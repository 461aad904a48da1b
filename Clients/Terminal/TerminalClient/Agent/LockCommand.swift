import ArgumentParser
import DeviceKit
import UnlockAgent

/// `nightbell lock`.
struct LockCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Close this profile: keys are wiped and open messages leave every screen.",
        discussion: """
            Returns when it is done: no process that had its keys from the agent holds a key or a message of this profile any \
            more. What runs as a screen or watcher shows that it is locked and goes on ringing. What was started with a \
            passphrase file or key file (a service) has keys of its own and is not locked: end it. --end also ends the agent: \
            then nothing rings.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Flag(help: "End the agent, too.")
    var end = false

    func perform(_ context: CommandContext) async throws {
        // First the key, then whatever else is wrong with the profile.
        let directory = context.profileDirectory
        let agent: AgentConnection
        switch AgentConnection.find(profile: directory, role: .command, isPerson: false) {
        case .agent(let found): agent = found
        case .stranger(let stranger):
            try Profile.check(directory)
            throw DeviceKitError(stranger, profile: directory)
        case .none:
            try Profile.check(directory)
            guard !AgentPlace(profile: directory).isTaken else { throw DeviceKitError.agentSilent(directory) }
            context.console.result(
                ["locked": .bool(true), "agent": .bool(false)], human: "locked; no agent of this profile runs")
            return
        }
        do {
            if end { try agent.end() } else { try agent.lock() }
        } catch {
            throw Unlocking.describing(error)
        }
        try Profile.check(directory)
        context.console.result(
            ["locked": .bool(true), "agent": .bool(!end)],
            human: agent.greeted.isLocked && !end ? "it was locked" : end ? "locked; the agent has ended" : "locked")
    }
}
