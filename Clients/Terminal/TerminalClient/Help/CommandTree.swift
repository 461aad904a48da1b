import ArgumentParser
import Foundation

/// The program's commands as data: what help, completion and the manual say of them comes from here.
struct CommandTree: Sendable {
    let root: Command

    /// A command with what it takes and what stands below it.
    struct Command: Sendable {
        let name: String
        /// The words that call it, with the program's own.
        let path: [String]
        let abstract: String
        let discussion: String
        let arguments: [Argument]
        let commands: [Command]
        /// The word of the command that is meant when none is given.
        let defaultCommand: String?

        /// Below which path of words, as far as they are commands.
        func command(_ word: some StringProtocol) -> Command? { commands.first { $0.name == word } }

        /// Every command at the end of a path, this one included when it is one.
        var leaves: [Command] { commands.isEmpty ? [self] : commands.flatMap(\.leaves) }
    }

    /// An option, a flag or a place in the line.
    struct Argument: Sendable {
        enum Kind: String, Sendable { case positional, option, flag }
        enum Completion: Sendable, Equatable { case nothing, words([String]), files, directories }

        let kind: Kind
        /// `--to`, `-v`; empty for a place in the line.
        let names: [String]
        /// What the value is called.
        let value: String
        let abstract: String
        let isOptional: Bool
        let isRepeating: Bool
        let defaultValue: String?
        let completion: Completion
    }

    /// The tree of `nightbell`.
    static let nightbell = CommandTree(dumped: NightbellCommand._dumpHelp())

    /// - Parameter json: The parser's own description of the program.
    init(dumped json: String) {
        do {
            let dump = try JSONDecoder().decode(Dump.self, from: Data(json.utf8))
            root = Command(dump.command, below: [])
        } catch {
            preconditionFailure("the parser's description of the program is of another form")
        }
    }
}

// MARK: The parser's description

/// The form that ArgumentParser documents as its tool information, version 0: as much of it as is used here.
private struct Dump: Decodable {
    let command: DumpedCommand
}

private struct DumpedCommand: Decodable {
    let commandName: String
    let abstract: String?
    let discussion: String?
    let shouldDisplay: Bool?
    let defaultSubcommand: String?
    let subcommands: [DumpedCommand]?
    let arguments: [DumpedArgument]?
}

private struct DumpedArgument: Decodable {
    struct Name: Decodable {
        let kind: String
        let name: String
    }

    struct Values: Decodable {
        let values: [String]
    }

    struct Nothing: Decodable {}

    struct Completion: Decodable {
        let list: Values?
        let file: Nothing?
        let directory: Nothing?
    }

    let kind: String
    let shouldDisplay: Bool
    let isOptional: Bool
    let isRepeating: Bool
    let names: [Name]?
    let preferredName: Name?
    let valueName: String?
    let defaultValue: String?
    let completionKind: Completion?
    let abstract: String?
}

extension CommandTree.Command {
    fileprivate init(_ dumped: DumpedCommand, below path: [String]) {
        name = dumped.commandName
        self.path = path + [dumped.commandName]
        abstract = dumped.abstract ?? ""
        discussion = dumped.discussion ?? ""
        defaultCommand = dumped.defaultSubcommand
        arguments = (dumped.arguments ?? []).filter(\.shouldDisplay).compactMap(CommandTree.Argument.init)
        let here = self.path
        // The parser's own `help` has no arguments to speak of: ours is told apart where it matters.
        commands = (dumped.subcommands ?? []).filter { $0.shouldDisplay ?? true && $0.commandName != "help" }
            .map { CommandTree.Command($0, below: here) }
    }
}

extension CommandTree.Argument {
    fileprivate init?(_ dumped: DumpedArgument) {
        guard let kind = Kind(rawValue: dumped.kind) else { return nil }
        self.kind = kind
        let names = (dumped.names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }
        // The long name first: it is the one that explains itself.
        self.names = names.filter { $0.hasPrefix("--") } + names.filter { !$0.hasPrefix("--") }
        value = dumped.valueName ?? "value"
        abstract = dumped.abstract ?? ""
        isOptional = dumped.isOptional
        isRepeating = dumped.isRepeating
        defaultValue = dumped.defaultValue
        completion =
            switch dumped.completionKind {
            case let kind? where kind.list != nil: .words(kind.list?.values ?? [])
            case let kind? where kind.file != nil: .files
            case let kind? where kind.directory != nil: .directories
            default: .nothing
            }
    }
}
