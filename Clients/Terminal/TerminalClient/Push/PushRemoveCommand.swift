import ArgumentParser
import DeviceKit
import Statements

/// `nightbell push remove ID`.
struct PushRemoveCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "End a subscription at the relay, and destroy its keys here.",
        discussion: """
            The keys go when the relay has answered, so that the command can be repeated until it does. What is removed already is \
            no error. With --json: removed, the id.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: ArgumentHelp("The subscription's id, or its beginning.", valueName: "subscription"))
    var subscription: String

    func perform(_ context: CommandContext) async throws {
        try await context.withSession { session in
            // A whole id may be gone already; the beginning of one must name something.
            let id: SubscriptionID
            if let whole = SubscriptionID(subscription) {
                id = whole
            } else {
                id = try await session.pushStanding().subscription(subscription)
            }
            try await session.unsubscribe(id)
            context.console.result(
                ["removed": .text(id)], human: "removed \(id): no page comes that way any more")
        }
    }
}
