import DeviceKit
import Foundation
import Testing

extension AuditorTests {
    /// `audit evidence` and `audit check`, and the two readers that are not this program.
    @Suite struct EvidenceCommandTests {
        private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()

        /// Where `Config/test` puts the packages that we compare with.
        static let pythonPath = root.appending(path: ".build/peers/bin/python3").path

        /// The program in another language, which shares no code with ours.
        private static func python(_ arguments: String...) async throws -> Outcome {
            let python = pythonPath
            try #require(FileManager.default.fileExists(atPath: python), "Config/test installs it")
            let program = root.appending(path: "Clients/verify/nightbell_evidence.py").path
            return try await Programs.run(python, ["-B", program, "--json"] + arguments)
        }

        /// Go's own packages of logs.
        private static func go(_ arguments: String...) async throws -> Outcome {
            let reader = root.appending(path: ".build/second_reader/second_reader").path
            try #require(FileManager.default.fileExists(atPath: reader), "Config/test builds it")
            return try await Programs.run(reader, arguments)
        }

        /// Nobody's home: the machine of a lawyer's expert.
        private static func elsewhere(_ practice: Practice, _ arguments: String...) async throws -> Outcome {
            let home = practice.folder + "/home-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: false)
            let outcome = try await Programs.run(
                Programs.nightbell, arguments, environment: ["HOME": home, "XDG_DATA_HOME": home + "/data"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: home).isEmpty)
            return outcome
        }

        @Test func aMessageIsProvenToWhoeverTrustsNobody() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let sent = try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "urgent", "--record", try practice.recordFile())
            let message = try #require(sent["message"]?.string)
            try await practice.clara.json("read", message)
            try await practice.clara.json("ack", message, "--reason", "calling_now")
            try await practice.clara.json("close", message)

            let file = practice.folder + "/evidence-\(UUID().uuidString).tar"
            let made = try await practice.auditor.json("audit", "evidence", message, file, "--reason", "legal")
            #expect(made["file"]?.string == file && made["message"]?.string == message)
            let looks = try await practice.auditor.json("audit", "accesses")["accesses"]?.array ?? []
            #expect(looks.first { $0["index"] == made["look"] }?["kind"]?.string == "evidence")
            #expect(made["evidence"]?.array?.isEmpty == true && made["findings"]?.array?.isEmpty == true)
            let permissions = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(permissions == 0o600)

            let checked = try await Self.elsewhere(
                practice, "audit", "check", file, "--org", practice.organisation, "--json")
            #expect(checked.status == 0, "\(checked)")
            let told = try checked.json()
            #expect(told["ok"]?.bool == true && told["message"]?.string == message)
            #expect(told["organisation"]?.string == practice.organisation && told["organisation_pinned"]?.bool == true)
            #expect(told["made_by"]?["name"]?.string == Practice.auditorName)
            let kinds = told["entries"]?.array?.compactMap { $0["kind"]?.string } ?? []
            #expect(kinds.filter { $0 != "served" } == ["manifest", "delivered", "read", "acknowledged", "closed"])
            #expect(kinds.contains("served"))
            #expect(told["entries"]?.array?.compactMap { $0["index"] } == made["entries"]?.array)
            #expect(told["head"]?.string != nil)

            let words = try await Self.elsewhere(practice, "audit", "check", file)
            for part in [
                "SENT by \(Practice.deskName)", "ACKNOWLEDGED (calling now) by \(Practice.claraName)",
                "COMPARE this id by telephone", "WHAT THIS FILE CANNOT SHOW", "ok: ",
            ] { #expect(words.out.contains(part), "\(words.out)") }

            let python = try await Self.python(file, "--organisation", practice.organisation)
            #expect(python.status == 0, "\(python)")
            #expect(
                try python.json()["entries"]?.array?.compactMap { $0["index"] }
                    == told["entries"]?.array?.compactMap { $0["index"] })
            let go = try await Self.go("evidence", file)
            #expect(go.status == 0, "\(go)")
            #expect(try go.json()["entries"]?.integer == Int64(kinds.count))
            #expect((try go.json()["consistency"]?.integer ?? 0) > 0)
            for log in ["roster", "activity"] {
                #expect(try told[log] == python.json()[log])
                #expect(try told[log] == go.json()[log])
            }
            // The look was logged, and the next file tells of it.
            let next = file + "-2"
            try await practice.auditor.json("audit", "evidence", message, next, "--reason", "patient_request")
            let again = try await Self.elsewhere(practice, "audit", "check", next, "--json").json()
            let look = again["entries"]?.array?.last
            #expect(look?["kind"]?.string == "access" && look?["sentence"]?.string?.contains("reason: legal") == true)
            #expect(try await Self.python(next).status == 0)
            // What was read in the record is nowhere in it.
            let text = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
            for secret in ["MRN-4711", "Jamie", "2025550123", "dyspnoea"] { #expect(!text.contains(secret)) }
        }

