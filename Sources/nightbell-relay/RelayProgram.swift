import ArgumentParser

/// `nightbell-relay`: stores sealed messages that it cannot read, and keeps a record that it cannot change unnoticed.
@main
struct RelayProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nightbell-relay",
        abstract: "Relay sealed messages to clinicians on call, and keep a tamper-evident record of it.",
        discussion: """
            Exit codes: 0 done, 1 failed, 64 usage, 65 the logs are not what was signed, 66 not found, 69 relay not running,
            73 would overwrite, 77 refused (a file too open), 78 configuration.
            """,
        subcommands: [
            InitCommand.self, ServeCommand.self, CheckCommand.self, FoundingCodeCommand.self, PushKeysCommand.self,
        ])
}
