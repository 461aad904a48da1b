import ArgumentParser
import DeviceKit
import Membership
import Statements

/// `nightbell admin witnesses …`.
struct AdminWitnessesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witnesses", abstract: "Show the witnesses of the logs, or say whose cosignatures count.",
        subcommands: [WitnessesShowCommand.self, WitnessesSetCommand.self],
        defaultSubcommand: WitnessesShowCommand.self)
}

/// `nightbell admin witnesses show`.
struct WitnessesShowCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show whose cosignatures count, and what each cosigned last.")

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    func perform(_ context: CommandContext) async throws {
        try await context.withSession { session in
            try await session.refresh()
            try await session.refreshWitnesses()
            let standing = try session.witnessStanding()
            let now = session.connection.clock.now()
            context.console.result(
                WitnessWords.document(standing, now),
                human: WitnessWords.table(standing, columns: context.console.columns))
        }
    }
}

/// `nightbell admin witnesses set`.
struct WitnessesSetCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Say whose cosignatures of the logs count.",
        discussion: """
            VKEY is what "nightbell audit witness init" printed where the witness runs; all that count are named at once. \
            The relay's operator names the same witnesses with their addresses ("witness.file" of relay.yaml). When fewer \
            than are demanded have cosigned for 24 hours, everybody's clients say so; nothing is ever held back for it.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "A witness's vkey; none with --none.")
    var vkey: [String] = []

    @Option(help: ArgumentHelp("Of how many witnesses a recent cosignature is demanded.", valueName: "count"))
    var demand: UInt64?

    @Flag(help: "No witnesses from now on.")
    var none = false

    func perform(_ context: CommandContext) async throws {
        let policy = try policy()
        try await context.withSession { session in
            try await session.refresh()
            let isNew = try await session.setWitnesses(policy)
            context.console.result(
                [
                    "witnesses": .array(policy.keys.map { .string($0.vkey) }), "demanded": .integer(policy.demanded),
                    "changed": .bool(isNew),
                ],
                human: policy.keys.isEmpty
                    ? "no witnesses are named"
                    : "\(policy.keys.map { SafeText.line($0.name) }.joined(separator: ", ")): "
                        + "\(policy.demanded) of \(policy.keys.count) demanded")
        }
    }

    private func policy() throws -> WitnessPolicy {
        if none != vkey.isEmpty || none && demand != nil {
            throw DeviceKitError(
                "no_witness_named", .usage,
                !none
                    ? "no witness is named"
                    : vkey.isEmpty ? "--none stands beside --demand" : "--none stands beside the vkey of a witness",
                next: "give their vkeys, or --none alone for no witnesses")
        }
        if none { return .none }
        let keys = try vkey.map { text in
            guard let key = WitnessKey(vkey: text) else {
                // Of a mistyped key no more than its name is repeated: it may be a private one.
                let name = text.prefix { $0 != "+" }.prefix(40)
                throw DeviceKitError(
                    "no_witness_key", .usage, "what begins with \"\(name)\" is no vkey of a witness",
                    next: "give what \"nightbell audit witness init\" printed, as name+8 digits+key")
            }
            return key
        }
        guard let policy = WitnessPolicy(keys, demanded: demand ?? 1) else {
            throw DeviceKitError(
                "bad_witnesses", .usage, Self.fault(keys, demanded: demand ?? 1),
                next: "name 1 to \(WitnessPolicy.maximumCount) different witnesses, and demand at most so many")
        }
        return policy
    }

    /// What no policy allows of these.
    static func fault(_ keys: [WitnessKey], demanded: UInt64) -> String {
        if let twice = keys.first(where: { key in keys.count { $0.key == key.key } > 1 }) {
            return "the key of \"\(twice.name)\" is named twice"
        }
        let names = keys.map { Array("\($0.name)+\($0.id)".utf8) }
        if let alike = zip(keys, names).first(where: { _, name in names.count { $0 == name } > 1 })?.0 {
            return "two keys of \"\(alike.name)\" have the same key id"
        }
        return keys.count > WitnessPolicy.maximumCount
            ? "\(keys.count) witnesses are named, and \(WitnessPolicy.maximumCount) is the most"
            : "\(demanded) are demanded, and \(keys.count) named"
    }
}
