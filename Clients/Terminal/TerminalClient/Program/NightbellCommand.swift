public import ArgumentParser
import DeviceKit
import Foundation
import Processes

/// The program `nightbell`.
public struct NightbellCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "nightbell",
        abstract: "Sealed messages from whoever takes the call to the clinician on call, with proof.",
        discussion: """
            Begin with "nightbell join INVITATION". Global options may stand before or after a command's words. When \
            something does not work, "nightbell doctor" says why and what to do.

            TOPICS: nightbell help exit-codes, nightbell help environment, nightbell help formatting.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Messages",
                subcommands: [
                    UICommand.self, InboxCommand.self, ReadCommand.self, AckCommand.self, DeclineCommand.self,
                    CloseCommand.self, ReplyCommand.self, HandOffCommand.self,
                    SendCommand.self, SentCommand.self, WatchCommand.self,
                ]),
            CommandGroup(
                name: "This device",
                subcommands: [
                    JoinCommand.self, UnlockCommand.self, LockCommand.self, StatusCommand.self, DoctorCommand.self,
                    PushCommand.self, StepsCommand.self, CompletionsCommand.self, ManualCommand.self, AgentCommand.self,
                ]),
            CommandGroup(name: "The practice", subcommands: [AdminCommand.self, AuditCommand.self]),
        ])

    public init() {}

    /// Runs the program with the process's arguments and ends it.
    public static func start() async -> Never {
        ProcessShield.raise()
        let status = await run(
            Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
        Foundation.exit(status.rawValue)
    }

    /// Parses, runs, and says why when it fails.
    static func run(_ arguments: [String], environment: [String: String]) async -> ExitStatus {
        let isJSON = arguments.prefix { $0 != "--" }.contains("--json")
        let console = Console(isJSON: isJSON, isVerbose: false, environment: environment)
        let status = await answer(arguments, environment, console)
        if console.hasLostOutput, let looks = LoggedLooks.process.take() { console.warn(looks) }
        // Whatever it was that nobody could be shown: said where it happened.
        return status == .done && console.hasLostOutput ? .failed : status
    }

    /// What is no UTF-8 was repaired before anybody saw it: a file of that name would not be found, and words would be others.
    private static func checkCharacters(_ arguments: [String]) throws(DeviceKitError) {
        guard let argument = arguments.first(where: { $0.contains("\u{FFFD}") }) else { return }
        throw DeviceKitError(
            "bad_argument", .usage, "\"\(argument)\" is not UTF-8: it would not mean what you typed",
            next:
                "rename a file that is called so; for words, use a terminal whose characters are UTF-8, or \"--text -\""
        )
    }

    private static func answer(
        _ arguments: [String], _ environment: [String: String], _ console: Console
    ) async -> ExitStatus {
        if arguments.first == CompletionAnswer.word {
            let words = ProfileWords(environment: environment)
            console.output(
                CompletionAnswer(to: Array(arguments.dropFirst()), ids: words.ids, names: words.names).text)
            return .done
        }
        do {
            try checkCharacters(arguments)
            if try HelpAnswer(to: arguments)?.show(console) != nil { return .done }
        } catch {
            console.fail(error)
            return .usage
        }
        // Which profile it is about is known once the command is.
        var console = console
        let arranged = ArgumentOrder(words(of: Self.self)).arranged(arguments)
        var command: any ParsableCommand
        do {
            command = try parseAsRoot(arranged)
        } catch {
            return usage(error, arguments, console)
        }
        if let twice = CommandLineCheck.optionTwice(in: arguments) {
            console.fail(twice)
            return .usage
        }
        // That someone lied is louder than how the command ended.
        var metLies: () -> Bool = { false }
        var hasTold: (String) -> Bool = { _ in false }
        do {
            if var command = command as? any NightbellSubcommand {
                let context = try CommandContext(command.options, environment: environment)
                console = context.console
                hasTold = { context.hasTold($0) }
                if !command.outlivesFindings { metLies = { context.hasFindings } }
                try await command.perform(context)
            } else if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return metLies() ? .verificationFailed : .done
        } catch let status as FinishedWith {
            return status.status
        } catch  where exitCode(for: error) == .success || error is ValidationError || error is CleanExit {
            return usage(error, arguments, console)
        } catch {
            let described = DeviceKitError(describing: error)
            if let looks = LoggedLooks.process.take() { console.warn(looks) }
            console.fail(described, isTold: hasTold(described.message))
            return metLies() ? .verificationFailed : ExitStatus(described.category)
        }
    }

    /// Help goes to standard output and is no error; everything else is told in our own form.
    private static func usage(_ error: any Error, _ arguments: [String], _ console: Console) -> ExitStatus {
        if exitCode(for: error) == .success {
            console.output(fullMessage(for: error) + "\n")
            return .done
        }
        let check = CommandLineCheck(tree: .nightbell)
        let line = check.meaning(of: arguments).command.path.joined(separator: " ")
        console.fail(check.mistake(in: arguments) ?? UsageWords.error(message(for: error), line: line))
        return .usage
    }

    /// The words of a command and of those below it.
    private static func words(of command: any ParsableCommand.Type) -> [ArgumentOrder.Word] {
        command.configuration.subcommands.map { ArgumentOrder.Word($0._commandName, words(of: $0)) }
    }
}

/// A command that ended as it should with another status than 0, its result already told.
struct FinishedWith: Error {
    let status: ExitStatus
}

/// A command of `nightbell`.
protocol NightbellSubcommand: AsyncParsableCommand {
    /// The global options.
    var options: GlobalOptions { get }
    /// Whether a finding leaves the exit status alone: for what stays, and shows findings as they come.
    var outlivesFindings: Bool { get }
    /// Does the work.
    mutating func perform(_ context: CommandContext) async throws
}

extension NightbellSubcommand {
    var outlivesFindings: Bool { false }

    /// ArgumentParser's entry; ours is ``perform(_:)``.
    mutating func run() async throws {
        try await perform(CommandContext(options, environment: ProcessInfo.processInfo.environment))
    }
}
