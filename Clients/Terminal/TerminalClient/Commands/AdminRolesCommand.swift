import ArgumentParser
import DeviceKit
import Membership
import Statements

/// `nightbell admin roles MEMBER ROLE…`.
struct AdminRolesCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "roles", abstract: "Say which roles a member has from now on.",
        discussion: """
            All of them are named at once: one that is not named is taken back, at once and on all devices of the member. What an \
            admin's device may do stays. An auditor is a member of their own: nobody may write to an auditor, so no clinician and \
            no desk becomes one. What waits with the member unanswered stays there. Whoever types is asked first; a script is not.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The member's name or id.")
    var member: String

    @Argument(
        help: "provider, intake, auditor or gateway; none with --none.",
        completion: .list(Role.allCases.filter { $0 != .admin }.map(\.rawValue)))
    var role: [String] = []

    /// As `admin invite` has it: whoever types it means a role, and not --none.
    @Option(
        name: .customLong("role"), help: ArgumentHelp("The same, as an option for each role.", valueName: "role"),
        completion: .list(Role.allCases.filter { $0 != .admin }.map(\.rawValue)))
    var further: [String] = []

    @Flag(help: "No role from now on.")
    var none = false

    @Flag(help: "Do not ask whoever types.")
    var yes = false

    func perform(_ context: CommandContext) async throws {
        let roles = try Self.roles(role + further, none: none)
        try await context.withSession { session in
            try await session.refresh()
            try session.checkAdmin()
            let before = try NamedMember.find(member, session)
            try session.checkRoles(roles, for: before)
            if !yes {
                try ChangedMember.confirm(
                    Self.question(roles, for: before.name.description, whoIs: before.roles), context.console,
                    otherwise: "\(SafeText.line(before.name.description)) has the roles as before")
            }
            let isNew = try await session.setRoles(roles, of: before.id)
            let after = session.view.member(before.id) ?? before
            context.console.result(
                ChangedMember.document(after, isNew: isNew),
                human: "\(SafeText.line(after.name.description)) is \(Self.list(after.roles)) "
                    + (isNew ? "from now on" : "already: nothing is done"))
        }
    }

    /// - Throws: ``DeviceKitError`` of category `usage`.
    static func roles(_ words: [String], none: Bool) throws(DeviceKitError) -> Set<Role> {
        guard none == words.isEmpty else {
            throw DeviceKitError(
                "no_role_named", .usage, none ? "--none stands beside roles" : "no role is named",
                next: "name all roles that the member is to have, or --none for none")
        }
        var roles: Set<Role> = []
        for word in words {
            guard let role = Role(rawValue: word) else {
                throw DeviceKitError(
                    "bad_role", .usage, "there is no role \"\(word)\"",
                    next: "choose among provider, intake, auditor, gateway; a name with blanks stands in \"…\"")
            }
            roles.insert(role)
        }
        return roles
    }

    /// A role counts at once, and on every device of its member; so does its end.
    /// - Returns: `nil` for what the member is already.
    static func question(_ roles: Set<Role>, for name: String, whoIs former: Set<Role>) -> String? {
        let after = roles.union(former.intersection([.admin]))
        guard after != former else { return nil }
        return
            "\(SafeText.line(name)) is \(list(former)) and becomes \(list(after)), AT ONCE and on all devices. Go on?"
    }

    private static func list(_ roles: Set<Role>) -> String { roles.isEmpty ? "without a role" : RoleWords.list(roles) }
}
