import DeviceKit
import Foundation
import Testing

extension ProgramTests {
    /// Bad input to every command of `nightbell-relay`: two lines for the operator, the cause and the next step.
    @Suite struct RelayCommandTests {
        /// A data directory in which no relay runs, and places beside it where there is none.
        private static let folder = Result {
            let folder = try Programs.temporaryFolder()
            try FileManager.default.createDirectory(
                atPath: folder + "/full", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/full/file"))
            return folder
        }

        struct Wrong: Sendable, CustomTestStringConvertible {
            let words: [String]
            let status: Int32
            /// What the message must name.
            let named: String

            var testDescription: String { words.joined(separator: " ") }

            init(_ words: [String], _ status: Int32, _ named: String) {
                self.words = words
                self.status = status
                self.named = named
            }
        }

        /// `DIR` stands for the data directory, `NONE` for one that is not there, `FULL` for a folder of something else.
        static let wrong: [Wrong] = [
            Wrong(["sreve"], ExitCode.usage, "sreve"), Wrong(["init", "--data", "NONE"], ExitCode.usage, "--name"),
            Wrong(["init", "--name", "localhost:1"], ExitCode.usage, "--data"),
            Wrong(["init", "--data", "NONE", "--name", "localhost"], ExitCode.usage, "HOST:PORT"),
            Wrong(["init", "--data", "NONE", "--name", "localhost:70000"], ExitCode.usage, "HOST:PORT"),
            Wrong(["init", "--data", "NONE", "--name", "a b:1"], ExitCode.usage, "HOST:PORT"),
            Wrong(["init", "--data", "DIR", "--name", "localhost:1"], ExitCode.wouldOverwrite, "not empty"),
            Wrong(["init", "--data", "FULL", "--name", "localhost:1"], ExitCode.wouldOverwrite, "not empty"),
            Wrong(["init", "--data", "/proc/nightbell", "--name", "localhost:1"], ExitCode.failed, "/proc/nightbell"),
            Wrong(["serve"], ExitCode.configuration, "--data"),
            Wrong(["serve", "--data", "NONE"], ExitCode.configuration, "does not exist"),
            Wrong(["serve", "--data", "FULL"], ExitCode.configuration, "FULL"),
            Wrong(["serve", "--data", "DIR", "--listen", "nonsense"], ExitCode.configuration, "listen"),
            Wrong(["serve", "--data", "DIR", "--listen", "127.0.0.1:70000"], ExitCode.configuration, "listen"),
            Wrong(["serve", "--data", "DIR", "--listen", "localhost:7001"], ExitCode.configuration, "listen"),
            Wrong(["serve", "--data", "DIR", "--listen", "192.0.2.1:7001"], ExitCode.tryAgain, "192.0.2.1:7001"),
            Wrong(["serve", "--data", "DIR", "--no-such-setting", "1"], ExitCode.configuration, "--no-such-setting"),
            Wrong(["serve", "--data", "DIR", "--log-level", "loud"], ExitCode.configuration, "log-level"),
            Wrong(["serve", "--data", "DIR", "--limits-connections", "-1"], ExitCode.configuration, "connections"),
            Wrong(["serve", "--data", "DIR", "--limits-connections", "8e3"], ExitCode.configuration, "connections"),
            Wrong(["serve", "--data", "DIR", "--limits-connections"], ExitCode.configuration, "connections"),
            Wrong(["serve", "--data", "DIR", "--push-ports", "http"], ExitCode.configuration, "push.ports"),
            Wrong(["serve", "--data", "DIR", "--push-contact", "ops"], ExitCode.configuration, "push.contact"),
            Wrong(["serve", "--data", "DIR", "--push-apns-key", "a.p8"], ExitCode.configuration, "push.apns-key-id"),
            Wrong(["serve", "--data", "DIR", "--push-authority", "ca.pem"], ExitCode.configuration, "ca.pem"),
            Wrong(["serve", "--data", "DIR", "--push-fcm-credentials", "f.json"], ExitCode.configuration, "f.json"),
            Wrong(["check"], ExitCode.configuration, "--data"),
            Wrong(["check", "--data", "NONE"], ExitCode.configuration, "does not exist"),
            Wrong(["check", "--data", "FULL"], ExitCode.configuration, "FULL"),
            Wrong(["check", "--data", "DIR", "surplus"], ExitCode.usage, "surplus"),
            Wrong(["founding-code", "--data", "NONE"], ExitCode.configuration, "does not exist"),
            Wrong(["founding-code", "--data", "DIR", "--for-ever"], ExitCode.usage, "--for-ever"),
            Wrong(["push-keys"], ExitCode.configuration, "--data"),
            Wrong(["push-keys", "--data", "NONE"], ExitCode.configuration, "does not exist"),
            Wrong(["push-keys", "--data", "FULL"], ExitCode.configuration, "FULL"),
            Wrong(["push-keys", "--data", "DIR", "--force"], ExitCode.usage, "--force"),
        ]

        @Test(arguments: wrong)
        func isRefused(_ wrong: Wrong) async throws {
            let folder = try Self.folder.get()
            let data = folder + "/relay"
            if !FileManager.default.fileExists(atPath: data) {
                try await RelayUnderTest(data: data, port: try RelayUnderTest.freePort()).initialise()
            }
            func named(_ word: String) -> String {
                ["DIR": data, "NONE": folder + "/none", "FULL": folder + "/full"][word] ?? word
            }
            let outcome = try await Programs.run(Programs.relay, wrong.words.map(named))
            #expect(outcome.status == wrong.status, "\(outcome)")
            #expect(outcome.out.isEmpty, "\(outcome)")
            #expect(outcome.err.contains(named(wrong.named)), "\(outcome)")
            // Usage is explained by the help that is named; everything else by what to do.
            let next = outcome.status == ExitCode.usage ? "--help" : "\nnightbell-relay: hint: "
            #expect(outcome.err.contains(next), "\(outcome)")
            for trace in ["Fatal error", "crashed", "Stack dump", " at /"] { #expect(!outcome.err.contains(trace)) }
            #expect(!FileManager.default.fileExists(atPath: folder + "/none"))
        }

        @Test func withJSONScriptsGetOneObject() async throws {
            let folder = try Programs.temporaryFolder()
            let data = folder + "/relay"
            let made = try await Programs.run(
                Programs.relay, ["init", "--data", data, "--name", "localhost:7001", "--dev-tls", "--json"])
            #expect(try made.json()["data"]?.string == data && made.json()["name"]?.string == "localhost:7001")
            #expect(try made.json()["ca"]?.string == data + "/tls/ca.pem")
            #expect(
                try await Programs.run(Programs.relay, ["founding-code", "--data", data, "--json"])
                    .json()["code"]?.string?.isEmpty == false)
            for words in [
                ["init", "--data", data, "--name", "localhost:7001"], ["check", "--data", folder + "/none"],
                ["founding-code", "--data", folder + "/none"], ["push-keys", "--data", folder + "/none"],
            ] {
                let refused = try await Programs.run(Programs.relay, words + ["--json"])
                #expect(refused.status != 0 && refused.out.isEmpty, "\(refused)")
                #expect(refused.error?["code"]?.string?.isEmpty == false, "\(refused)")
                #expect(refused.error?["next"]?.string?.isEmpty == false, "\(refused)")
            }
            try FileManager.default.removeItem(atPath: folder)
        }

        @Test func oneRelayServesADirectoryAndOneAnAddress() async throws {
            let folder = try Programs.temporaryFolder()
            let relay = RelayUnderTest(data: folder + "/relay", port: try RelayUnderTest.freePort())
            try await relay.initialise()
            try await relay.start()
            let sameData = try await Programs.run(
                Programs.relay,
                ["serve", "--data", relay.data, "--listen", "127.0.0.1:\(try RelayUnderTest.freePort())"])
            #expect(sameData.status == ExitCode.tryAgain, "\(sameData)")
            #expect(sameData.err.contains("nightbell-relay: hint: "), "\(sameData)")
            let other = RelayUnderTest(data: folder + "/other", port: relay.port)
            try await other.initialise()
            let sameAddress = try await Programs.run(
                Programs.relay, ["serve", "--data", other.data, "--listen", "127.0.0.1:\(relay.port)"])
            #expect(sameAddress.status == ExitCode.tryAgain, "\(sameAddress)")
            #expect(sameAddress.err.contains("127.0.0.1:\(relay.port)"), "\(sameAddress)")
            // What was refused has harmed nobody.
            #expect(try await relay.check().status == 0)
            #expect(try await relay.stop().status == 0)
            #expect(try await other.check().status == 0)
            try FileManager.default.removeItem(atPath: folder)
        }

        /// The folder keeps others from everything in it; keys are looked at by themselves, for they are copied about.
        @Test(arguments: ["", "/keys", "/keys/push.key", "/tls/server.key"])
        func whatOthersCanReadIsNotServed(_ name: String) async throws {
            let folder = try Programs.temporaryFolder()
            let relay = RelayUnderTest(data: folder + "/relay", port: try RelayUnderTest.freePort())
            try await relay.initialise()
            // Made at the first start.
            try await relay.start()
            try await relay.stop()
            let path = relay.data + name
            let isFolder = try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
            try FileManager.default.setAttributes(
                [.posixPermissions: isFolder == .typeDirectory ? 0o755 : 0o644], ofItemAtPath: path)
            let refused = try await Programs.run(
                Programs.relay, ["serve", "--data", relay.data, "--listen", "127.0.0.1:\(relay.port)"])
            #expect(refused.status == ExitCode.refused, "\(refused)")
            #expect(refused.err.contains("chmod") && refused.err.contains(path), "\(refused)")
            try FileManager.default.removeItem(atPath: folder)
        }
    }
}
