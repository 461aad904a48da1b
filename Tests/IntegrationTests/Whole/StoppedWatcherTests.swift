import DeviceKit
import Foundation
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
        #expect(await second.wait { $0.errText.contains("another nightbell of this profile is connected already") })
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

    /// A worker that somebody stopped, or that hangs, receives nothing while everything looks well: it is replaced. And
    /// whoever promised a call before the profile locked is told when it is time; what rang ends with the lock.
    @Test func aStoppedWorkerIsReplacedAndAPromiseOutlivesTheLock() async throws {
        let practice = try await Practice.make()
        let clara = practice.clara
        try await clara.json("unlock")
        let endless = try EndlessProgram(in: practice.folder, "stopped")
        let watcher = try clara.startBare("watch", "--command", endless.path)
        try await watcher.waitForLine(containing: "\"drained\"")
        let first = try #require(clara.processes.workers.first)
        kill(first, SIGSTOP)
        let isReplaced = try await ProfileProcesses.wait {
            clara.processes.workers.contains { $0 != first } && !ProfileProcesses.isAlive(first)
        }
        #expect(isReplaced)
        let message = try await practice.text("whom do I call?")
        try await watcher.waitForLine(containing: "\"message\"", message)
        try await clara.json("ack", message, "--reason", "will_call_by", "--by", "1")
        let program = try await endless.started()
        try await clara.json("lock")
        try await watcher.waitForLine(containing: "\"locked\"")
        let hasEnded = try await ProfileProcesses.wait { !ProfileProcesses.isAlive(program) }
        #expect(hasEnded)
        // A promise is one of whole minutes: up to a minute and a half.
        let isTold = try await ProfileProcesses.wait(seconds: Programs.patienceSeconds + 120) {
            watcher.now.outText.contains("CALL NOW")
        }
        #expect(isTold)
        #expect(await watcher.wait { $0.errText.contains("did nothing for 30 s") })
        watcher.signal(SIGTERM)
        #expect(try await watcher.outcome().status == ExitCode.done)
        try await clara.endAgent()
        try await practice.remove()
    }
}
