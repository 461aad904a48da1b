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
            let view = session.view
            context.console.result(
                [
                    "members": .array(
                        members.map { member in
                            let standing = MemberStanding(member, view)
                            return [
                                "member": .text(member.id), "name": .text(member.name),
                                "roles": .array(member.roles.sorted().map { .string($0.rawValue) }),
                                "status": .string(member.status.rawValue), "joined": .bool(standing.hasJoined),
                                "devices": .integer(standing.devices), "invitations": standing.document,
                            ]
                        })
                ],
                human: Table.text(
                    ["MEMBER", "NAME", "ROLES", "STATUS", "OPEN INVITATION"],
                    members.map {
                        let standing = MemberStanding($0, view)
                        return [
                            ids.short($0.id.description), $0.name.description,
                            $0.roles.sorted().map(\.rawValue).joined(separator: " "), standing.status, standing.words,
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
                            view.displayName(of: $0.member),
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
        commandName: "revoke", abstract: "Revoke a device, or an invitation that is not used yet.",
        discussion: """
            Nothing brings a revoked device back. Whoever types is told whose it is and what follows, and asked; a script is not.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The device's or the invitation's id, or its beginning.")
    var device: String

    @Option(help: ArgumentHelp("Why; it stands in the log for ever.", valueName: "text"))
    var reason: String

    @Flag(help: "Do not ask whoever types.")
    var yes = false

    func perform(_ context: CommandContext) async throws {
        let reason = try Self.reason(reason)
        try await context.withSession { session in
            try await session.refresh()
            let target: RevokeStatement.Target
            if device.hasPrefix("inv-") {
                target = .invitation(try session.invitation(device).id)
            } else {
                target = .device(try session.device(device).id)
            }
            if !yes, let question = RevokeQuestion(target, session.view) {
                try question.confirm(context.console)
            }
            let revoked = try await session.revoke(target, reason: reason)
            let id =
                switch target {
                case .device(let id): id.description
                case .invitation(let id): id.description
                case .statement(let hash): hash.hex
                }
            let view = session.view
            let owner = Self.owner(of: target, view)
            let warnings = [owner.flatMap { Self.warning(of: $0, view) }, Self.remaining(target, view)].compactMap {
                $0
            }
            var object = JSONObject()
            object.set("revoked", to: .string(id))
            object.set("roster", to: .integer(session.roster.size))
            object.set("revoked_before", to: .bool(revoked.before != nil))
            if let owner {
                object.set("member", to: .text(owner.id))
                object.set("devices_left", to: .integer(view.liveDevices(of: owner.id).count))
            }
            object.set("warnings", to: .array(warnings.map { .string($0) }))
            context.console.result(.object(object), human: Self.words(id, revoked))
            warnings.forEach(context.console.warn)
        }
    }

    private static func words(_ id: String, _ revoked: Revoked) -> String {
        let place = "entry \(revoked.index) of the roster log"
        return revoked.before.map { again(id, at: $0.place.time, reason: $0.reason.description, place) }
            ?? "revoked \(id), \(place)"
    }

    /// Whoever does it a second time may have meant another one.
    static func again(_ id: String, at time: Timestamp, reason: String, _ place: String) -> String {
        "\(id) was revoked BEFORE, on \(LocalTime.short(time)) (reason: \(SafeText.line(reason))), \(place): nothing is done now"
    }

    /// Any words are allowed; the hint names some that say enough.
    static func reason(_ text: String) throws -> TextValue {
        try AdminFoundCommand.name(
            text, "--reason",
            next:
                "say why in your own words, on one line of at most \(TextValue.maximumByteCount) bytes, for example --reason "
                + "\"stolen\", \"lost\", \"replaced\", \"has left the practice\" or \"invited by mistake\"")
    }

    /// That a role that came with an invitation stays; `nil` when that is plain.
    private static func remaining(_ target: RevokeStatement.Target, _ view: RosterView) -> String? {
        guard case .invitation(let id) = target, let member = view.invitation(id).flatMap({ view.member($0.member) })
        else { return nil }
        return remaining(member.roles, of: member.name.description)
    }

    static func remaining(_ roles: Set<Role>, of name: String) -> String? {
        guard roles.count > 1 else { return nil }
        return
            "\(SafeText.line(name)) KEEPS the roles \(RoleWords.list(roles)): revoking an invitation takes no role back, \"nightbell admin "
            + "roles\" does"
    }

    private static func owner(of target: RevokeStatement.Target, _ view: RosterView) -> Member? {
        guard case .device(let id) = target else { return nil }
        return view.device(id).flatMap { view.member($0.member) }
    }

    /// That nothing reaches somebody any more, and who can be reached instead; `nil` while they have a device.
    private static func warning(of member: Member, _ view: RosterView) -> String? {
        guard member.status == .active, view.liveDevices(of: member.id).isEmpty else { return nil }
        let others = view.members.filter { other in
            other.id != member.id && !other.roles.isDisjoint(with: member.roles)
                && !view.liveDevices(of: other.id).isEmpty
        }
        .map(\.name.description).sorted().prefix(3)
        let role = member.roles.filter { $0 != .admin }.sorted().first?.rawValue ?? Role.provider.rawValue
        let instead =
            others.isEmpty ? "nobody else has their role" : "others with their role: \(others.joined(separator: ", "))"
        return
            "\(member.name) HAS NO DEVICE LEFT: nothing reaches them, and nobody else has what waits with them unanswered. Tell "
            + "them and the desk by telephone (\(instead)); then let them join again: nightbell admin invite --member "
            + "\"\(member.name)\" --role \(role)"
    }
}
