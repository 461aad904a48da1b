import ArgumentParser
import DeviceKit
import Statements

/// `nightbell steps [MSG]`.
struct StepsCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "steps", abstract: "Show the step log: what this device did, and what each step established.",
        discussion: """
            With --json, one line of the log after another, as it stands in steps.ndjson. --verify checks that the lines \
            hang together, that every receipt of this device names a line that was the last one when it was signed, and that \
            steps.ndjson says the same.
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "A message's id, or its beginning.")
    var message: String?

    @Flag(help: "Check the chain and this device's receipts against it.")
    var verify = false

    func perform(_ context: CommandContext) async throws {
        let profile = try context.openProfile()
        if verify { return try Self.verify(profile, context.console) }
        for line in try profile.steps() where message.map({ line.message?.description.hasPrefix($0) ?? false }) ?? true
        {
            context.console.result(
                (try? JSONParser.parse(line.bytes)) ?? .null, human: Console.human(line))
        }
    }

    private static func verify(_ profile: Profile, _ console: Console) throws {
        let result = try profile.verifySteps()
        console.result(
            [
                "ok": .bool(result.holds), "lines": .integer(result.lines), "receipts": .integer(result.receipts),
                "faults": .array(result.faults.map { .string($0) }),
            ],
            human: result.holds
                ? "ok: \(result.lines) lines hang together; \(result.receipts) receipts name lines of this log, in order"
                : result.faults.joined(separator: "\n"))
        if !result.holds { throw FinishedWith(status: .verificationFailed) }
    }
}
