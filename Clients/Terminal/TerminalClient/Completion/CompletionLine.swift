/// A command line as far as it was typed: which command it means, which options it has, what comes next.
struct CompletionLine {
    private typealias Candidate = CompletionAnswer.Candidate

    /// Gives the ids of messages that begin so.
    typealias IDs = (_ command: CommandTree.Command, _ profile: String?, _ prefix: String) -> [String]

    /// Gives the names of the members to whom something may be sent.
    typealias Names = (_ profile: String?) -> [String]

    private var command: CommandTree.Command
    private let ids: IDs
    private let names: Names
    /// What `--profile` named.
    private var profile: String?
    /// Options that may stand before the command's words.
    private let global: [CommandTree.Argument]
    private var given: Set<String> = []
    /// The option whose value comes next.
    private var pending: CommandTree.Argument?
    private var places = 0
    private var optionsAreOver = false
    /// Whether the line asks for help on a command.
    private var isHelp = false

    init(_ tree: CommandTree, ids: @escaping IDs, names: @escaping Names) {
        command = tree.root
        (self.ids, self.names) = (ids, names)
        global = tree.root.leaves.first?.arguments.filter { ArgumentOrder.isGlobal($0.names) } ?? []
    }

    /// Every option that may stand here.
    private var options: [CommandTree.Argument] {
        command.commands.isEmpty ? command.arguments.filter { $0.kind != .positional } : global
    }

    /// A word that stands before the cursor.
    mutating func take(_ word: String) {
        if let option = pending {
            if option.names.contains("--profile") { profile = word }
            pending = nil
        } else if optionsAreOver {
            places += 1
        } else if word == "--" {
            optionsAreOver = true
        } else if word.hasPrefix("-") {
            let name = String(word.prefix { $0 != "=" })
            guard let option = options.first(where: { $0.names.contains(name) }) else { return }
            given.formUnion(option.names)
            if option.kind == .option, name == word { pending = option }
            if name == "--profile", name != word { profile = String(word.dropFirst(name.count + 1)) }
        } else if let next = command.command(word) {
            command = next
        } else if command.path.count == 1, word == "help" {
            isHelp = true
        } else {
            places += 1
        }
    }

    /// What may stand at the cursor.
    func candidates(for typed: String) -> (CompletionAnswer.Source, [CompletionAnswer.Candidate]) {
        if let pending { return values(of: pending) }
        if !optionsAreOver, typed.hasPrefix("--"), let sign = typed.firstIndex(of: "=") {
            let name = String(typed[..<sign])
            guard let option = options.first(where: { $0.names.contains(name) }) else { return (.words, []) }
            let (source, values) = values(of: option)
            return (source, values.map { Candidate(word: "\(name)=\($0.word)", help: $0.help) })
        }
        if !optionsAreOver, typed.hasPrefix("-") {
            let open = options.filter { $0.isRepeating || given.isDisjoint(with: $0.names) }
            return (.words, open.flatMap { option in option.names.map { Candidate(word: $0, help: option.abstract) } })
        }
        if !command.commands.isEmpty { return (.words, commands) }
        let positionals = command.arguments.filter { $0.kind == .positional }
        guard let place = places < positionals.count ? positionals[places] : positionals.last, !isHelp,
            places < positionals.count || place.isRepeating
        else { return (.words, []) }
        if place.value == "message" {
            return (.words, ids(command, profile, typed).map { Candidate(word: $0, help: "") })
        }
        return values(of: place)
    }

    private var commands: [Candidate] {
        var found = command.commands.map { Candidate(word: $0.name, help: $0.abstract) }
        guard command.path.count == 1 else { return found }
        if isHelp {
            found += HelpTopic.allCases.map { Candidate(word: $0.rawValue, help: $0.abstract) }
        } else {
            found.append(Candidate(word: "help", help: "Explain a command, or a topic."))
        }
        return found
    }

    private func values(of argument: CommandTree.Argument) -> (CompletionAnswer.Source, [Candidate]) {
        if argument.names.contains(where: { ["--to", "--from-member"].contains($0) }) {
            return (.words, names(profile).map { Candidate(word: $0, help: "") })
        }
        return switch argument.completion {
        case .nothing: (.words, [])
        case .words(let words): (.words, words.map { Candidate(word: $0, help: "") })
        case .files: (.files, [])
        case .directories: (.directories, [])
        }
    }
}
