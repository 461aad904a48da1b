import ArgumentParser

/// `nightbell audit …`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Replay both logs, export them, answer questions about messages and people, prove and report.",
        subcommands: [
            AuditVerifyCommand.self, AuditExportCommand.self, AuditMessagesCommand.self, AuditMessageCommand.self,
            AuditPatientCommand.self, AuditDeviceCommand.self, AuditMemberCommand.self, AuditBreachCommand.self,
            AuditAccessesCommand.self,
            AuditReportCommand.self, AuditEvidenceCommand.self, AuditCheckCommand.self,
            AuditWitnessCommand.self, AuditCompareCommand.self, AuditMonitorCommand.self,
        ])
}
