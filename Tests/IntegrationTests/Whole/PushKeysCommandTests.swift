import DeviceKit
import Foundation
import Secrets
import Testing

extension ProgramTests {
    /// `push-keys`, and what `serve` says of the ways on which pages go out.
    @Suite struct PushKeysCommandTests {
        private let folder: String
        private let relay: RelayUnderTest
        private var keyFile: String { relay.data + "/keys/vapid.key" }

        init() async throws {
            folder = try Programs.temporaryFolder()
            relay = RelayUnderTest(data: folder + "/relay", port: try RelayUnderTest.freePort())
            try await relay.initialise()
        }

        private func pushKeys(_ more: String..., environment: [String: String] = [:]) async throws -> Outcome {
            try await Programs.run(
                Programs.relay, ["push-keys", "--data", relay.data] + more, environment: environment)
        }

        private func setMode(_ mode: Int, of path: String) throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }

        @Test func theKeyIsMadeOnceShownAgainAndNeverOverwritten() async throws {
            let first = try await pushKeys("--json")
            #expect(first.status == ExitCode.done, "\(first)")
            let key = try #require(try first.json()["vapid_key"]?.string)
            #expect(try first.json()["created"]?.bool == true)
            #expect(Base64URL.decode(key.utf8)?.count == 65)
            let attributes = try FileManager.default.attributesOfItem(atPath: keyFile)
            #expect(attributes[.posixPermissions] as? Int == 0o600 && attributes[.size] as? Int == 32)
            let content = try Data(contentsOf: URL(fileURLWithPath: keyFile))
            let again = try await pushKeys("--json")
            #expect(try again.json()["vapid_key"]?.string == key && again.json()["created"]?.bool == false)
            let told = try await pushKeys()
            #expect(told.status == ExitCode.done && told.out.contains("there already"), "\(told)")
            #expect(told.out.contains(key) && told.out.contains("push.contact"), "\(told)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: keyFile)) == content)
            try setMode(0o644, of: keyFile)
            let refused = try await pushKeys("--json")
            #expect(refused.status == ExitCode.refused && refused.out.isEmpty, "\(refused)")
            #expect(refused.error?["next"]?.string == "chmod 600 \(keyFile)", "\(refused)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: keyFile)) == content)
            try FileManager.default.removeItem(atPath: folder)
        }

        /// Ended at each of its steps, it leaves no key or the whole one, and none that it told of is lost.
        @Test(arguments: KillPoint.When.allCases)
        func endedAnywhereItIsDoneByTheNext(_ when: KillPoint.When) async throws {
            var number = 0
            var wasKilled = true
            while wasKilled {
                number += 1
                try? FileManager.default.removeItem(atPath: keyFile)
                let ended = try await pushKeys("--json", environment: try KillPoint(number, when).environment())
                wasKilled = ended.wasKilled
                let next = try await pushKeys("--json")
                #expect(next.status == ExitCode.done, "\(when) step \(number): \(next)")
                #expect(try Data(contentsOf: URL(fileURLWithPath: keyFile)).count == 32)
                if let told = try? ended.json()["vapid_key"]?.string {
                    #expect(try next.json()["vapid_key"]?.string == told)
                }
            }
            #expect(number > 3, "few steps: \(number)")
            try FileManager.default.removeItem(atPath: folder)
        }

        private static func say(_ word: String, in outcome: Outcome) -> Bool {
            outcome.err.contains("\"message\":\"\(word)\"")
        }

        @Test func theStartSaysWhatIsLiveAndWhatIsMissing() async throws {
            let contact = ["--push-contact", "mailto:ops@practice.example"]
            try await relay.start(settings: contact)
            // Also while it runs: from its next start on.
            #expect(try await pushKeys().status == ExitCode.done)
            let first = try await relay.stop()
            #expect(
                Self.say(
                    "Web Push, and so UnifiedPush, is not live: its key is missing, which nightbell-relay push-keys makes",
                    in: first), "\(first)")
            #expect(Self.say("APNs is not live: push.apns-key is not set", in: first), "\(first)")
            #expect(Self.say("FCM is not live: push.fcm-credentials is not set", in: first), "\(first)")
            // A P-256 key in PEM, as Apple gives.
            let apns = [
                "--push-apns-key", "tls/server.key", "--push-apns-key-id", "KEYID12345", "--push-apns-team",
                "TEAM123456", "--push-apns-topic", "example.nightbell",
            ]
            try await relay.start(settings: contact + apns)
            let second = try await relay.stop()
            #expect(Self.say("Web Push, and so UnifiedPush, is live", in: second), "\(second)")
            #expect(Self.say("APNs is live", in: second), "\(second)")
            for secret in ["KEYID12345", "TEAM123456", "example.nightbell", "ops@practice.example", "BEGIN"] {
                #expect(!second.err.contains(secret), "\(second)")
            }
            try FileManager.default.removeItem(atPath: folder)
        }

        @Test func aCredentialThatIsNoneStopsTheStart() async throws {
            let serve = ["serve", "--data", relay.data, "--listen", "127.0.0.1:\(relay.port)"]
            let file = relay.data + "/google.json"
            try Data("{\"private_key\":\"hunter2\"}".utf8).write(to: URL(fileURLWithPath: file))
            for (mode, status, next) in [
                (0o644, ExitCode.refused, "chmod 600 \(file)"), (0o600, ExitCode.configuration, "push.fcm-credentials"),
            ] {
                try setMode(mode, of: file)
                let refused = try await Programs.run(Programs.relay, serve + ["--push-fcm-credentials", "google.json"])
                #expect(refused.status == status, "\(refused)")
                #expect(refused.err.contains("hint: ") && refused.err.contains(next), "\(refused)")
                #expect(!refused.err.contains("hunter2") && !refused.err.contains("\"serving\""), "\(refused)")
            }
            // A start that was refused is no unclean stop.
            try await relay.start()
            #expect(try await !relay.stop().err.contains("not clean"))
            try FileManager.default.removeItem(atPath: folder)
        }
    }
}
