import DeviceKit
import Foundation
import Testing

extension ProgramTests {
    /// The recovery secret is printed once, and never lost before it was.
    @Suite struct FoundingRepeatTests {
        private static func words(_ relay: RelayUnderTest, _ founder: Person) -> [String] {
            [
                "--ca", relay.authority, "admin", "found", "--relay", relay.address, "--organisation", founder.name,
                "--member", "Founder",
            ]
        }

        @Test func theSecretIsKeptUntilItWasWritten() async throws {
            let practice = try await SharedPractice.shared.practice()
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

        @Test func aFoundingThatWasToldIsToldAgainWithoutTheSecret() async throws {
            let practice = try await SharedPractice.shared.practice()
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
