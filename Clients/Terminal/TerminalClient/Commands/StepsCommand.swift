import ArgumentParser
import DeviceKit
import Statements

/// `nightbell steps [MSG]`.
struct StepsCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "steps", abstract: "Show the step log: what this device did, and what each step established.",
        discussion: """
            Filters combine: a line is shown when it meets all of them. Times are this machine's; with --json, one line of the \
            log after another, as it stands in steps.ndjson. --verify checks that the lines hang together, that every receipt of \
            this device names a line that was the last one when it was signed, and that steps.ndjson says the same.
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Argument(help: "A message's id, or its beginning.")
    var message: String?

    @Option(
        help: ArgumentHelp("Only this step, for instance receipt; may be repeated.", valueName: "name"),
        completion: .list(StepName.allCases.map(\.rawValue)))
    var step: [String] = []

    @Option(help: ArgumentHelp("Not before: 03:00, 2h, 7d, or 2026-11-28T03:00:00Z.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Before: 03:00, 2h, 7d, or 2026-11-28T03:00:00Z.", valueName: "time"))
    var until: String?

    @Option(help: ArgumentHelp("Only the last so many of them.", valueName: "count"))
    var last: Int?

    @Flag(help: "Check the whole log and this device's receipts against it; takes no filter.")
    var verify = false

    func perform(_ context: CommandContext) async throws {
        let window = try TimeWindow(since: since, until: until)
        let filter = try filter(window)
        if let warning = window.warning() { context.console.warn(warning) }
        let profile = try context.openProfile()
        if verify { return try Self.verify(profile, context.console) }
        let lines = filter.chosen(of: try profile.steps())
        var day: String?
        for line in lines {
            let date = LocalTime.day(line.at)
            context.console.result(
                (try? JSONParser.parse(line.bytes)) ?? .null,
                human: (date == day ? "" : (day == nil ? "" : "\n") + date + "\n") + Console.human(line))
            day = date
        }
        if lines.isEmpty { context.console.say("the step log has no such line") }
    }

    private func filter(_ window: TimeWindow) throws(DeviceKitError) -> StepsFilter {
        var filter = StepsFilter(message: message, steps: try StepsFilter.steps(step))
        (filter.since, filter.until) = (window.since, window.until)
        filter.last = last
        guard last.map({ $0 > 0 }) ?? true else {
            throw DeviceKitError("bad_count", .usage, "--last takes at least 1", next: "leave it out to see all")
        }
        let isFiltered = message != nil || !step.isEmpty || since != nil || until != nil || last != nil
        guard !verify || !isFiltered else {
            throw DeviceKitError(
                "verify_is_whole", .usage, "--verify checks the whole log, and takes no filter",
                next: "run it alone: nightbell steps --verify")
        }
        return filter
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
