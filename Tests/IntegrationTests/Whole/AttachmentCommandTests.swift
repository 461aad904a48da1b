import DeviceKit
import Foundation
import RelayAPI
import Secrets
import Statements
import Testing

extension ProgramTests {
    /// What people and hostile senders do with files.
    @Suite struct AttachmentCommandTests {
        private static func file(_ practice: Practice, _ name: String, _ text: String) throws -> String {
            let folder = "\(practice.folder)/files-\(UUID().uuidString.prefix(6))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let path = "\(folder)/\(name)"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            return path
        }

        private static func text(_ path: String) throws -> String {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        }

        @Test func severalFilesOfARecordKeepTheirNamesAndNothingIsWrittenOver() async throws {
            let practice = try await SharedPractice.shared.practice()
            let one = try Self.file(practice, "ecg.txt", "one")
            let two = try Self.file(practice, "ecg.txt", "two")
            let record = try practice.recordFile()
            let sent = try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "urgent", "--record", record, "--attach", one,
                "--attach", two)
            // The same command is the same message.
            let again = try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "urgent", "--record", record, "--attach", one,
                "--attach", two)
            #expect(again["message"] == sent["message"])
            #expect(again["sent_before"]?.bool == true)
            let message = try #require(sent["message"]?.string)
            let shown = try await practice.clara.json("read", message)
            let listed = try #require(shown["content"]?["attachments"]?.array)
            #expect(listed.map { $0["sha256"]?.string } == ["one", "two"].map { Digest.sha256(Array($0.utf8)).hex })
            #expect(shown["attachments"]?.array?.map { $0["here"]?.bool } == [false, false])
            #expect(shown["verified"]?.bool == true)

