import ArgumentParser
import DeviceKit
import Membership
import Secrets
import Statements

/// `nightbell admin members`.
struct AdminMembersCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "members", abstract: "List the members, and the invitations that nobody has used yet.")

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    func perform(_ context: CommandContext) async throws {
        try await context.withSession { session in
            try await session.refresh()
            let members = session.view.members
            let ids = ShortIDs(members.map(\.id.description))
            context.console.result(
                [
                    "members": .array(
                        members.map { member in
                            let invited = MemberInvitations(member, session.view)
                            return [
                                "member": .text(member.id), "name": .text(member.name),
                                "roles": .array(member.roles.sorted().map { .string($0.rawValue) }),
                                "status": .string(member.status.rawValue), "joined": .bool(invited.hasJoined),
                                "invitations": invited.document,
                            ]
                        })
                ],
                human: Table.text(
                    ["MEMBER", "NAME", "ROLES", "STATUS", "OPEN INVITATION"],
                    members.map {
                        let invited = MemberInvitations($0, session.view)
                        return [
                            ids.short($0.id.description), $0.name.description,
                            $0.roles.sorted().map(\.rawValue).joined(separator: " "),
                            invited.status, invited.words,
                        ]
                    }))
        }
    }
}

/// `nightbell admin devices`.
struct AdminDevicesCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(commandName: "devices", abstract: "List the devices.")

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    func perform(_ context: CommandContext) async throws {
        try await context.withSession { session in
            try await session.refresh()
            let view = session.view
            let devices = view.allDevices
            let ids = ShortIDs(devices.map(\.id.description))
            context.console.result(
                [
                    "devices": .array(
                        devices.map { device in
                            [
                                "device": .text(device.id), "member": .text(device.member),
                                "label": .text(device.label), "status": .string(Self.status(device, view)),
                                "admin": .bool(view.isAdmin(device.id)), "enrolled": .text(device.enrolled.time),
                            ]
                        })
                ],
                human: Table.text(
                    ["DEVICE", "MEMBER", "LABEL", "STATUS", "ENROLLED"],
                    devices.map {
                        [
                            ids.short($0.id.description),
                            view.member($0.member)?.name.description ?? $0.member.description,
                            $0.label.description, Self.status($0, view), LocalTime.short($0.enrolled.time),
                        ]
                    }))
        }
    }

    private static func status(_ device: Device, _ view: RosterView) -> String {
        if device.revoked != nil { return "revoked" }
        return view.liveDevice(device.id) == nil ? "suspended" : "active"
    }
}

/// `nightbell admin revoke DEVICE`.
struct AdminRevokeCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revoke a device, or an invitation that is not used yet.")

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The device's or the invitation's id, or its beginning.")
    var device: String

    @Option(help: ArgumentHelp("Why; it stands in the log for ever.", valueName: "text"))
    var reason: String

    func perform(_ context: CommandContext) async throws {
        let reason = try AdminFoundCommand.name(reason, "--reason")
        try await context.withSession { session in
            try await session.refresh()
            let target: RevokeStatement.Target
            if device.hasPrefix("inv-") {
                target = .invitation(try session.invitation(device).id)
            } else {
                target = .device(try session.device(device).id)
            }
            let index = try await session.revoke(target, reason: reason)
            let id =
                switch target {
                case .device(let id): id.description
                case .invitation(let id): id.description
                case .statement(let hash): hash.hex
                }
            context.console.result(
                ["revoked": .string(id), "roster": .integer(session.roster.size)],
                human: "revoked \(id), entry \(index) of the roster log")
        }
    }
}
