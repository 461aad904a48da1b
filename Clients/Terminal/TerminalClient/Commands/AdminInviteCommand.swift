import ArgumentParser
import DeviceKit
import Membership
import Statements

/// `nightbell admin invite`.
struct AdminInviteCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "invite", abstract: "Invite a device of a new or existing member.",
        discussion: """
            Hand the invitation over outside the relay: spoken, on paper, as a QR code. It is good once. An auditor is a member of \
            their own: a person who has another role as well is invited under two names.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Option(help: ArgumentHelp("The member's name.", valueName: "name"))
    var member: String

    @Option(
        help: ArgumentHelp("provider, intake, auditor or gateway.", valueName: "role"),
        completion: .list(Role.allCases.filter { $0 != .admin }.map(\.rawValue)))
    var role: String

    @Option(help: ArgumentHelp("How long the invitation is good, 1 to 168.", valueName: "hours"))
    var hours = 24

    func perform(_ context: CommandContext) async throws {
        guard let role = Role(rawValue: role) else {
            throw DeviceKitError(
                "bad_role", .usage, "there is no role of that name",
                next: "choose one of provider, intake, auditor, gateway")
        }
        guard (1...168).contains(hours) else {
            throw DeviceKitError(
                "bad_hours", .usage, "an invitation is good for 1 to 168 hours", next: "choose --hours 1 to 168")
        }
        let name = try AdminFoundCommand.name(member, "--member")
        let life = Int64(hours) * 3_600
        let (invitation, isKeyAwaited) = try await context.withSession { session in
            if Input.isTerminal, !context.console.isJSON {
                try await session.refresh()
                try session.checkInvitation(role, for: name)
                try Self.confirm(role, for: session.view.member(named: name), context.console)
            }
            let issued = try await session.invite(member: name, role: role, lifeSeconds: life)
            return (issued, role == .auditor && session.view.auditKey == nil)
        }
        context.console.result(
            [
                "invitation": .string(invitation.text), "member": .text(invitation.member),
                "expires": .text(invitation.expires), "id": .text(invitation.id),
            ],
            human: """
                \(invitation.text)

                good once, until \(LocalTime.full(invitation.expires)), for \(SafeText.line(name.description)) (\(invitation.member))\
                \(Self.further(name.description, role, formerly: invitation.formerRoles).map { "\n\($0)" } ?? "")\
                \(isKeyAwaited ? context.console.hinted("\n\(Self.keyComes)") : "")

                \(context.console.hinted("to take it back before it is used: nightbell admin revoke \(invitation.id) --reason TEXT"))
                """)
    }

    /// Until an admin has accepted it, no message tells any auditor whose it is, and none does so later.
    static let keyComes =
        "when they have joined, accept the audit key that their device makes: nightbell admin audit-key accept"

    /// A role counts at once, on every device of its member, and stays when the invitation is revoked.
    private static func confirm(_ role: Role, for member: Member?, _ console: Console) throws(DeviceKitError) {
        guard let member, let question = question(role, for: member.name.description, whoIs: member.roles) else {
            return
        }
        guard console.confirms(question) else {
            throw DeviceKitError(
                "not_invited", .failed, "nobody was invited, and no role was given",
                next: "for a person who is no member yet, choose a name that no member has")
        }
    }

    /// - Returns: `nil` for a role that the member has.
    static func question(_ role: Role, for name: String, whoIs roles: Set<Role>) -> String? {
        guard !roles.contains(role) else { return nil }
        return
            "\(SafeText.line(name)) exists (\(RoleWords.list(roles))) and becomes \(role.rawValue) as well, AT ONCE and on all devices; revoking the "
            + "invitation does not take that back (\"nightbell admin roles\" does). Go on?"
    }

    /// What an invitation means for somebody who is a member already; `nil` for a new one.
    static func further(_ name: String, _ role: Role, formerly roles: Set<Role>?) -> String? {
        guard let roles else { return nil }
        let device =
            "\(SafeText.line(name)) exists (\(RoleWords.list(roles))): this is a further device of the same person"
        return roles.contains(role) ? device : "\(device), who is given the role \(role.rawValue) as well"
    }
}
