import Foundation
import Testing

extension ProgramTests {
    /// A terminal that takes nothing more: what rings does not wait for it.
    @Suite struct StalledOutputTests {
        /// A program that writes down what it was run for.
        private func note(in folder: String) throws -> (path: String, lines: @Sendable () -> [String]) {
            let script = folder + "/ring.sh"
            try Data("#!/bin/sh\necho \"$@\" >> \(folder)/out\n".utf8).write(to: URL(fileURLWithPath: script))
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script)
            return (
                script,
                {
                    ((try? String(contentsOfFile: folder + "/out", encoding: .utf8)) ?? "").split(separator: "\n").map(
                        String.init)
                }
            )
        }

        /// Ctrl-S stops the terminal of a watcher that nobody supervises: its program is run for all that comes, its receipts
        /// go out, and it shows everything once it may.
        @Test func aWatcherRingsBehindATerminalThatTakesNothing() async throws {
            let practice = try await SharedPractice.shared.practice()
            let (program, lines) = try note(in: try Programs.temporaryFolder())
            let person = practice.person("stalled")
            try await practice.join("stalled", as: "Dr. Stalled", "provider")
            let watch =
                "exec '\(Programs.nightbell)' --profile '\(person.profile)' --key-file '\(person.keyFile)' watch "
                + "--command '\(program)'"
            let terminal = try await TmuxTerminal.open(commands: ["watch": watch])
            try await terminal.run("./watch")
            try await terminal.waitFor("nothing waits")
            try await terminal.press("C-s")
            var expected: [String] = []
            for number in 0..<3 {
                let message = try await practice.text("number \(number)", to: "Dr. Stalled", urgency: "emergent")
                expected.append("ring emergent \(message)")
                // Each rings while what was to be said of the one before is not taken.
                let hasRung = try await ProfileProcesses.wait { lines().filter { $0.hasPrefix("ring") } == expected }
                #expect(hasRung, "\(number): \(lines())")
            }
            #expect(try await !terminal.text().contains("EMERGENT"))
            try await terminal.press("C-q")
            // A command is left whole, and the terminal breaks it where its line ends, be it within the id.
            let id = expected.last!.split(separator: " ").last!.prefix(12)
            try await terminal.wait { $0.replacing("\n", with: "").contains(id) }
            try await terminal.press("C-c")
            try await terminal.close()
        }

        /// Of one that is supervised, Ctrl-S is a key that does nothing.
        @Test func theTerminalOfAnUnlockedWatcherIsNotStopped() async throws {
            let practice = try await SharedPractice.shared.practice()
            let person = practice.person("unstalled")
            try await practice.join("unstalled", as: "Dr. Unstalled", "provider")
            try await person.json("unlock")
            let watch = "exec '\(Programs.nightbell)' --profile '\(person.profile)' watch"
            let terminal = try await TmuxTerminal.open(commands: ["watch": watch])
            let before = try await terminal.settings()
            try await terminal.run("./watch")
            try await terminal.waitFor("nothing waits")
            try await terminal.press("C-s")
            try await practice.text("it is seen", to: "Dr. Unstalled", urgency: "emergent")
            try await terminal.waitFor("EMERGENT")
            try await terminal.press("C-c", "Enter")
            try await terminal.expectUsable(before)
            try await terminal.close()
            try await person.endAgent()
        }
    }
}
