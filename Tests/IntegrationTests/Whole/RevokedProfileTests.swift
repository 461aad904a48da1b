import DeviceKit
import DeviceStorage
import Foundation
import RelayAPI
import Secrets
import Statements
import Testing
import TransparencyLog

extension ProgramTests {
    /// What a device does with what it holds when it learns that it was revoked.
    @Suite struct RevokedProfileTests {
        private func files(of person: Person) throws -> [String: Data] {
            var files: [String: Data] = [:]
            for name in try FileManager.default.subpathsOfDirectory(atPath: person.profile) {
                files[name] = FileManager.default.contents(atPath: person.profile + "/" + name)
            }
            return files
        }

        /// The one that learns of it has a key of its own; the agent has the same one.
        @Test func theAgentForgetsAlsoWhenAnotherErases() async throws {
            let practice = try await SharedPractice.shared.practice()
            let lost = practice.person("erased-beside")
            let device = try await practice.join(lost.name, as: "Edna Erased", "provider")["device"]?.string ?? ""
            try await lost.json("unlock")
            try await practice.admin.json("admin", "revoke", device, "--reason", "sold")
            #expect(try await lost.run("inbox").code == "revoked")
            let isGone = try await ProfileProcesses.wait { lost.processes.all.isEmpty }
            #expect(isGone)
        }

