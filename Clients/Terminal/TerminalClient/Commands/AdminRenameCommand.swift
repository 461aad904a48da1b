import ArgumentParser
import DeviceKit
import Membership
import Statements

/// `nightbell admin rename MEMBER NAME`.
struct AdminRenameCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "rename", abstract: "Say what a member is called from now on.",
        discussion: """
            Everybody sees the new name, and writes to it. What was logged before stays under the old one: an audit tells that, \
            and beside it what the member is called now. The member's id, roles, devices and messages stay. No two members bear \
            names that nobody tells apart. Whoever types is asked first; a script is not.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The member's present name, or id.")
    var member: String

    @Argument(help: "The new name; one with blanks stands in \"…\".")
    var name: String

    @Flag(help: "Do not ask whoever types.")
    var yes = false

    func perform(_ context: CommandContext) async throws {
        let name = try AdminFoundCommand.name(name, "the new name")
        try await context.withSession { session in
            try await session.refresh()
            try session.checkAdmin()
            let before = try NamedMember.find(member, session)
            try session.checkName(name, for: before)
            if !yes {
                try ChangedMember.confirm(
                    Self.question(name.description, for: before.name.description), context.console,
                    otherwise: "\(SafeText.line(before.name.description)) keeps that name")
            }
            let isNew = try await session.rename(before.id, to: name)
            let after = session.view.member(before.id) ?? before
            context.console.result(
                ChangedMember.document(after, isNew: isNew),
                human: Self.words(after.name.description, formerly: before.name.description, isNew: isNew))
        }
    }

    /// - Returns: `nil` for what the member is called already.
    static func question(_ name: String, for former: String) -> String? {
        guard name != former else { return nil }
        return "\(SafeText.line(former)) will be called \(SafeText.line(name)), AT ONCE and by everybody. Go on?"
    }

    static func words(_ name: String, formerly former: String, isNew: Bool) -> String {
        isNew
            ? "\(SafeText.line(former)) is called \(SafeText.line(name)) from now on"
            : "\(SafeText.line(name)) is called so already: nothing is done"
    }
}
