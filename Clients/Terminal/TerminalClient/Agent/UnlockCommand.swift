import ArgumentParser
import DeviceKit
import UnlockAgent

/// `nightbell unlock`.
struct UnlockCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock", abstract: "Open this profile for a while: commands ask for nothing until it locks.",
        discussion: """
            Asks for the passphrase once and hands the key to an agent, a process of this profile that keeps it in locked \
            memory and outlives this command. It locks by itself when nobody has used it for the time that the organisation's \
            policy sets, when the machine goes to sleep, on SIGHUP, and with "nightbell lock". To unlock twice is no mistake.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Option(
        help: ArgumentHelp("Lock sooner than the organisation's policy demands; never later.", valueName: "seconds"))
    var lockAfter: UInt32?

    /// When it locks by itself, and what puts that off.
    static func human(_ state: AgentState) -> String {
        let sleep = state.hearsSleep ? ", when the machine goes to sleep" : ""
        return """
            unlocked; locks by itself after \(Unlocking.words(seconds: state.lockAfterSeconds)) without use\(sleep), or with \
            "nightbell lock"
            use is each command that you type and each key that you press in "nightbell ui"; what only runs, such as \
            "nightbell watch", and scripts (--json) do not count
            """
    }

    func perform(_ context: CommandContext) async throws {
        guard lockAfter != 0 else {
            throw DeviceKitError(
                "bad_lock_after", .usage, "--lock-after takes at least 1 second", next: "give a number of seconds")
        }
        let agent = try Unlocking.unlock(
            profile: context.profileDirectory, with: context.unlockSource(), lockAfter: lockAfter, role: .command)
        let rings = await RingTicket.leaveSoon(context.profileDirectory, with: agent)
        guard let state = agent.state() else { throw Unlocking.describing(.gone) }
        if !state.holdsSleepUp {
            context.console.say(
                (state.hearsSleep
                    ? "this machine may fall asleep before the profile is locked"
                    : "nobody here tells when the machine goes to sleep") + ": lock by hand before you close the lid")
        }
        if !rings, state.listensWhileLocked == false {
            context.console.say("the relay gave no ring token: nothing rings here while the profile is locked")
        }
        context.console.result(
            AgentReport.document(state),
            human: context.console.hinted(Self.human(state)))
    }
}
