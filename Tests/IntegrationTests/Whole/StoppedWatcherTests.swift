import DeviceKit
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What takes its time by design, and hardly any of a processor's: beside all other programs' tests, in a practice of its own.
@Suite struct StoppedWatcherTests {
    /// A watcher that was stopped (Ctrl-Z) keeps its lock and receives nothing: another one takes its place, and the
    /// first one follows when it runs again.
    @Test func aStoppedWatcherIsReplaced() async throws {
        let practice = try await Practice.make()
        let first = try practice.desk.start("watch")
        try await first.waitForLine(containing: "\"drained\"")
        let second = try practice.desk.start("watch")
        try await second.waitForLine(containing: "\"drained\"")
        // Whoever sends meanwhile hears that somebody tells of the answer.
        let send = ["send", "--to", Practice.claraName, "--urgency", "routine", "--text", "who tells of the answer?"]
        #expect(
            try await practice.desk.say(send).err.contains(
                "the program that stays connected for this profile tells you"))
        first.signal(SIGSTOP)
        let message = try await practice.text("while it is stopped")
        try await practice.clara.json("ack", message)
        try await second.waitForLine(containing: "\"notice\"", message, "acknowledged")
        first.signal(SIGCONT)
        try await first.waitForLine(containing: "\"notice\"", message, "acknowledged")
        let next = try await practice.text("when both run")
        try await practice.clara.json("ack", next)
        for watcher in [first, second] {
            try await watcher.waitForLine(containing: "\"notice\"", next, "acknowledged")
            watcher.signal(SIGTERM)
            let outcome = try await watcher.outcome()
            #expect(outcome.status == ExitCode.done)
            // The first one's stream may have been ended by the second one's; no more than that.
            #expect(try outcome.lines().count { $0["event"]?.string == "disconnected" } <= 1)
        }
        #expect(try await practice.desk.say(send).err.contains("nothing watches for the answer"))
        try await practice.remove()
    }
}
