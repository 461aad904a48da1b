import Testing

@testable import TerminalClient

@Suite struct CommandLineTests {
    private let nowhere = ["HOME": "/nonexistent", "NIGHTBELL_PASSPHRASE_FILE": "/nonexistent/p"]

    @Test(arguments: [
        ["frobnicate"], ["send"], ["send", "--to"], ["--json", "read"],
        ["admin", "invite", "--member", "x", "--role", "king"],
        ["send", "--to", "x", "--urgency", "urgent"], ["send", "--to", "x", "--urgency", "now", "--text", "y"],
        ["join", "nonsense"],
        ["admin", "found", "--relay", "https://x", "--organisation", "o", "--member", "m"],
        ["status", "--passphrase-file", "a", "--key-file", "b"], ["ack", "msg-x", "--reason", "why_not"],
        ["read", "msg-x\u{FFFD}"], ["--profile", "", "status"], ["admin", "witnesses", "set"],
        ["admin", "witnesses", "set", "--none", "--demand", "2"],
        // The parser takes these, and the last of two without a word.
        ["status", "--profile", "/nonexistent", "--profile", "/nonexistent/2"],
        ["audit", "verify", "--export", "/nonexistent", "--export", "/nonexistent/2"],
        ["audit", "patient", "-", "--reason", "legal", "--reason", "treatment"],
    ])
    func mistakesOfTheCommandEndWith64(_ arguments: [String]) async {
        #expect(await NightbellCommand.run(arguments, environment: nowhere) == .usage)
    }

    @Test(arguments: [["--help"], ["send", "--help"], ["help", "admin"], ["admin", "found", "--help"]])
    func helpIsNoError(_ arguments: [String]) async {
        #expect(await NightbellCommand.run(arguments, environment: nowhere) == .done)
    }

    @Test(arguments: [["status"], ["inbox", "--json"], ["steps"], ["--profile", "/nonexistent", "watch"]])
    func withoutAProfileTheConfigurationIsToBlame(_ arguments: [String]) async {
        #expect(await NightbellCommand.run(arguments, environment: nowhere) == .configuration)
    }
}
