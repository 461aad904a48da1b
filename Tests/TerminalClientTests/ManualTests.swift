import Testing

@testable import TerminalClient

@Suite struct ManualTests {
    private let pages = ManualPage.all()

    @Test func everyCommandHasAPageWithEverySection() throws {
        let names = Set(pages.map(\.fileName))
        #expect(names.count == pages.count)
        for name in ["nightbell.1", "nightbell-inbox.1", "nightbell-admin.1", "nightbell-admin-audit-key-accept.1"] {
            #expect(names.contains(name))
        }
        for page in pages {
            let sections = [
                "NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO",
            ]
            for section in sections {
                #expect(page.text.contains("\n.SH \(section)\n"), "\(page.fileName): \(section)")
            }
        }
    }

    @Test func everyOptionIsOnItsPage() throws {
        for command in CommandTree.nightbell.root.leaves {
            let name = command.path.joined(separator: "-") + ".1"
            let page = try #require(pages.first { $0.fileName == name })
            for option in command.arguments.flatMap(\.names) {
                #expect(page.text.contains(ManualText.bold(option)), "\(name): \(option)")
            }
        }
    }

    @Test func examplesAreOfCommandsAndOptionsThatAreThere() throws {
        let known = Set(CommandTree.nightbell.root.leaves.flatMap(\.arguments).flatMap(\.names))
        let check = CommandLineCheck(tree: .nightbell)
        for (words, examples) in ManualExamples.all {
            guard words.isEmpty || isCommand(words) else { continue }
            for line in examples.flatMap(\.lines) where line.hasPrefix("nightbell ") {
                let typed = line.split(separator: " ").dropFirst().map(String.init)
                let simple = Array(typed.prefix { $0 != "|" && $0 != ">" && $0 != "\\" })
                #expect(check.meaning(of: simple).stray == nil, "\(line)")
                for option in simple where option.hasPrefix("--") { #expect(known.contains(option), "\(line)") }
            }
        }
    }

    private func isCommand(_ words: String) -> Bool {
        var command = CommandTree.nightbell.root
        for word in words.split(separator: " ") {
            guard let next = command.command(word) else { return false }
            command = next
        }
        return true
    }

    @Test func textIsNothingButText() {
        #expect(ManualText.escaped(#"a\b --c"#) == #"a\eb \-\-c"#)
        #expect(ManualText.escaped("é…") == #"\[u00E9]..."#)
        var page = ManualText(name: "x")
        page.paragraphs(".not a request\n'nor this\n\n  typed here")
        #expect(page.text.contains("\n\\&.not a request\n\\&'nor this\n.PP\n.RS 4\n.nf\ntyped here\n.fi\n.RE\n"))
        #expect(pages.allSatisfy { $0.text.utf8.allSatisfy { $0 < 0x80 } })
    }
}
