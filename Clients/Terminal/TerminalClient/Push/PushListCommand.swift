import ArgumentParser
import DeviceKit

/// `nightbell push list`.
struct PushListCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List on which ways pages reach this device, and whether they do.",
        discussion: """
            Begins with what the relay pushes over, and with its VAPID key: a UnifiedPush distributor or a browser is given that \
            key, and gives an endpoint for it, which "nightbell push add" registers. An address that was registered is never \
            shown again.

            With --json: transports[], vapid_key, subscriptions[].{subscription, transport, state, registered, proven, accepted, \
            failing_since, dropped, keys} and unknown_to_relay[], the ids of keys that are here and that the relay does not know. \
            state is unproven, working, failing or dropped; keys says whether this profile can open what comes (null where the \
            device itself opens it).
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    func perform(_ context: CommandContext) async throws {
        try await context.withSession { session in
            let standing = try await session.pushStanding()
            let console = context.console
            console.result(PushWords.document(standing), human: PushWords.list(standing))
            for trouble in PushWords.troubles(standing) {
                console.warn(trouble.message)
                console.say("nightbell: hint: \(SafeText.line(trouble.next))")
            }
        }
    }
}
