import ArgumentParser
import DeviceKit
import Membership
import Statements
import TransparencyLog

/// `nightbell audit monitor`.
struct AuditMonitorCommand: NightbellSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor", abstract: "Ask again and again whether the relay still shows one history.",
        discussion: """
            Every so many seconds the relay's newest checkpoints and what each witness cosigned last are fetched, verified, and \
            held against all that this device saw before. Says what is new, and that it is one history with what was seen before \
            (proven, and no more than that: others may be shown another), or what contradicts: that is kept as evidence, and while \
            it is, no look says that it is one. Ends on SIGTERM or Ctrl-C, never on a finding; with --once after one look, with \
            exit code 65 for a finding, or for such evidence.

            A look that does not succeed is said with its time, and so is the first one that does again. Of a witness that has not \
            cosigned for 30 seconds what is shown it says so once, and once when it does again.

            With --json, one object a line, each with its time ("at"): {"event":"seen",…} for new checkpoints and cosignatures, "finding", \
            "unreachable" for what may pass (then it looks again), "reachable", "witness_silent" and "witness_again".
            """)

    @OptionGroup(title: "Options of every command") var options: GlobalOptions

    @Option(help: ArgumentHelp("How long to wait between two looks, 1 to 86400.", valueName: "seconds"))
    var every: Int = 60

    @Flag(help: "Look once.")
    var once = false

    /// The exit status of one look says what it found; of many, how they were ended.
    var outlivesFindings: Bool { !once }

    func perform(_ context: CommandContext) async throws {
        guard (1...86_400).contains(every) else {
            throw DeviceKitError(
                "bad_interval", .usage, "--every takes 1 to 86400 seconds", next: "leave it out for once a minute")
        }
        let context = context.staying
        let console = context.console
        // What was said last is said before the end.
        defer { OutputPump.process.drain(atMost: 2) }
        try await UntilSignal.run {
            try await context.withSession { session in
                var seen: [String] = []
                var silent = SilentWitnesses()
                var isUnreachable = false
                while true {
                    do {
                        try await session.refresh()
                        try await session.refreshWitnesses()
                        let now = session.connection.clock.now()
                        if isUnreachable { Self.tell("reachable", "the relay answers again", at: now, console) }
                        isUnreachable = false
                        try Self.tell(session, &seen, console)
                        let sizes = session.checkpoints.mapValues(\.size)
                        for news in silent.look(try session.witnessStanding(), shown: sizes, at: now) {
                            Self.tell(news, at: now, console)
                        }
                    } catch {
                        guard !once, let trouble = Self.trouble(error) else { throw error }
                        isUnreachable = isUnreachable || trouble.event == "unreachable"
                        Self.tell(trouble.event, trouble.words, at: session.connection.clock.now(), console)
                    }
                    if once {
                        guard try session.convictions().isEmpty else {
                            throw FinishedWith(status: .verificationFailed)
                        }
                        return
                    }
                    try await Task.sleep(for: .seconds(every))
                }
            }
        }
    }

    /// What is told of a look that did not succeed, when the next one may; `nil` for what no further look can change.
    ///
    /// A relay that starts, drains or has too much to do answers with a problem: nobody is watched any more if that ended
    /// the watching.
    static func trouble(_ error: any Error) -> (event: String, words: String)? {
        let told = DeviceKitError(describing: error)
        switch error {
        case is DeviceKitError, is StatementError, is LogError, is RuleViolation, is RelayRefusal: break
        default: return nil
        }
        switch told.category {
        case .verification: return ("finding", told.message)
        case .unreachable, .tryAgain: return ("unreachable", told.message)
        // What the relay says of its own trouble; of this machine's no other look comes out better.
        case .failed where error is RelayRefusal: return ("unreachable", told.message)
        default: return nil
        }
    }

    private static func tell(_ event: String, _ words: String, at time: Timestamp, _ console: Console) {
        console.result(
            ["event": .string(event), "at": .text(time), "message": .string(words)],
            human: line(words, at: time, isGrave: event == "finding"))
    }

    private static func tell(_ news: SilentWitnesses.News, at time: Timestamp, _ console: Console) {
        console.result(
            [
                "event": news.isSilent ? "witness_silent" : "witness_again", "at": .text(time),
                "witness": .string(news.witness), "log": .string(news.log.rawValue), "message": .string(news.words),
            ], human: line(news.words, at: time, isGrave: news.isSilent))
    }

    /// As every line of a monitor: when, then what.
    static func line(_ words: String, at time: Timestamp, isGrave: Bool) -> String {
        "\(LocalTime.full(time))  \(isGrave ? "!! " : "")\(SafeText.line(words))"
    }

    /// What is new since the last look.
    private static func tell(_ session: DeviceSession, _ seen: inout [String], _ console: Console) throws {
        let standing = try session.witnessStanding()
        let trees = LogKind.allCases.compactMap { log in
            session.checkpoints[log].map { "\(log.rawValue) \($0.shortForm)" }
        }
        let words = standing.words.map { "\($0.witness.name) \($0.log.rawValue) \($0.checkpoint.shortForm)" }
        let now = trees + words
        defer { seen = now }
        guard now != seen else { return }
        let clock = session.connection.clock.now()
        let evidence = try session.convictions()
        console.result(
            [
                "event": "seen", "at": .text(clock), "history": evidence.isEmpty ? "one" : "two",
                "shown": .array(trees.map { .string($0) }), "witnesses": WitnessWords.document(standing, clock),
                "evidence": .array(evidence.map { .string($0.evidence) }),
            ],
            human: "\(LocalTime.full(clock))  \(Self.history(evidence)): "
                + now.filter { !seen.contains($0) }.map { SafeText.line($0) }.joined(separator: ", "))
    }

    /// What is shown now may continue one of two histories as well.
    /// - Parameter evidence: What this device keeps against the relay, the gravest first.
    static func history(_ evidence: [Finding]) -> String {
        guard let gravest = evidence.first else { return "one history, of what this device saw" }
        return "\(gravest.charge); shown now"
    }
}
