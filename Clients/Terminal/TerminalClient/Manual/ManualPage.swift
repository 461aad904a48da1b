/// One command's page of the manual.
struct ManualPage {
    /// `nightbell-admin-invite.1`.
    let fileName: String
    let text: String

    /// The page of every command: the program's own, those of groups, and those that do something.
    static func all(_ tree: CommandTree = .nightbell) -> [ManualPage] {
        func pages(_ command: CommandTree.Command) -> [ManualPage] {
            [ManualPage(command, in: tree)] + command.commands.flatMap(pages)
        }
        return pages(tree.root)
    }

    init(_ command: CommandTree.Command, in tree: CommandTree) {
        let name = command.path.joined(separator: "-")
        fileName = name + ".1"
        var page = ManualText(name: name)
        page.section("NAME")
        let abstract = command.abstract.hasSuffix(".") ? String(command.abstract.dropLast()) : command.abstract
        page.raw(
            ManualText.escaped(name) + #" \- "#
                + ManualText.escaped(abstract.prefix(1).lowercased() + abstract.dropFirst()))
        page.section("SYNOPSIS")
        page.raw(Self.synopsis(command))
        page.section("DESCRIPTION")
        page.paragraphs(command.discussion.isEmpty ? command.abstract : command.discussion)
        if command.commands.isEmpty { Self.options(command, &page) } else { Self.commands(command, &page) }
        Self.common(&page)
        let examples = ManualExamples.all[command.path.dropFirst().joined(separator: " ")] ?? []
        if !examples.isEmpty {
            page.section("EXAMPLES")
            for (index, example) in examples.enumerated() {
                if index > 0 { page.raw(".PP") }
                page.paragraphs(example.purpose)
                page.code(example.lines)
            }
        }
        Self.seeAlso(command, tree, &page)
        text = page.text
    }

    private static func synopsis(_ command: CommandTree.Command) -> String {
        var parts = [ManualText.bold(command.path.joined(separator: " "))]
        guard command.commands.isEmpty else {
            return (parts + [ManualText.italic("COMMAND"), "[" + ManualText.italic("OPTIONS") + "]"]).joined(
                separator: " ")
        }
        for argument in command.arguments where argument.kind != .positional && !argument.isOptional {
            parts.append(term(argument))
        }
        for argument in command.arguments where argument.kind == .positional {
            let shown = ManualText.italic(argument.value.uppercased()) + (argument.isRepeating ? "..." : "")
            parts.append(argument.isOptional ? "[\(shown)]" : shown)
        }
        return (parts + ["[" + ManualText.italic("OPTIONS") + "]"]).joined(separator: " ")
    }

    private static func term(_ argument: CommandTree.Argument) -> String {
        if argument.kind == .positional { return ManualText.italic(argument.value.uppercased()) }
        let names = argument.names.map(ManualText.bold).joined(separator: ", ")
        return argument.kind == .flag ? names : names + " " + ManualText.italic(argument.value.uppercased())
    }

    private static func options(_ command: CommandTree.Command, _ page: inout ManualText) {
        let places = command.arguments.filter { $0.kind == .positional }
        let own = command.arguments.filter { $0.kind != .positional && !ArgumentOrder.isGlobal($0.names) }
        page.section("OPTIONS")
        describe(places + own, &page)
        page.section("OPTIONS OF EVERY COMMAND")
        describe(command.arguments.filter { ArgumentOrder.isGlobal($0.names) }, &page)
    }

    private static func describe(_ arguments: [CommandTree.Argument], _ page: inout ManualText) {
        for argument in arguments {
            var meaning = argument.abstract
            if case .words(let words) = argument.completion, !meaning.contains(words.first ?? "") {
                meaning += " One of \(words.joined(separator: ", "))."
            }
            if let value = argument.defaultValue, argument.kind == .option {
                meaning += " Without it: \(value)."
            }
            if argument.isRepeating { meaning += " May be repeated." }
            page.item(term(argument), meaning)
        }
    }

    private static func commands(_ command: CommandTree.Command, _ page: inout ManualText) {
        page.section("COMMANDS")
        for one in command.commands { page.item(ManualText.bold(one.name), one.abstract) }
    }

    /// What holds for every command.
    private static func common(_ page: inout ManualText) {
        page.section("EXIT STATUS")
        for status in ExitStatus.allCases { page.item(ManualText.bold("\(status.rawValue)"), status.meaning) }
        page.section("ENVIRONMENT")
        for variable in EnvironmentVariable.all { page.item(ManualText.bold(variable.name), variable.meaning) }
        page.section("FILES")
        page.paragraphs("In the profile's folder, which its owner alone may read:")
        for file in ProfileFile.all { page.item(ManualText.italic(file.name), file.meaning) }
    }

    private static func seeAlso(_ command: CommandTree.Command, _ tree: CommandTree, _ page: inout ManualText) {
        page.section("SEE ALSO")
        var names: [String] = []
        if command.path.count == 1 {
            names = command.commands.map { $0.path.joined(separator: "-") }
        } else {
            for count in 1..<command.path.count { names.append(command.path.prefix(count).joined(separator: "-")) }
            names += command.commands.map { $0.path.joined(separator: "-") }
        }
        page.raw(names.map { ManualText.bold($0) + "(1)" }.joined(separator: ", "))
    }
}
