import ArgumentParser
import DeviceKit
import Membership
import Statements

/// `nightbell join INVITATION`.
struct JoinCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Join an organisation with an invitation.",
        discussion: """
            Makes a profile, fetches the organisation's roster, checks it against the invitation, enrols this device and \
            publishes its keys. An interrupted join is finished by the same command.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "The invitation: nightbell:host:port/…")
    var invitation: String

    @Option(help: ArgumentHelp("What others see this device called.", valueName: "text"))
    var label: String?

    func perform(_ context: CommandContext) async throws {
        let text = try Self.parsed(invitation)
        let label = try Self.label(label)
        let profile = try context.makeProfile()
        let identity = try await Joining(profile: profile, observer: context.observer).run(text, label: label)
        let (person, auditKey) = try await Self.publishKeys(profile, context)
        context.console.result(
            identity.document,
            human: """
                you are \(SafeText.line(person.member)) (\(person.roles.joined(separator: ", "))) of \
                \(SafeText.line(person.organisation)), on this device "\(SafeText.line(label.description))"

                joined \(identity.organisation)
                member \(identity.member)
                device \(identity.device)

                \(NextSteps(person.roles, auditKey: auditKey, context).text)
                """)
    }

    private static func parsed(_ text: String) throws -> InvitationText {
        do {
            return try InvitationText(parsing: text)
        } catch {
            throw DeviceKitError(
                "bad_invitation", .usage,
                error.part == "check characters"
                    ? "the invitation was mistyped: its check characters do not fit"
                    : "that is no invitation",
                next: "type it again exactly as it was given: nightbell:host:port/…")
        }
    }

    static func label(_ text: String?) throws -> TextValue {
        guard let text else { return ThisPlatform.label }
        guard let label = TextValue(typed: text) else {
            throw DeviceKitError(
                "bad_label", .usage,
                "the label is empty, longer than 256 bytes or has characters that are controls, or newer than Unicode 14",
                next: "choose another with --label")
        }
        return label
    }

    /// The first prekeys, and on an auditor's device the audit key's offer.
    /// - Returns: Who this is, and where the audit key is.
    @discardableResult
    static func publishKeys(
        _ profile: Profile, _ context: CommandContext
    ) async throws -> (ScreenPerson, NextSteps.AuditKey) {
        try await DeviceSession.during(profile, observer: context.observer) { session in
            try await session.refresh()
            try await session.maintainPrekeys()
            let offered = try await session.offerAuditKey()
            let current = session.view.auditKey?.id
            return (ScreenPerson(session), current == nil ? .awaited : current == offered ? .here : .elsewhere)
        }
    }
}