        /// The patient stands in a file only when it is asked for; it is proven to whoever gets it, and both looks are logged.
        @Test func whoseItIsGoesAlongWhenItIsAskedFor() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let patient = "MRN-\(UUID().uuidString)"
            let record = Samples.record().replacing("MRN-4711", with: patient)
            let sent = try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "urgent", "--record", try practice.recordFile(record))
            let message = try #require(sent["message"]?.string)
            let file = practice.folder + "/evidence-\(UUID().uuidString).tar"
            let why = ["--reason", "legal"]
            try await practice.auditor.json(["audit", "evidence", message, file + "-without"] + why)
            try await practice.auditor.json(["audit", "evidence", message, file, "--with-capsule"] + why)
            let (bytes, without) = (
                try Data(contentsOf: URL(filePath: file)), try Data(contentsOf: URL(filePath: file + "-without"))
            )
            #expect(bytes.range(of: Data(patient.utf8)) != nil && without.range(of: Data(patient.utf8)) == nil)

            let told = try await Self.elsewhere(practice, "audit", "check", file, "--json").json()
            #expect(told["ok"]?.bool == true && told["capsule"]?["patient"]?.string == patient, "\(told)")
            let words = try await Self.elsewhere(practice, "audit", "check", file)
            #expect(words.out.contains("WHOSE IT IS") && words.out.contains("patient \(patient), record"))
            let python = try await Self.python(file)
            #expect(python.status == 0, "\(python)")
            #expect(try python.json()["capsule"]?["patient"]?.string == patient)
            #expect(try await Self.go("evidence", file).status == 0)
            let plain = try await Self.elsewhere(practice, "audit", "check", file + "-without", "--json").json()
            #expect(plain["ok"]?.bool == true && plain["capsule"] == .null)
            // Another patient than was sealed is found by both.
            var changed = bytes
            let place = try #require(changed.range(of: Data(patient.utf8)))
            changed[place.lowerBound] ^= 1
            try changed.write(to: URL(filePath: file + "-changed"))
            #expect(
                try await Self.elsewhere(practice, "audit", "check", file + "-changed").status
                    == ExitCode.verificationFailed)
            #expect(try await Self.python(file + "-changed").status == ExitCode.verificationFailed)

            let accesses = try await practice.auditor.json("audit", "accesses")["accesses"]?.array ?? []
            let kinds = accesses.filter { $0["message"]?.string == message }.map { $0["kind"]?.string }
            #expect(kinds == ["evidence", "message", "evidence"])
        }

        @Test func anExportGivesTheSameEntriesWithoutARelay() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let message = try await practice.text("evidence from an export")
            try await practice.clara.json("read", message)
            let export = practice.folder + "/export-\(UUID().uuidString)"
            try await practice.auditor.json("audit", "export", export)
            let file = practice.folder + "/evidence-\(UUID().uuidString)"
            // The relay of this profile is not asked: nothing was logged since then that would be in it.
            let outcome = try await practice.auditor.run(["audit", "evidence", message, file, "--export", export])
            let made = try outcome.json()
            #expect(made["entries"]?.array?.isEmpty == false)
            #expect(outcome.err.contains("no look is logged"), "\(outcome)")
            let told = try await Self.elsewhere(practice, "audit", "check", file, "--json").json()
            #expect(told["ok"]?.bool == true && told["organisation_pinned"]?.bool == false)
            let tree = try await practice.person("outsider").json("audit", "verify", "--export", export)
            #expect(told["activity"] == tree["activity"] && told["roster"] == tree["roster"])
        }

        /// Of which nothing that this device kept says that its roster is the newest.
        @Test func anExportOfAPresentThatTheDeviceNeverHeardOfGivesNoEvidence() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let file = practice.folder + "/evidence-\(UUID().uuidString)"
            // Others use the auditor's device, which may by chance hear of the very same present.
            for _ in 1...5 {
                let message = try await practice.text("evidence from somebody else's export")
                let export = practice.folder + "/export-\(UUID().uuidString)"
                try await practice.admin.json("audit", "export", export)
                let outcome = try await practice.auditor.run(["audit", "evidence", message, file, "--export", export])
                guard outcome.status != 0 else {
                    try FileManager.default.removeItem(atPath: file)
                    continue
                }
                Refusal.check(outcome, ExitCode.refused, "no_head")
                #expect(!FileManager.default.fileExists(atPath: file))
                return
            }
            Issue.record("the auditor's device had heard of five presents")
        }

        @Test func aChangedFileIsRefusedEverywhere() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let message = try await practice.text("evidence that somebody changes")
            let file = practice.folder + "/evidence-\(UUID().uuidString)"
            try await practice.auditor.json("audit", "evidence", message, file, "--reason", "legal")
            let whole = try Data(contentsOf: URL(filePath: file))
            // In the manifest's text, which is the first of its kind in the archive.
            let place = try #require(whole.range(of: Data("\nurgency urgent\n".utf8)))
            var changed = whole
            changed.replaceSubrange(place, with: Data("\nurgency rotten\n".utf8))
            let other = file + "-changed"
            try changed.write(to: URL(filePath: other))
            let ours = try await Self.elsewhere(practice, "audit", "check", other, "--json")
            let python = try await Self.python(other)
            let go = try await Self.go("evidence", other)
            #expect(
                [ours.status, python.status, go.status] == [Int32](repeating: ExitCode.verificationFailed, count: 3))
            let part = try ours.json()["findings"]?.array?.first?["part"]?.string
            #expect(part?.hasPrefix("activity/entry/") == true)
            #expect(try python.json()["findings"]?.array?.first?["part"]?.string == part)
            #expect(try go.json()["finding"]?.string?.contains(part ?? "?") == true)
            // And so is a good one, of another organisation than was meant.
            let stranger = "org-" + String(repeating: "a", count: 32)
            let pinned = try await Self.elsewhere(
                practice, "audit", "check", file, "--organisation", stranger, "--json")
            let theirs = try await Self.python(file, "--organisation", stranger)
            #expect(pinned.status == ExitCode.verificationFailed && theirs.status == ExitCode.verificationFailed)
            #expect(
                try pinned.json()["findings"]?.array?.first?["part"] == theirs.json()["findings"]?.array?.first?["part"]
            )
        }

        @Test func goReadsWhatWeExportAndNothingThatWasChanged() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let directory = practice.folder + "/export-\(UUID().uuidString)"
            let ours = try await practice.auditor.json("audit", "export", directory)
            let go = try await Self.go("export", directory)
            #expect(go.status == 0, "\(go)")
            for log in ["roster", "activity"] { #expect(try go.json()[log] == ours[log]) }
            for name in try FileManager.default.subpathsOfDirectory(atPath: directory) {
                let file = URL(fileURLWithPath: directory + "/" + name)
                guard !file.hasDirectoryPath, let whole = try? Data(contentsOf: file), !whole.isEmpty else { continue }
                for change in [1, 2] {
                    var changed = whole
                    if change == 1 { changed[whole.count / 2] ^= 1 } else { changed.removeLast(2) }
                    try changed.write(to: file)
                    let outcome = try await Self.go("export", directory)
                    #expect(outcome.status == ExitCode.verificationFailed, "\(name): \(outcome)")
                }
                try whole.write(to: file)
            }
            #expect(try await Self.go("export", directory).status == 0)
        }

        @Test func wrongQuestionsAreRefused() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let message = try await practice.text("evidence, asked for wrongly")
            let garbage = try practice.recordFile("no evidence")
            let there = try practice.recordFile("somebody's")
            let free = practice.folder + "/evidence-\(UUID().uuidString)"
            let why = ["--reason", "legal"]
            let cases: [(words: [String], status: Int32, code: String)] = [
                (["check", "/no/such/file"], ExitCode.notFound, "file_unreadable"),
                (["check", garbage], ExitCode.usage, "no_evidence"), (["check"], ExitCode.usage, "usage"),
                (["check", garbage, "--org", "org-x"], ExitCode.usage, "no_organisation_id"),
                (["check", garbage, "--organisation", "org-x"], ExitCode.usage, "no_organisation_id"),
                (["evidence", message], ExitCode.usage, "usage"),
                (["evidence", free, message] + why, ExitCode.usage, "swapped_arguments"),
                (["evidence", "msg-a", free] + why, ExitCode.usage, "id_too_short"),
                (["evidence", message, free], ExitCode.usage, "no_reason"),
                (["evidence", message, free, "--reason", "curiosity"], ExitCode.usage, "bad_reason"),
                (["evidence", message, free, "--with-capsule"], ExitCode.usage, "no_reason"),
                (["evidence", message, free, "--with-capsule", "--export", "logs"], ExitCode.usage, "no_look"),
                (["evidence", message, there] + why, ExitCode.wouldOverwrite, "would_overwrite"),
                (["evidence", message, "/no/such/folder/file"] + why, ExitCode.notFound, "no_folder"),
                (["evidence", "msg-aaaaaaaaaaaaaaaaaaaaaaaaaa", free] + why, ExitCode.notFound, "no_such_message"),
                (["evidence", message, free, "--export", "/no/such/export"], ExitCode.notFound, "no_export"),
                (
                    ["evidence", message, free, "--org", "org-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] + why, ExitCode.usage,
                    "another_organisation"
                ),
            ]
            for (words, status, code) in cases {
                Refusal.check(try await practice.auditor.run(["audit"] + words), status, code)
            }
            // Nobody else's word is evidence, not even an admin's, who may read the entries.
            for person in [practice.clara, practice.admin] {
                Refusal.check(
                    try await person.run(["audit", "evidence", message, free] + why), ExitCode.refused, "not_an_auditor"
                )
            }
            #expect(!FileManager.default.fileExists(atPath: free))
            #expect(try String(contentsOf: URL(filePath: there), encoding: .utf8) == "somebody's")
            for arguments in [[garbage], ["/no/such/file"]] {
                let outcome = try await Self.python(arguments[0])
                #expect(outcome.status == (arguments[0] == garbage ? ExitCode.usage : ExitCode.notFound))
            }
        }
    }
}
