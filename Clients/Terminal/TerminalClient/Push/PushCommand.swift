import ArgumentParser

/// `nightbell push …`.
struct PushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Have push services wake this device: list, add, test, remove.",
        discussion: """
            A page is sealed for this device and shows a push service nothing but when it comes and how urgent the delivery is. \
            It is a hint: messages are fetched from the relay as ever. A way is used once a test page has come back over it.
            """,
        subcommands: [
            PushAddCommand.self, PushListCommand.self, PushTestCommand.self, PushRemoveCommand.self,
        ])
}
