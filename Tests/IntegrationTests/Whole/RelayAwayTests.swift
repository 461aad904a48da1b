import DeviceKit
import Foundation
import Testing

extension OwnPracticeTests {
    /// The relay is away: what is stored can be read, what is said is kept, and goes out when it is back.
    @Suite struct RelayAwayTests {
        @Test func whatWasSaidIsKeptAndGoesOutLater() async throws {
            let practice = try await Practice.make()
            let received = try await practice.text("here before")
            _ = try await practice.clara.json("inbox")
            let handed = try await practice.clara.json(
                "hand-off", try await practice.text("for another"), "--to", Practice.danName)
            let forward = try #require(handed["forward"]?["message"]?.string)
            try await practice.dan.json("ack", forward)
            try await practice.relay.stop()

            // Whoever sent it first waits for the words, and not who handed it on.
            let unknown = try await practice.dan.run("ack", forward, "--by", "20")
            #expect(unknown.status == ExitCode.relayUnreachable, "\(unknown)")
            #expect(unknown.err.contains("TELEPHONE \(Practice.deskName)"), "\(unknown.err)")
            #expect(!unknown.err.contains(Practice.claraName), "\(unknown.err)")
            let unclosed = try await practice.dan.run("close", forward)
            #expect(unclosed.status == ExitCode.relayUnreachable)
            #expect(
                unclosed.error?["message"]?.string?.hasPrefix("NOT yet known to \(Practice.deskName)") == true,
                "\(unclosed.err)")

            let words = ["send", "--to", Practice.claraName, "--urgency", "urgent", "--text", "into the dark"]
            let refused = try await practice.desk.run(words)
            #expect(refused.status == ExitCode.relayUnreachable)
            #expect(refused.code == "relay_unreachable")
            #expect(
                refused.error?["message"]?.string?.hasPrefix("NOT SENT, and nothing is kept: \(Practice.claraName)")
                    == true,
                "\(refused.err)")
            #expect(try await practice.desk.json("status")["messages_unsent"]?.integer == 0)

            // Reading needs no relay, and says that it had none.
            let inbox = try await practice.clara.json("inbox")
            #expect(inbox["relay"]?.string == "unreachable")
            #expect(inbox["messages"]?.array?.count == 2)
            #expect(try await practice.clara.json("read", received)["verified"]?.bool == true)
            #expect(try await practice.clara.json("status")["reachable"]?.bool == false)
            // What may lie at the relay is not called missing.
            #expect(try await practice.clara.run("read", "msg-elsewhere").status == ExitCode.relayUnreachable)
            let acknowledged = try await practice.clara.run("ack", received)
            #expect(acknowledged.status == ExitCode.relayUnreachable)
            #expect(acknowledged.error?["message"]?.string?.contains("NOT yet known") == true)
            #expect(try await practice.clara.json("status")["receipts_unposted"]?.integer == 2)
            #expect(try await practice.clara.json("inbox")["messages"]?.array?.first?["state"]?.string == "delivered")

            try await practice.relay.start()
            let sent = try await practice.desk.json(words)
            let acknowledgedNow = try await practice.clara.json("ack", received)
            #expect(acknowledgedNow["index"]?.integer != nil)
            let states = try await practice.desk.json("sent", received)["states"]?.array ?? []
            #expect(states.map { $0["action"]?.string } == ["delivered", "read", "acknowledged"])
            let messages = try await practice.clara.json("inbox")["messages"]?.array ?? []
            #expect(messages.count == 3)
            #expect(messages.contains { $0["message"] == sent["message"] })
            #expect(try await practice.clara.json("status")["receipts_unposted"]?.integer == 0)
            try await practice.remove()
        }

        @Test func foundingNeedsTheOperatorsCode() async throws {
            let folder = try Programs.temporaryFolder()
            let relay = RelayUnderTest(data: folder + "/relay", port: try RelayUnderTest.freePort())
            try await relay.initialise()
            try await relay.start(settings: ["--founding-open", "false"])
            func found(_ name: String, _ code: [String]) async throws -> Outcome {
                try await Person(name: name, folder: folder).run(
                    [
                        "--ca", relay.authority, "admin", "found", "--relay", relay.address, "--organisation", name,
                        "--member", "Ada",
                    ] + code)
            }
            Refusal.check(try await found("without", []), ExitCode.refused, "founding_code")
            Refusal.check(
                try await found("wrong", ["--code", "aaaa-bbbb-cccc-dddd"]), ExitCode.refused, "founding_code")
            let issued = try await Programs.run(Programs.relay, ["founding-code", "--data", relay.data, "--json"])
            let code = try #require(try issued.json()["code"]?.string)
            #expect(try await found("with", ["--code", code]).status == ExitCode.done)
            Refusal.check(try await found("again", ["--code", code]), ExitCode.refused, "founding_code")
            try await relay.stop()
            try FileManager.default.removeItem(atPath: folder)
        }
    }
}
