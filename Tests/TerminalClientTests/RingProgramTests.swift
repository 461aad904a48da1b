import DeviceKit
import Foundation
import Statements
import Testing

@testable import TerminalClient

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The program of `--command`: what it gets, what it does not, and that it ends.
@Suite final class RingProgramTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/nightbell-ring-\(UUID().uuidString)"
    private let message = MessageID(bytes: [UInt8](repeating: 7, count: 16))

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func script(_ text: String, mode: Int = 0o700) throws -> String {
        let path = folder + "/ring.sh"
        try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    private func program(_ text: String, environment: [String: String] = [:]) throws -> RingProgram {
        try RingProgram(try script(text), environment: environment)
    }

    @Test func getsThreeArgumentsAndAReducedEnvironment() async throws {
        let secrets = ["NIGHTBELL_PASSPHRASE_FILE": "secret", "NIGHTBELL_KEY_FILE": "k", "HOME": "/h", "LC_ALL": "C"]
        let program = try program(
            "echo \"$#\" \"$@\" > \(folder)/out; env >> \(folder)/out; cat >> \(folder)/out", environment: secrets)
        let trouble = await program.run(event: "ring", urgency: .emergent, message: message)
        #expect(trouble == nil)
        let out = try String(contentsOfFile: folder + "/out", encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(out.first == "3 ring emergent \(message)")
        #expect(out.contains("HOME=/h") && out.contains("LC_ALL=C"))
        #expect(!out.contains { $0.contains("NIGHTBELL") || $0.contains("secret") })
    }

    @Test func aWordThatLooksLikeShellIsAWord() async throws {
        // No shell stands between: the id and the words are arguments, whatever they look like.
        let program = try program("printf '%s' \"$1\" > \(folder)/out")
        let trouble = await program.run(event: "$(touch \(folder)/bad); x", urgency: .urgent, message: message)
        #expect(trouble == nil)
        #expect(try String(contentsOfFile: folder + "/out", encoding: .utf8) == "$(touch \(folder)/bad); x")
        #expect(!FileManager.default.fileExists(atPath: folder + "/bad"))
    }

    @Test func whatRunsTooLongIsEndedWithAllThatItStarted() async throws {
        let program = try program("sleep 600 & echo $! > \(folder)/child; wait")
        // On a busy machine it may have been ended before it had begun: then once more, with more time.
        var limit = Duration.milliseconds(500)
        repeat {
            let trouble = await program.run(event: "ring", urgency: .urgent, message: message, limit: limit)
            #expect(trouble?.contains("ran for longer") == true)
            limit = limit * 4
        } while (FileManager.default.contents(atPath: folder + "/child") ?? Data()).isEmpty && limit < .seconds(300)
        let child = try #require(
            Int32(
                try String(contentsOfFile: folder + "/child", encoding: .utf8).trimmingCharacters(
                    in: .whitespacesAndNewlines)))
        // The kernel was told to end it; until it has, it is there, and then nobody but its new parent sees it.
        let end = ContinuousClock.now + .seconds(600)
        func isThere() -> Bool {
            guard let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8) else { return false }
            return !state.contains(") Z ") && !state.contains(") X ")
        }
        while isThere(), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!isThere())
    }

    @Test func whatIsBeingWrittenIsWaitedForAndElseNamed() async throws {
        let program = try program("echo rang > \(folder)/out")
        // No other process shall have it by chance, and for how long.
        let descriptor = unsafe open(folder + "/ring.sh", O_RDWR | O_CLOEXEC)
        try #require(descriptor >= 0)
        let trouble = await program.run(event: "ring", urgency: .urgent, message: message)
        #expect(trouble?.hasSuffix("could not be started: Text file busy") == true)

        async let saved: Void = Task.detached {
            try await Task.sleep(for: .milliseconds(100))
            close(descriptor)
        }.value
        let rang = await program.run(event: "ring", urgency: .urgent, message: message, patience: .seconds(300))
        #expect(rang == nil)
        try await saved
        #expect(try String(contentsOfFile: folder + "/out", encoding: .utf8) == "rang\n")
    }

    @Test func whatGoesWrongIsSaid() async throws {
        let failing = try program("exit 3")
        let failed = await failing.run(event: "ring", urgency: .urgent, message: message)
        #expect(failed?.hasSuffix("ended with code 3") == true)
        let dying = try program("kill -9 $$")
        let killed = await dying.run(event: "ring", urgency: .urgent, message: message)
        #expect(killed?.hasSuffix("was ended by signal 9") == true)
    }

    // MARK: In turn

    private func run(_ number: UInt8, _ urgency: Urgency, _ event: RingQueue.Event = .ring) -> RingQueue.Run {
        RingQueue.Run(event: event, urgency: urgency, message: MessageID(bytes: [UInt8](repeating: number, count: 16)))
    }

    /// The lines that the program has written, once there are so many. Other tests may keep every core for a minute and more.
    private func lines(_ count: Int) async throws -> [String] {
        let deadline = ContinuousClock.now + .seconds(600)
        while true {
            let text = (try? String(contentsOfFile: folder + "/out", encoding: .utf8)) ?? ""
            let lines = text.split(separator: "\n").map(String.init)
            if lines.count >= count || ContinuousClock.now > deadline { return lines }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// One that hangs for a lesser message holds up neither an emergent one nor an answer, and nothing is lost by it.
    @Test func aProgramThatTakesItsTimeHoldsUpNothingThatMatters() async throws {
        let program = try program(
            """
            echo "$1 $2 $3" >> \(folder)/out
            [ "$1 $2" != "ring routine" ] || while [ ! -e \(folder)/go ]; do sleep 0.02; done
            """)
        let runner = RingRunner(program, limit: .seconds(1_800)) { Issue.record("\($0)") }
        let (slow, emergent, later) = (run(1, .routine), run(2, .emergent), run(3, .sameDay))
        let answer = run(1, .routine, .answered)
        func word(_ run: RingQueue.Run) -> String {
            "\(run.event) \(run.urgency.rawValue) \(run.message?.description ?? "")"
        }
        try await withThrowingDiscardingTaskGroup { tasks in
            func add(_ run: RingQueue.Run) {
                if let start = runner.add(run) { tasks.addTask { await runner.run(start) } }
            }
            add(slow)
            #expect(try await lines(1) == [word(slow)])
            add(later)
            add(emergent)
            #expect(try await lines(2) == [word(slow), word(emergent)])
            add(answer)
            #expect(try await lines(3) == [word(slow), word(emergent), word(answer)])
            try Data().write(to: URL(fileURLWithPath: folder + "/go"))
        }
        #expect(try await lines(4) == [slow, emergent, answer, later].map(word))
    }

    @Test func onlyAnExecutableFileIsTaken() throws {
        let closed = try script("true", mode: 0o600)
        for path in [closed, folder, folder + "/missing", "sh", ""] {
            #expect(throws: DeviceKitError("command_not_usable", .usage, "", next: "")) {
                // Root may run what no bit lets it run alone: the file's own bits decide.
                try RingProgram(path, environment: [:])
            }
        }
    }
}
