import ArgumentParser
import DeviceKit
import Statements

/// `nightbell admin found`.
struct AdminFoundCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "found", abstract: "Found an organisation at a relay; this device becomes its first admin.",
        discussion: """
            Prints the recovery secret once. Write it down and keep it offline: it opens every message, and it is the only \
            way back when the admins' devices are lost. An interrupted founding is finished by the same command; one that \
            was finished is told again, without the secret ("recovery": null).
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Option(help: ArgumentHelp("The relay's address.", valueName: "host:port"))
    var relay: String

    @Option(help: ArgumentHelp("The organisation's name.", valueName: "name"))
    var organisation: String

    @Option(help: ArgumentHelp("The first admin's name.", valueName: "name"))
    var member: String

    @Option(help: ArgumentHelp("What others see this device called.", valueName: "text"))
    var label: String?

    @Option(help: ArgumentHelp("The founding code that the relay's operator gave.", valueName: "code"))
    var code: String?

    func perform(_ context: CommandContext) async throws {
        guard InvitationText.isRelayAddress(relay.lowercased()) else {
            throw DeviceKitError(
                "bad_address", .usage, "--relay takes a host or host:port",
                next: "for instance --relay relay.example:8443")
        }
        let name = try Self.name(member, "--member")
        try MemberName.check(name)
        let request = Founding.Request(
            relay: relay.lowercased(), organisation: try Self.name(organisation, "--organisation"), member: name,
            label: try JoinCommand.label(label), code: code)
        let profile = try context.makeProfile()
        let founding = Founding(profile: profile, observer: context.observer)
        let founded = try await founding.run(request)
        try await JoinCommand.publishKeys(profile, context)
        var document = JSONObject()
        document.set("organisation", to: .text(founded.identity.organisation))
        document.set("member", to: .text(founded.identity.member))
        document.set("device", to: .text(founded.identity.device))
        document.set("recovery", to: founded.recovery.map { .string($0) } ?? .null)
        let isTold = context.console.resultToKeep(
            .object(document),
            human: """
                founded \(founded.identity.organisation)
                member \(founded.identity.member)
                device \(founded.identity.device)

                \(Self.words(on: founded.recovery))

                \(context.console.hinted("next: nightbell admin invite --member NAME --role provider"))
                """)
        // Until it is known to be where it was printed to, this profile has the only copy.
        guard isTold else {
            throw DeviceKitError(
                "result_not_written", .failed, "the result could not be written to standard output",
                next: "repeat the command: the organisation is founded, and its recovery secret is still kept here")
        }
        if founded.recovery != nil { try founding.forgetRecoverySecret() }
    }

    private static func words(on recovery: String?) -> String {
        guard let recovery else {
            return """
                this was done before; the recovery secret was printed then and is no longer kept here

                if nobody has it, found another organisation in a new profile (--profile DIR) before anyone joins this one
                """
        }
        return """
            recovery secret, shown this once: write it down and keep it offline

                \(recovery)
            """
    }

    static func name(
        _ text: String, _ option: String,
        next: String =
            "give a name of 1 to \(TextValue.maximumByteCount) bytes, on one line and without control characters"
    ) throws -> TextValue {
        guard let name = TextValue(typed: text) else {
            throw DeviceKitError(
                "bad_name", .usage,
                "\(option) is empty, longer than \(TextValue.maximumByteCount) bytes or has characters that are controls, or newer than Unicode 14",
                next: next)
        }
        return name
    }
}
