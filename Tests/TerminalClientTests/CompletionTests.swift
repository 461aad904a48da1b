import Testing

@testable import TerminalClient

/// What the program offers at the cursor; that the shells show it is tested with the shells.
@Suite struct CompletionTests {
    private func words(_ line: [String]) -> [String] { CompletionAnswer(to: line).candidates.map(\.word) }

    @Test(arguments: [
        (["inb"], ["inbox"]), (["admin", "inv"], ["invite"]), (["--profile", "p", "--json", "inb"], ["inbox"]),
        (["send", "--urg"], ["--urgency"]), (["admin", "ren"], ["rename"]),
        (["send", "--urgency", ""], ["emergent", "urgent", "same_day", "routine"]),
        (["send", "--urgency=ro"], ["--urgency=routine"]), (["send", "--urgency", "=", "ro"], ["routine"]),
        (["ack", "msg-a", "--reason", "c"], ["calling_now"]), (["decline", "--reason", "n", "x"], []),
        (["admin", "invite", "--role", ""], ["provider", "intake", "auditor", "gateway"]),
        (["admin", "roles", "Dr. Noor", "provider", "g"], ["gateway"]),
        (["completions", ""], ["bash", "zsh", "fish"]), (["completions", "bash", ""], []),
        (["help", "exit"], ["exit-codes"]),
        (["help", "admin", "rev"], ["revoke"]), (["--pro"], ["--profile"]),
        (["nonsense", "x"], []), (["send", "--", "--urg"], []),
    ])
    func offersWhatMayStandThere(_ line: [String], _ expected: [String]) {
        #expect(words(line) == expected)
    }

    @Test func anOptionIsOfferedOnceUnlessItMayBeRepeated() {
        #expect(!words(["send", "--urgency", "urgent", "--"]).contains("--urgency"))
        #expect(words(["audit", "verify", "--heads", "f", "--"]).contains("--heads"))
        #expect(!words(["send", "--json", "--"]).contains("--json"))
    }

    @Test(arguments: [
        (["send", "--record", ""], CompletionAnswer.Source.files), (["--profile", ""], .directories),
        (["inbox", "--ca", ""], .files), (["audit", "export", ""], .directories), (["read", ""], .words),
    ])
    func filesAreTheShells(_ line: [String], _ source: CompletionAnswer.Source) {
        #expect(CompletionAnswer(to: line).source == source)
    }

    /// As the shells give them: with backslashes or quotation marks before the blanks.
    @Test(arguments: [
        (["send", "--to", ""], ["Dr. Noor Haddad", "Night Desk"]), (["send", "--to", "Dr.\\ N"], ["Dr. Noor Haddad"]),
        (["hand-off", "msg-a", "--to", "\"Dr. N"], ["Dr. Noor Haddad"]), (["reply", "--to=Ni"], ["--to=Night Desk"]),
        (["audit", "messages", "--from-member", "Ni"], ["Night Desk"]),
        (["reply", "--to", "=", "Ni"], ["Night Desk"]), (["send", "--to", "X"], []),
    ])
    func membersAreOfferedToBeWrittenTo(_ line: [String], _ expected: [String]) {
        let answer = CompletionAnswer(to: line, names: { _ in ["Dr. Noor Haddad", "Night Desk"] })
        #expect(answer.source == .words && answer.candidates.map(\.word) == expected)
    }

    @Test func everyCommandIsOfferedWithWhatItDoes() {
        let offered = CompletionAnswer(to: [""]).candidates
        for command in CommandTree.nightbell.root.commands {
            #expect(offered.contains { $0.word == command.name && $0.help == command.abstract })
        }
        #expect(CompletionAnswer(to: [""]).text.hasPrefix("words\nui\tThe clinician"))
    }
}
