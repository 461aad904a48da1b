import DeviceKit
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension OwnPracticeTests {
    /// The recovery secret is printed once, and never lost before it was.
    @Suite struct FoundingRepeatTests {
        private static func words(_ relay: RelayUnderTest, _ founder: Person) -> [String] {
            [
                "--ca", relay.authority, "admin", "found", "--relay", relay.address, "--organisation", founder.name,
                "--member", "Founder",
            ]
        }

        @Test func theSecretIsKeptUntilItWasWritten() async throws {
            let practice = try await SharedStage.shared.stage().practice
            let founder = practice.person("founder-without-room")
            let words = Self.words(practice.relay, founder)
            // As on a full disk: nothing can be written to standard output.
            let full = try await Programs.run(
                "/bin/sh",
                [
                    "-c", "exec \"$0\" \"$@\" >/dev/full", Programs.nightbell, "--profile", founder.profile,
                    "--key-file", founder.keyFile, "--json",
                ] + words)
            Refusal.check(full, ExitCode.failed, "result_not_written")
            let told = try await founder.json(words)
            #expect((told["recovery"]?.string?.count ?? 0) > 40)
        }

        /// The founder is ended while the relay writes, and comes again before it has written.
        @Test func aFoundingRepeatedWhileItIsUnderWayIsOne() async throws {
            let practice = try await Practice.make()
            try await practice.relay.stop()
            var disk = DiskHold(in: practice.folder)
            try await practice.relay.start(
                KillPoint(classes: KillPoint.everything, trace: disk.trace, hold: disk.path))
            try disk.begin()
            let founder = practice.person("founder-in-a-hurry")
            let words = Self.words(practice.relay, founder)
            let first = try founder.start(words: words)
            // No longer than it takes: a founder waits 20 s for an answer.
            var isWriting = false
            _ = try await ProfileProcesses.wait {
                for step in try disk.waiting() {
                    if step.about.hasSuffix("/relay.sqlite-wal") { isWriting = true } else { try disk.letGo(step) }
                }
                return isWriting || first.now.hasEnded
            }
            #expect(isWriting)
            first.signal(SIGKILL)
            #expect(try await first.outcome().wasKilled)
            let second = try founder.start(words: words)
            // Time enough for its words to arrive; the relay answers others.
            let began = ContinuousClock.now
            for _ in 0..<5 where ContinuousClock.now - began < .seconds(5) {
                try await practice.auditor.json("status")
            }
            let hasEnded = try await ProfileProcesses.wait {
                for step in try disk.waiting() { try disk.letGo(step) }
                return second.now.hasEnded
            }
            #expect(hasEnded)
            try disk.end()
            let outcome = try await second.outcome()
            #expect(outcome.status == ExitCode.done, "\(outcome.err)")
            #expect(try await founder.json("status")["organisation"] == outcome.json()["organisation"])
            #expect(try await practice.relay.check().status == ExitCode.done)
            try await practice.remove()
        }

        @Test func aFoundingThatWasToldIsToldAgainWithoutTheSecret() async throws {
            let practice = try await SharedStage.shared.stage().practice
            let founder = practice.person("founder-again")
            let words = Self.words(practice.relay, founder)
            let told = try await founder.json(words)
            let again = try await founder.json(words)
            for key in ["organisation", "member", "device"] { #expect(again[key] == told[key], "\(key)") }
            #expect(again["recovery"] == .null)
            let said = try await Programs.run(
                Programs.nightbell, ["--profile", founder.profile, "--key-file", founder.keyFile] + words)
            #expect(said.status == ExitCode.done)
            #expect(said.out.contains("the recovery secret was printed then and is no longer kept here"))
            // Other words are another founding, for which this profile is taken.
            let other = try await founder.run(words.map { $0 == "Founder" ? "Somebody Else" : $0 })
            Refusal.check(other, ExitCode.wouldOverwrite, "profile_in_use")
        }
    }
}