            let folder = practice.folder + "/record-files"
            let saved = try await practice.clara.json("read", message, "--save", folder)
            #expect(
                saved["attachments"]?.array?.map { $0["saved"]?.string }
                    == [folder + "/ecg.txt", folder + "/ecg (2).txt"])
            #expect(try Self.text(folder + "/ecg.txt") == "one")
            #expect(try Self.text(folder + "/ecg (2).txt") == "two")
            // Something else has the name now: it stays, and the message is shown nevertheless.
            try Data("mine".utf8).write(to: URL(fileURLWithPath: folder + "/ecg.txt"))
            let refused = try await practice.clara.run("read", message, "--save", folder)
            #expect(refused.status == ExitCode.wouldOverwrite)
            #expect(try refused.json()["content"]?["record_id"] != nil)
            #expect(try Self.text(folder + "/ecg.txt") == "mine")
            #expect(try await practice.clara.run("read", message, "--save", folder, "--attachment", "3").status == 66)
            #expect(try await practice.clara.run("read", message, "--attachment", "1").status == ExitCode.usage)
            // One person's word that it was saved is one receipt.
            let states = try await practice.desk.json("sent", message)["states"]?.array ?? []
            #expect(states.filter { $0["action"]?.string == "disclosed" }.count == 1)
        }

        @Test func aHostileNameNamesNothingElse() async throws {
            let practice = try await SharedPractice.shared.practice()
            let path = try Self.file(practice, "x.txt", "harmless")
            let item = """
                {"id":"0e5a8d6c-43c3-8f6e-9d5b-1f0f6f6f8d10","kind":"document","media_type":"text/plain","bytes":8,\
                "sha256":"\(Digest.sha256(Array("harmless".utf8)).hex)","title":"../../\\u001b[2J/.bashrc"}
                """
            var record = Samples.record()
            record.removeLast()
            let sent = try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "routine", "--record",
                try practice.recordFile(record + ",\"attachments\":[\(item)]}"), "--attach", path)
            let message = try #require(sent["message"]?.string)
            let folder = practice.folder + "/hostile"
            let read = try await practice.clara.json("read", message, "--save", folder)
            #expect(
                read["attachments"]?.array?.first?["saved"]?.string == folder + "/_..__[2J_.bashrc")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
            let shown = try await practice.clara.say("read", message)
            #expect(!shown.out.contains("\u{1B}"))
        }

        @Test func filesThatCannotBeSentAreRefusedAtOnce() async throws {
            let practice = try await SharedPractice.shared.practice()
            func send(_ paths: [String]) async throws -> Outcome {
                try await practice.desk.run(
                    ["send", "--to", Practice.claraName, "--urgency", "urgent", "--text", "x"]
                        + paths.flatMap { ["--attach", $0] })
            }
            #expect(try await send([practice.folder + "/none"]).code == "file_unreadable")
            #expect(try await send([practice.folder]).code == "not_a_file")
            #expect(try await send([try Self.file(practice, "empty", "")]).code == "empty_attachment")
            let path = try Self.file(practice, "f", "f")
            #expect(try await send(Array(repeating: path, count: 11)).code == "too_many_attachments")
        }

        @Test func aFileThatDoesNotOpenIsReceiptedAndItsMessageStays() async throws {
            // Of its own: what it does is a finding, for the device and for the auditor.
            let practice = try await Practice.make()
            let sender = try await RawDevice.join(
                try await practice.invite("Sender \(UUID().uuidString.prefix(6))", "intake"), at: practice.relay)
            let (blob, uploaded) = try await sender.upload(randomBytes(24 + 65_553))
            #expect(try uploaded.shape(BlobState.self).complete)
            let envelope = try await sender.envelope(to: Practice.claraName, saying: "broken", attachments: [blob])
            let answer = try await sender.http.send(
                "POST", APIPath.messages(sender.organisation), body: envelope.bytes)
            _ = try answer.shape(LoggedEntry.self)
            let message = envelope.manifest.message.description
            let target = practice.folder + "/broken"
            let read = try await practice.clara.run("read", message, "--save", target, "--attachment", "1")
            #expect(read.status == ExitCode.verificationFailed)
            #expect(read.code == "attachment_undecryptable")
            #expect(try read.json()["content"]?["text"]?.string == "broken")
            // The sender had described none.
            #expect(read.err.contains("the message describes 0 files and carries 1 file"))
            #expect(!FileManager.default.fileExists(atPath: target))
            let history = try await sender.send("GET", APIPath.message(sender.organisation, envelope.manifest.message))
                .shape(MessageHistory.self)
            let receipts = history.entries.compactMap { entry -> Receipt? in
                guard
                    case .receipt(let receipt, _) = try? ActivityStatement(
                        parsing: try Entry(parsing: Array(entry.entry.utf8)).body)
                else { return nil }
                return receipt
            }
            #expect(receipts.contains { $0.action == .undecryptable && $0.reason == .attachment })
            #expect(!receipts.contains { $0.action == .disclosed })
            try await practice.remove()
        }

        /// A disk of one's own that lies is no word against the sender: not in a receipt, not in a finding.
        @Test func bytesThatTheOwnDiskChangesAreFetchedAgainAndAccuseNobody() async throws {
            // Of its own: a finding here would be another test's.
            let practice = try await Practice.make()
            let path = try Self.file(practice, "scan.txt", "what was scanned")
            let sent = try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "urgent", "--text", "x", "--attach", path)
            let message = try #require(sent["message"]?.string)
            func save(_ name: String) async throws -> Outcome {
                try await practice.clara.run(
                    "read", message, "--save", practice.folder + "/" + name, "--attachment", "1")
            }
            #expect(try await save("first").status == ExitCode.done)
            let sealed = practice.clara.profile + "/attachments/\(message)-0"
            let whole = try Data(contentsOf: URL(fileURLWithPath: sealed))
            var flipped = whole
            flipped[100] ^= 1
            let spoilt = [flipped, Data(whole.prefix(30)), Data(), whole + Data([0])]
            for (number, bytes) in spoilt.enumerated() {
                try bytes.write(to: URL(fileURLWithPath: sealed))
                let again = try await save("again-\(number)")
                #expect(again.status == ExitCode.done, "\(again)")
                #expect(again.err.contains("was changed on this disk"))
                #expect(try Self.text(practice.folder + "/again-\(number)") == "what was scanned")
                #expect(try Data(contentsOf: URL(fileURLWithPath: sealed)) == whole)
            }
            let states = try await practice.desk.json("sent", message)["states"]?.array ?? []
            #expect(Set(states.compactMap { $0["action"]?.string }) == ["delivered", "read", "disclosed"])
            #expect(try await practice.clara.json("status")["findings"]?.array?.isEmpty == true)
            try await practice.remove()
        }

        @Test func onlyThoseWhomItConcernsGetSealedBytes() async throws {
            // Of its own: its message carries what it does not describe.
            let practice = try await Practice.make()
            let sender = try await RawDevice.join(
                try await practice.invite("Sender \(UUID().uuidString.prefix(6))", "intake"), at: practice.relay)
            let other = try await RawDevice.join(
                try await practice.invite("Other \(UUID().uuidString.prefix(6))", "provider"), at: practice.relay)
            let bytes = randomBytes(24 + 65_553)
            let blob = Manifest.Blob(of: bytes)
            func post() async throws -> RawAnswer {
                let envelope = try await sender.envelope(to: Practice.claraName, saying: "x", attachments: [blob])
                return try await sender.http.send(
                    "POST", APIPath.messages(sender.organisation), body: envelope.bytes)
            }
            // Not there; and there, but another's.
            #expect(try await post().problem?.code == .blobsMissing)
            try await other.upload(bytes)
            let missing = try #require(try await post().problem)
            #expect(missing.code == .blobsMissing)
            #expect(missing.missing == [blob.hash.hex])
            #expect(
                try await sender.send("GET", APIPath.blob(sender.organisation, blob.hash)).problem?.code == .notFound)
            // Under another name it is dropped.
            #expect(try await sender.upload(bytes, named: .zero).answer.problem?.code == .blobHash)
            try await sender.upload(bytes)
            let envelope = try await sender.envelope(to: Practice.claraName, saying: "x", attachments: [blob])
            _ = try await sender.http.send("POST", APIPath.messages(sender.organisation), body: envelope.bytes)
                .shape(LoggedEntry.self)
            let path = APIPath.attachment(sender.organisation, envelope.manifest.message, 0)
            #expect(try await sender.send("GET", path, query: "offset=0").body == bytes)
            #expect(try await sender.send("GET", path, query: "offset=65000").body == Array(bytes[65_000...]))
            #expect(try await sender.send("GET", path, query: "offset=\(bytes.count)").problem?.code == .malformed)
            let beyond = APIPath.attachment(sender.organisation, envelope.manifest.message, 1)
            #expect(try await sender.send("GET", beyond).problem?.code == .notFound)
            #expect(try await other.send("GET", path).problem?.code == .notFound)
            try await practice.admin.json("admin", "revoke", sender.keyID, "--reason", "for a test")
            #expect(try await sender.send("GET", path).problem?.code == .revoked)
            try await practice.remove()
        }

        @Test func theOperatorHearsOfFilesThatTheRelayHasLost() async throws {
            let practice = try await Practice.make()
            try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "urgent", "--text", "x", "--attach",
                try Self.file(practice, "call.wav", "the call"))
            /// The exit status, how many attachments were looked for, and the problems' codes.
            func check(_ words: String...) async throws -> [String] {
                let outcome = try await Programs.run(
                    Programs.relay, ["check", "--data", practice.relay.data, "--json"] + words)
                let report = try outcome.json()
                return ["\(outcome.status)", "\(report["attachments"]?.integer ?? 0)"]
                    + (report["problems"]?.array ?? []).map { $0["code"]?.string ?? "" }
            }
            #expect(try await check("--read-attachments") == ["0", "1"])
            let folder = practice.relay.data + "/blobs/"
            let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
            var bytes = try Data(contentsOf: URL(fileURLWithPath: folder + name))
            bytes[50] ^= 1
            try bytes.write(to: URL(fileURLWithPath: folder + name))
            #expect(try await check() == ["0", "1"])
            #expect(try await check("--read-attachments") == ["65", "1", "attachment_hash"])
            try FileManager.default.removeItem(atPath: folder + name)
            #expect(try await check() == ["65", "1", "attachment_missing"])
            // The same without a relay that runs; and it serves all the same.
            try await practice.relay.stop()
            #expect(try await check("--read-attachments") == ["65", "1", "attachment_missing"])
            try await practice.relay.start()
            try await practice.remove()
        }
    }
}
