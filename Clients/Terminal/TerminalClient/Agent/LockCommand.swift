import ArgumentParser
import DeviceKit
import UnlockAgent

/// `nightbell lock`.
struct LockCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Close this profile: keys are wiped and open messages leave every screen.",
        discussion: """
            Returns when it is done: no process holds a key or a message of this profile any more. What runs as a screen or \
            watcher shows that it is locked and goes on ringing. --end also ends the agent: then nothing rings.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Flag(help: "End the agent, too.")
    var end = false

    func perform(_ context: CommandContext) async throws {
        try Profile.check(context.profileDirectory)
        guard
            let agent = AgentConnection(profile: context.profileDirectory, role: .command, isPerson: false)
        else {
            guard !AgentPlace(profile: context.profileDirectory).isTaken else {
                throw DeviceKitError(
                    "agent_silent", .tryAgain, "the agent of this profile does not answer",
                    next:
                        "end the process \"nightbell agent --profile '\(context.profileDirectory)'\": its key goes with it"
                )
            }
            return context.console.result(
                ["locked": .bool(true), "agent": .bool(false)], human: "locked; no agent of this profile runs")
        }
        do {
            if end { try agent.end() } else { try agent.lock() }
        } catch {
            throw Unlocking.describing(error)
        }
        context.console.result(
            ["locked": .bool(true), "agent": .bool(!end)],
            human: agent.greeted.isLocked && !end ? "it was locked" : end ? "locked; the agent has ended" : "locked")
    }
}