        @Test func nothingIsLeftOfARevokedDevice() async throws {
            let practice = try await SharedPractice.shared.practice()
            let lost = practice.person("erased")
            let device = try await practice.join(lost.name, as: "Enid Erased", "provider")["device"]?.string ?? ""
            let canary = "canary-\(UUID().uuidString)"
            let message = try await practice.text(canary, to: "Enid Erased")
            try await lost.json("unlock")
            #expect(try await lost.bare("read", message).out.contains(canary))
            let before = try files(of: lost)
            let wrapped = try #require(JSONParser.parse([UInt8](before["profile.json"]!))["wrap"]?["sealed"]?.string)
            try await practice.admin.json("admin", "revoke", device, "--reason", "left in a taxi")

            let learnt = try await lost.bare("inbox")
            #expect(learnt.status == ExitCode.refused)
            #expect(learnt.code == "revoked")
            #expect(learnt.out.isEmpty, "nothing more is shown")
            #expect(learnt.error?["message"]?.string?.contains("left in a taxi") == true)
            // The agent had the key, and is gone with it.
            let isGone = try await ProfileProcesses.wait { lost.processes.all.isEmpty }
            #expect(isGone)
            let after = try files(of: lost)
            #expect(!after.keys.contains { $0.hasPrefix("store.sqlite") || $0 == "steps.ndjson" })
            for (name, data) in after {
                #expect(data.range(of: Data(canary.utf8)) == nil, "\(name)")
                #expect(data.range(of: Data(wrapped.utf8)) == nil, "\(name)")
            }
            // What stays says who it was and what ended it, with the proof.
            let record = try JSONParser.parse([UInt8](try #require(after["revoked.json"])))
            #expect(record["device"]?.string == device)
            #expect(record["erased"]?.string != nil)
            let entry = try Entry(parsing: Array(try #require(record["entry"]?.string).utf8))
            let admin = try rawAdmin(practice)
            let proof = try LogProof(parsing: Array(try #require(record["proof"]?.string).utf8))
            _ = try proof.verify(entry: entry, key: try await admin.logKey(.roster))
            let statement = try RevokeStatement(parsing: SignedNote(parsing: entry.body).text)
            #expect(statement.target == .device(DeviceID(device)!))
            // Every later command says so, with or without the key file.
            for command in [["inbox"], ["status"], ["read", message], ["unlock"]] {
                #expect(try await lost.run(command).code == "revoked")
            }
            #expect(try await lost.bare("steps").code == "revoked")
            // The doctor knows that there is nothing to mend, and says who can help.
            let examined = try await lost.bare("doctor")
            #expect(examined.status == ExitCode.failed)
            let checks = try examined.json()["checks"]?.array ?? []
            #expect(!checks.contains { ["store", "unlock", "watch"].contains($0["name"]?.string) }, "\(examined.out)")
            let profile = checks.first { $0["name"]?.string == "profile" }
            #expect(profile?["status"]?.string == "problem")
            let said = profile?["message"]?.string ?? ""
            #expect(said.contains("was revoked on ") && said.contains("left in a taxi"), "\(said)")
            #expect(said.contains("nothing of it can be restored"), "\(said)")
            #expect(profile?["next"]?.string?.contains("ask an administrator") == true)
            // What a command that was opening the profile meanwhile would leave is no store.
            let store = lost.profile + "/store.sqlite"
            try Data([1]).write(to: URL(fileURLWithPath: store))
            try lost.change(store, to: 0o600)
            #expect(try await lost.run("status").code == "revoked")
            #expect(try !files(of: lost).keys.contains("store.sqlite"))
        }

        @Test func theDoctorMayBeTheFirstToLearnOfIt() async throws {
            let practice = try await SharedPractice.shared.practice()
            let lost = practice.person("erased-examined")
            let device = try await practice.join(lost.name, as: "Elsa Erased", "provider")["device"]?.string ?? ""
            try await lost.json("unlock")
            try await practice.admin.json("admin", "revoke", device, "--reason", "sold")
            let examined = try await lost.run("doctor")
            #expect(examined.status == ExitCode.failed)
            let checks = try examined.json()["checks"]?.array ?? []
            #expect(checks.first?["message"]?.string?.contains("was revoked on ") == true, "\(examined.out)")
            #expect(!checks.contains { $0["name"]?.string == "store" })
            #expect(try !files(of: lost).keys.contains("store.sqlite"))
            let isGone = try await ProfileProcesses.wait { lost.processes.all.isEmpty }
            #expect(isGone, "its agent has forgotten the key")
        }

        @Test func whoReadsAndLearnsOfItIsToldByTheExitCode() async throws {
            let practice = try await SharedPractice.shared.practice()
            let lost = practice.person("erased-reading")
            let device = try await practice.join(lost.name, as: "Ebba Erased", "provider")["device"]?.string ?? ""
            let message = try await practice.text("the last one", to: "Ebba Erased")
            #expect(try await lost.run("inbox").status == ExitCode.done)
            try await practice.admin.json("admin", "revoke", device, "--reason", "sold")
            let learnt = try await lost.run("read", message)
            #expect(learnt.status == ExitCode.refused)
            #expect(learnt.err.contains("revoked"))
            #expect(try !files(of: lost).keys.contains("store.sqlite"))
        }

        /// A member who is suspended reads and signs nothing, and has everything again afterwards.
        @Test func aSuspensionDestroysNothing() async throws {
            let practice = try await SharedPractice.shared.practice()
            let person = practice.person("suspended")
            try await practice.join(person.name, as: "Sue Suspended", "provider")
            let message = try await practice.text("kept", to: "Sue Suspended")
            #expect(try await person.run("read", message).status == ExitCode.done)
            let admin = try rawAdmin(practice)
            try await set(.suspended, "Sue Suspended", by: admin)
            let refused = try await person.run("inbox")
            #expect(refused.code == "suspended")
            #expect(try files(of: person).keys.contains("store.sqlite"))
            #expect(!(try files(of: person).keys.contains("revoked.json")))
            try await set(.active, "Sue Suspended", by: admin)
            let inbox = try await person.json("inbox")["messages"]?.array ?? []
            #expect(inbox.map { $0["message"]?.string } == [message])
            #expect(try await person.run("read", message).out.contains("kept"))
        }

        /// The admin's key, for what no command does yet.
        private func rawAdmin(_ practice: Practice) throws -> RawDevice {
            let profile = try Profile.open(practice.admin.profile, unlock: .keyFile(practice.admin.keyFile))
            let identity = try profile.enrolledIdentity()
            let raw = try profile.store.look { store in
                try store.withSecret(SettingName(rawValue: "device-key")) { seed in
                    RawDevice(
                        http: RawHTTP(address: practice.relay.address), organisation: identity.organisation,
                        member: identity.member, keyID: identity.device.description,
                        key: SigningKey(seed: seed.duplicate()))
                }
            }
            return try #require(raw)
        }

        private func set(_ status: MemberStatus, _ name: String, by admin: RawDevice) async throws {
            let current = try await admin.statements(of: .roster).compactMap { entry -> (MemberStatement, Digest)? in
                let text = try SignedNote(parsing: entry.body).text
                guard let statement = try? MemberStatement(parsing: text), statement.name.description == name else {
                    return nil
                }
                return (statement, Digest.sha256(text))
            }.last
            let (member, hash) = try #require(current)
            let statement = MemberStatement(
                organisation: admin.organisation, seen: try await admin.checkpoint(of: .roster).seen, at: .now(),
                replaces: hash, member: member.member, name: member.name, roles: member.roles, status: status)
            let note = SignedNote(text: statement.text, signedBy: admin.key, as: admin.keyID)
            let answer = try await admin.http.send(
                "POST", APIPath.rosterStatements(admin.organisation), body: note.bytes)
            _ = try answer.shape(LoggedEntry.self)
        }
    }
}
