import ArgumentParser
import Foundation

/// What a long history costs `nightbell inbox`, as a person waits for it: the whole process, with a relay that answers.
struct InboxListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox",
        abstract:
            "The time of \"nightbell inbox\" with one stored message and with many, beside a plain read of the store.")

    @Option(help: "Stored messages.")
    var messages = 10_000

    @Option(help: "How often each command is run.")
    var rounds = 15

    func run() async throws {
        let relay = try await RelayProcess()
        defer { relay.stop() }
        let people = BenchPeople(relay)
        try people.found()
        try people.sendOne()
        let doctor = people.profile("doctor")
        let few = try Samples.median(of: rounds) { try people.run("doctor", ["--json", "inbox"]) }
        try StoredMessages.fill(doctor, key: people.key("doctor"), upTo: messages, closed: .here)
        let many = try Samples.median(of: rounds) { try people.run("doctor", ["--json", "inbox"]) }
        let table = try Samples.median(of: rounds) { try people.run("doctor", ["inbox"]) }
        let status = try Samples.median(of: rounds) { try people.run("doctor", ["--json", "status"]) }
        let nothing = try Samples.median(of: rounds) { try people.run("doctor", ["help", "exit-codes"]) }
        let path = doctor + "/store.sqlite"
        let plain = try Samples.median(of: rounds) {
            _ = try Data(contentsOf: URL(fileURLWithPath: path)).reduce(0, &+)
        }
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        func line(_ what: String, _ time: Double) -> String {
            what.padding(toLength: 30, withPad: " ", startingAt: 0)
                + "\(milliseconds(time)) ms, \(rounded(time / nothing, 1)) times the start"
        }
        print(
            """
            nightbell inbox, whole process, median of \(rounds)
              \(line("a process that only starts", nothing))
              \(line("1 stored message", few))
              \(line("\(messages) stored messages", many)); \(rounded(many / few, 1)) times one
              \(line("  as a table", table))
              \(line("status, with as many", status))
              reading the store's \(size >> 20) MiB takes \(milliseconds(plain)) ms
              aim: \(messages) listed in under 150 ms: \(rounded(max(many, table) / 0.150, 2)) times that
            """)
    }
}
