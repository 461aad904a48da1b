import ArgumentParser
import Foundation

/// What a person waits for at the screen: until it stands there, and until a message that has arrived is seen.
struct ScreenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "screen",
        abstract: "The time of \"nightbell ui\" to a full screen, and from a message's arrival to its alert.",
        discussion: """
            Both through a terminal without a window, 80 columns and 24 rows, on an unlocked profile. A message has arrived \
            when its first bytes come to this machine's end of the link, still sealed by TLS; its alert is seen when the \
            terminal was given the last line of it.
            """)

    /// The pause in which the screen takes no key, for it was meant for something else, and a little more.
    private static let deaf: Duration = .milliseconds(800)
    /// Signs of life of the stream are smaller, with TLS around them.
    private static let leastBytes = 200

    @Option(help: "How often the screen is opened, and how many messages are sent to it.")
    var rounds = 20

    @Option(help: "Stored messages of a long history.")
    var messages = 10_000

    func run() async throws {
        let relay = try await RelayProcess(isObserved: true)
        defer { relay.stop() }
        let people = BenchPeople(relay)
        try people.found()
        try people.sendOne()
        try people.run("doctor", ["unlock"])
        defer { _ = try? people.run("doctor", ["lock"]) }
        let start = try Samples.median(of: rounds) { try people.run("doctor", ["help", "exit-codes"]) }
        let few = try opening(people)
        let alertAmongFew = try await alerts(people, relay.link!)
        try StoredMessages.fill(
            people.profile("doctor"), key: people.key("doctor"), upTo: messages, closed: .elsewhere)
        let many = try opening(people)
        let alertAmongMany = try await alerts(people, relay.link!)
        print(
            """
            nightbell ui, unlocked, from start to full screen, median of \(rounds); aim under 300 ms
              a process that only starts     \(milliseconds(start)) ms
              1 stored message               \(milliseconds(few)) ms, \(rounded(few / start, 1)) times, \
            \(rounded(few / 0.300, 2)) times the aim
              \(messages) stored messages      \(milliseconds(many)) ms, \(rounded(many / start, 1)) times, \
            \(rounded(many / 0.300, 2)) times the aim
            an emergent message, from its first bytes here to its alert; aim under 50 ms
              few stored messages            \(alertAmongFew.summary)
              \(messages) stored messages      \(alertAmongMany.summary)
              in times of the aim            \(rounded(alertAmongFew.median / 0.050, 2)), \
            \(rounded(alertAmongMany.median / 0.050, 2)) (medians)
            """)
    }

    /// From the start of the program to a screen of which the foot is painted, which is painted last.
    private func opening(_ people: BenchPeople) throws -> Double {
        let samples = Samples()
        for _ in 0..<max(1, rounds) {
            let start = ContinuousClock.now
            let terminal = try people.screen("doctor")
            samples.add(try terminal.wait(for: "Nightbell", "URGENCY", " help") - start)
            terminal.end()
        }
        return samples.median
    }

    /// One emergent message after another: each takes the screen, is opened and acknowledged.
    private func alerts(_ people: BenchPeople, _ link: ObservedLink) async throws -> Samples {
        let samples = Samples()
        let terminal = try people.screen("doctor")
        defer { terminal.end() }
        try terminal.wait(for: "Connected.")
        for round in 0..<max(1, rounds) {
            // What came of the message before is through.
            repeat { terminal.watch(for: .milliseconds(100)) } while link.quiet < .milliseconds(300)
            let connections = link.connections
            terminal.forget()
            let words = "sample \(round) of what the caller says"
            let sending = ContinuousClock.now
            let desk = try people.start(
                "desk", ["send", "--to", "doctor", "--urgency", "emergent", "--text", words])
            // The last line of the alert, which is painted from above.
            let seen = try terminal.wait(for: "E M E R G E N T", "stops the ringing.")
            // Whatever comes first counts, if it was not the message: this is never later than its arrival.
            guard
                let arrived = link.firstArrival(
                    since: sending, connections: connections, atLeast: Self.leastBytes)
            else { throw BenchFailure.nothingArrived }
            samples.add(seen - arrived)
            try Spawn.end(desk)
            terminal.watch(for: Self.deaf)
            terminal.type("\r")
            try terminal.find(words)
            terminal.type("a1")
            try terminal.find("Acknowledged")
        }
        return samples
    }
}
