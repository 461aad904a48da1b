import DeviceKit

/// Finds what was mistyped before the parser does, for the parser names the first thing that is missing and guesses
/// nothing.
struct CommandLineCheck: Sendable {
    let tree: CommandTree

    /// What a line means before any option is looked at.
    struct Meaning {
        /// The command that its words lead to.
        let command: CommandTree.Command
        /// What stands behind them, global options that stood before them included.
        let rest: [String]
        /// A word in a command's place that is none.
        let stray: String?
    }

    /// Which command the words lead to.
    func meaning(of arguments: [String]) -> Meaning {
        var command = tree.root
        var carried: [String] = []
        var index = 0
        while index < arguments.count, !command.commands.isEmpty {
            if let length = ArgumentOrder.globalLength(arguments, index) {
                carried += arguments[index..<index + length]
                index += length
            } else if let next = command.command(arguments[index]) {
                command = next
                index += 1
            } else {
                break
            }
        }
        let rest = carried + arguments[index...]
        let stray = index < arguments.count && !arguments[index].hasPrefix("-") ? arguments[index] : nil
        return Meaning(command: command, rest: rest, stray: command.commands.isEmpty ? nil : stray)
    }

    /// The mistake in a line, with what may have been meant; `nil` when it is the parser's to judge.
    func mistake(in arguments: [String]) -> DeviceKitError? {
        let meaning = meaning(of: arguments)
        if let stray = meaning.stray { return Self.unknown(stray, below: meaning.command) }
        if !meaning.command.commands.isEmpty {
            if let odd = meaning.rest.first(where: { $0.hasPrefix("-") && !ArgumentOrder.isGlobal([Self.name(of: $0)]) }
            ),
                !Self.asksForHelp(meaning.rest)
            {
                return Self.noOption(
                    odd, meaning.command, among: ArgumentOrder.flags.union(ArgumentOrder.options).sorted())
            }
            guard !meaning.rest.isEmpty, meaning.command.defaultCommand == nil, !Self.asksForHelp(meaning.rest) else {
                return nil
            }
            return Self.incomplete(meaning.command)
        }
        return Self.unknownOption(in: meaning.rest, of: meaning.command)
    }

    /// An option that stands twice in a line that the parser takes: of the two it has the last, and says nothing.
    static func optionTwice(in arguments: [String]) -> DeviceKitError? {
        let options = arguments.prefix { $0 != "--" }.filter { $0.hasPrefix("--") }.map(name(of:))
        guard Set(options).count < options.count,
            let mistake = CommandLineCheck(tree: .nightbell).mistake(in: arguments),
            mistake.code == "option_twice"
        else { return nil }
        return mistake
    }

    private static func asksForHelp(_ arguments: [String]) -> Bool {
        arguments.contains { ["-h", "--help", "--version", "--experimental-dump-help"].contains($0) }
    }

    /// - Parameter words: What else could have stood there.
    static func unknown(
        _ stray: String, below command: CommandTree.Command, or words: [String] = []
    ) -> DeviceKitError {
        let line = command.path.joined(separator: " ")
        let names = command.commands.map(\.name)
        let deeper = command.commands.flatMap(\.commands).filter { $0.name == stray }
        guard deeper.isEmpty else {
            let paths = deeper.map { "\"\($0.path.joined(separator: " "))\"" }
            return DeviceKitError(
                "usage", .usage, "\"\(line)\" has no command \"\(stray)\"",
                next: "did you mean \(paths.joined(separator: " or "))?")
        }
        let meant = Suggestion.nearest(to: stray, among: names + words)
        return DeviceKitError(
            "usage", .usage, "\"\(line)\" has no command \"\(stray)\"",
            next: meant.map { "did you mean \"\(words.contains($0) ? "\(line) help" : line) \($0)\"?" }
                ?? "choose one of \((names + words).joined(separator: ", ")); \"nightbell help\" explains them")
    }

    private static func incomplete(_ command: CommandTree.Command) -> DeviceKitError {
        DeviceKitError(
            "usage", .usage, "\"\(command.path.joined(separator: " "))\" needs a command behind it",
            next: "choose one of \(command.commands.map(\.name).joined(separator: ", "))")
    }

    private static func unknownOption(in rest: [String], of command: CommandTree.Command) -> DeviceKitError? {
        var isValue = false
        var given: Set<String> = []
        for argument in rest {
            if argument == "--" { return nil }
            guard !isValue, argument.hasPrefix("--") else {
                isValue = false
                continue
            }
            let name = name(of: argument)
            if let known = command.arguments.first(where: { $0.names.contains(name) }) {
                isValue = known.kind == .option && name == argument
                // Of two the parser takes the last: whoever wrote to two people would believe that both have it.
                if known.kind == .option, !known.isRepeating, !given.insert(known.names[0]).inserted {
                    return twice(name, command)
                }
                continue
            }
            guard !asksForHelp([name]) else { return nil }
            return noOption(name, command, among: command.arguments.flatMap(\.names))
        }
        return nil
    }

    private static func twice(_ option: String, _ command: CommandTree.Command) -> DeviceKitError {
        DeviceKitError(
            "option_twice", .usage,
            "\(option) stands twice, and \"\(command.path.joined(separator: " "))\" takes one: nothing was done",
            next: "give it once; for a second one, repeat the command")
    }

    private static func noOption(
        _ option: String, _ command: CommandTree.Command, among names: [String]
    ) -> DeviceKitError {
        let line = command.path.joined(separator: " ")
        let meant = Suggestion.nearest(to: name(of: option), among: names)
        return DeviceKitError(
            "usage", .usage, "\"\(line)\" has no option \(name(of: option))",
            next: (meant.map { "did you mean \($0)? " } ?? "") + "see \"\(line) --help\"")
    }

    private static func name(of argument: String) -> String { String(argument.prefix { $0 != "=" }) }
}
