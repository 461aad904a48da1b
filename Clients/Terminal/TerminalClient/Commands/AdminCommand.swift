import ArgumentParser

/// `nightbell admin …`.
struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Found an organisation, invite, revoke.",
        subcommands: [
            AdminFoundCommand.self, AdminInviteCommand.self, AdminMembersCommand.self, AdminDevicesCommand.self,
            AdminRevokeCommand.self, AdminRolesCommand.self, AdminRenameCommand.self, AdminAuditKeyCommand.self,
            AdminWitnessesCommand.self,
        ])
}
