import Testing

@testable import TerminalClient

@Suite struct ArgumentOrderTests {
    private let order = ArgumentOrder([
        .init("send"), .init("admin", [.init("found"), .init("audit-key", [.init("accept")])]), .init("status"),
    ])

    @Test(arguments: [
        (["--profile", "p", "--json", "send", "--to", "x"], ["send", "--profile", "p", "--json", "--to", "x"]),
        (
            ["-v", "admin", "--profile=p", "found", "--relay", "r"],
            ["admin", "found", "-v", "--profile=p", "--relay", "r"]
        ),
        (
            ["--ca", "c", "admin", "audit-key", "accept", "dev-a"],
            ["admin", "audit-key", "accept", "--ca", "c", "dev-a"]
        ),
        (["--json", "admin", "audit-key", "--profile", "p"], ["admin", "audit-key", "--json", "--profile", "p"]),
        (["status", "--json"], ["status", "--json"]), (["--help"], ["--help"]), (["--json"], ["--json"]),
        (["send", "--text", "--json"], ["send", "--text", "--json"]), (["--profile"], ["--profile"]), ([], []),
        (["--json", "unknown", "send"], ["--json", "unknown", "send"]),
    ])
    func carriesLeadingOptionsBehindTheWords(_ given: [String], _ expected: [String]) {
        #expect(order.arranged(given) == expected)
    }
}
