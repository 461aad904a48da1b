import ArgumentParser

/// `nightbell audit …`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Replay both logs from nothing, export them, tell a message's whole history.",
        subcommands: [
            AuditVerifyCommand.self, AuditExportCommand.self, AuditMessagesCommand.self, AuditMessageCommand.self,
        ])
}
