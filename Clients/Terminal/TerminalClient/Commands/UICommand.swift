import ArgumentParser
import DeviceKit
import Foundation
import TerminalScreen
import UnlockAgent

/// `nightbell ui`.
struct UICommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "ui", abstract: "The clinician's screen: what waits, what it says, what was proven; one key each.",
        discussion: """
            Fills the terminal (at least 80 columns and 24 rows), also over ssh and in tmux, and gives it back as it was. An \
            emergent message takes the screen and rings until it is opened. Lists show nothing of what is inside a message but, \
            of one that was opened here, whom it is about, until it is dealt with or the screen locks or closes. \
            Locks with the profile, and goes on when it is unlocked: what is drawn and decoded is in a process of its own, \
            which ends then.

            \(ScreenHelp.text)
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    var outlivesFindings: Bool { true }

    func perform(_ context: CommandContext) async throws {
        guard !context.console.isJSON else {
            throw DeviceKitError(
                "no_json", .usage, "the screen is for people and has no JSON form",
                next: "for scripts there is \"nightbell watch --json\"")
        }
        let environment = ProcessInfo.processInfo.environment
        try TerminalScreen.checked(environment)
        try await Supervised.run(context, surface: .fullScreen) { session in
            let left = try await ScreenWorker(
                profile: session.profile, agent: ScreenAgent(context), environment: environment
            ).run()
            if let words = ScreenFarewell.words(left, context.console.profile.option) {
                context.console.warn(words)
            }
            Self.sayUnlocked(context)
        }
    }

    /// Whoever leaves the screen and goes away may think that the profile is closed.
    private static func sayUnlocked(_ context: CommandContext) {
        guard
            let agent = AgentConnection(profile: context.profileDirectory, role: .command, isPerson: false)?.greeted,
            !agent.isLocked
        else { return }
        let option = context.console.profile.option
        context.console.warn(
            "the profile stays unlocked until nobody has used it for \(Unlocking.words(seconds: agent.lockAfterSeconds)): "
                + "\"nightbell lock\(option)\" locks it now")
    }
}
