import DeviceKit
import Foundation
import Testing

extension AuditorTests {
    /// `audit`: what an auditor is told of true logs, of an export without a relay, and of wrong questions.
    @Suite struct AuditCommandTests {
        @Test func aMessagesHistoryIsToldFromTheRelayAndFromAnExport() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let record = Samples.record()
            let sent = try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "urgent", "--record", try practice.recordFile(record))
            let message = try #require(sent["message"]?.string)
            try await practice.clara.json("read", message)
            try await practice.clara.json("ack", message, "--reason", "calling_now")

            let verified = try await practice.auditor.json("audit", "verify")
            #expect(verified["ok"]?.bool == true)
            #expect(verified["findings"]?.array?.isEmpty == true, "\(verified)")
            for log in ["roster", "activity"] {
                #expect((verified[log]?["size"]?.integer ?? 0) > 0)
                #expect(verified[log]?["root"]?.string?.count == 64)
            }
            #expect((verified["capsules"]?["opened"]?.integer ?? 0) > 0)

            let directory = practice.folder + "/export-\(UUID().uuidString)"
            let exported = try await practice.auditor.json("audit", "export", directory)
            #expect(exported["directory"]?.string == directory)
            let clara = try await practice.clara.json("status")["device"]
            // With no profile, and no relay: whoever is handed the export is told the same.
            let outsider = practice.person("outsider")
            for (person, source) in [
                (practice.auditor, []), (outsider, ["--export", directory, "--org", practice.organisation]),
                (outsider, ["--export", directory]),
            ] {
                // As every command, it takes the id without what all ids begin with.
                let typed = String(message.dropFirst("msg-".count))
                let told = try await person.json(["audit", "message", typed] + source)
                #expect(told["message"]?.string == message)
                #expect(told["verified"]?.bool == true)
                #expect(told["manifest"] == sent["manifest"])
                let states = try #require(told["states"]?.array)
                #expect(states.map { $0["action"]?.string } == ["delivered", "read", "acknowledged"])
                #expect(states.allSatisfy { $0["device"] == clara && $0["index"]?.integer != nil })
                let listed = try await person.json(["audit", "messages"] + source)["messages"]?.array ?? []
                #expect(
                    listed.first { $0["message"]?.string == message }?["state"]?.string == "acknowledged", "\(listed)")
                #expect(try await person.json(["audit", "verify"] + source)["ok"]?.bool == true)
            }
            // What was read in the record is nowhere in it.
            for file in try FileManager.default.subpathsOfDirectory(atPath: directory) {
                guard let bytes = FileManager.default.contents(atPath: directory + "/" + file) else { continue }
                let text = String(decoding: bytes, as: UTF8.self)
                for secret in ["MRN-4711", "Jamie", "2025550123", "dyspnoea"] { #expect(!text.contains(secret)) }
            }
            #expect(!FileManager.default.fileExists(atPath: outsider.profile))
        }

        /// Somebody holds what two people were shown against an export, with neither profile nor relay.
        @Test func whatPeopleWereShownIsComparedWithAnExport() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let folder = practice.folder + "/compared-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let (before, after, directory) = (folder + "/before", folder + "/after", folder + "/export")
            let written = try await practice.desk.json("status", "--heads", before)["heads_written"]
            #expect(written?["file"]?.string == before && (written?["heads"]?.integer ?? 0) > 0)
            try await practice.auditor.json("audit", "export", directory)
            try await practice.text("behind the export")
            try await practice.desk.json("status", "--heads", after)
            let outsider = practice.person("outsider")
            func compare(_ files: String...) async throws -> Outcome {
                try await outsider.run(
                    ["audit", "compare"] + files + ["--export", directory, "--org", practice.organisation])
            }
            let same = try await compare(before)
            #expect(same.status == 0, "\(same)")
            #expect(["same", "extends"].contains(try same.json()["verdict"]?.string))
            // Nothing contradicts, and the export does not reach so far.
            let longer = try await compare(before, after)
            #expect(try longer.status == 0 && longer.json()["verdict"]?.string == "unproven", "\(longer)")
            // Read aloud, and misheard or a lie: it convicts nobody.
            let aloud = folder + "/aloud"
            try Data("activity 2 0123 4567 89ab cdef 0123 4567 89ab cdef\n".utf8).write(to: URL(fileURLWithPath: aloud))
            let other = try await compare(aloud)
            #expect(other.status == ExitCode.verificationFailed, "\(other)")
            let told = try other.json()["logs"]?.array?.first
            #expect(told?["contradictions"]?.array?.first?["convicts"]?.bool == false, "\(other)")

            // What no key of these logs signed says nothing of them, and is told so by whoever is asked.
            let forged = folder + "/forged"
            let stranger = "org-" + String(repeating: "a", count: 32)
            let heads = String(decoding: try Data(contentsOf: URL(fileURLWithPath: before)), as: UTF8.self)
            try Data(heads.replacing(practice.organisation, with: stranger).utf8).write(
                to: URL(fileURLWithPath: forged))
            let left = try await compare(forged)
            #expect(try left.status == ExitCode.usage && left.json()["verdict"]?.string == "unproven", "\(left)")
            #expect(try left.json()["left_out"]?.array?.first?["file"]?.string == forged, "\(left)")
            let beside = try await compare(forged, before)
            #expect(try beside.status == 0 && beside.json()["verdict"]?.string != "unproven", "\(beside)")
            #expect(try (beside.json()["left_out"]?.array?.first?["notes"]?.integer ?? 0) > 0, "\(beside)")
            let verified = try await outsider.json("audit", "verify", "--export", directory, "--heads", forged)
            #expect(
                verified["findings"]?.array?.contains { $0["code"]?.string == "head_unsigned" } == true, "\(verified)")
            let looked = try await practice.desk.say("audit", "monitor", "--once")
            #expect(looked.status == 0 && looked.out.contains("one history, of what this device saw: roster "))

            // With an export that is not what was signed nothing is compared: it would convict the wrong one.
            let entries = try FileManager.default.subpathsOfDirectory(atPath: directory).first {
                $0.hasPrefix("activity/tile/entries/") && $0.contains(".p/")
            }
            let damaged = URL(fileURLWithPath: directory + "/" + (try #require(entries)))
            var bytes = try Data(contentsOf: damaged)
            bytes[bytes.count - 2] ^= 1
            try bytes.write(to: damaged)
            Refusal.check(try await compare(before), ExitCode.verificationFailed, "export_unverified")
            // Nor is anything told from it.
            for question in [
                ["member", Practice.claraName], ["member", "Nobody"], ["messages"], ["message", "msg-aaaa"],
                ["accesses"],
            ] {
                Refusal.check(
                    try await outsider.run(["audit"] + question + ["--export", directory]),
                    ExitCode.verificationFailed, "export_unverified")
            }
            // A report says of all that it tells that it is not proven, as long as every entry can be read.
            let report = ["audit", "report", "--morning", "--export", directory]
            #expect(try await outsider.run(report).json()["ok"]?.bool == false)
            try FileManager.default.removeItem(at: damaged)
            Refusal.check(try await outsider.run(report), ExitCode.verificationFailed, "export_unverified")
            #expect(!FileManager.default.fileExists(atPath: outsider.profile))
        }

        @Test func anAuditGoesOnFromWhatItKept() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let first = try await practice.auditor.json("audit", "verify")
            let path = URL(fileURLWithPath: practice.auditor.profile + "/audit/audit.sqlite")
            let earlier = try Data(contentsOf: path)
            try await practice.text("sent between two audits")
            let second = try await practice.auditor.json("audit", "verify")
            #expect(second["ok"]?.bool == true, "\(second)")
            #expect((second["messages"]?.integer ?? 0) > (first["messages"]?.integer ?? 0))
            // What it keeps is its owner's alone, and holds nobody's name in the clear.
            let folder = practice.auditor.profile + "/audit"
            let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(files.contains("audit.sqlite"))
            for file in files {
                let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + file)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
                let bytes = FileManager.default.contents(atPath: folder + "/" + file) ?? Data()
                #expect(bytes.range(of: Data(Practice.claraName.utf8)) == nil)
                #expect(bytes.range(of: Data("delivered".utf8)) == nil)
            }
            // Changed by somebody: it is not used, and that is said once.
            var changed = try Data(contentsOf: path)
            for place in stride(from: 4_096, to: changed.count, by: 7) { changed[place] ^= 1 }
            // So is one that was put back as it was before, and one that is gone.
            for file in [changed, earlier, nil] {
                try FileManager.default.removeItem(at: path)
                if let file {
                    let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
                    #expect(
                        FileManager.default.createFile(atPath: path.path, contents: file, attributes: attributes))
                }
                for expected in [["kept_unusable"], []] {
                    let third = try await practice.auditor.json("audit", "verify")
                    #expect(third["ok"]?.bool == true)
                    let codes = third["findings"]?.array?.compactMap { $0["code"]?.string } ?? []
                    #expect(codes == expected, "\(third)")
                    #expect((third["messages"]?.integer ?? 0) >= (second["messages"]?.integer ?? 0))
                }
            }
            let anew = try await practice.auditor.json("audit", "verify", "--anew")
            #expect(anew["ok"]?.bool == true)
        }

        /// By whom and to whom, how urgent, when, and whether nobody answered: all that is given must hold.
        @Test func messagesAreListedByWhatIsAskedFor() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let ours = try await practice.text("for Dan, routine", to: Practice.danName, urgency: "routine")
            let theirs = try await practice.text("for Clara, urgent")
            func listed(_ words: String...) async throws -> [String] {
                let told = try await practice.auditor.json(["audit", "messages"] + words)
                let messages = told["messages"]?.array ?? []
                #expect((told["total"]?.integer ?? 0) >= messages.count)
                return messages.compactMap { $0["message"]?.string }
            }
            let toDan = try await listed("--to", Practice.danName, "--since", "1h")
            #expect(toDan.contains(ours) && !toDan.contains(theirs))
            let answers = try await practice.auditor.json("audit", "messages", "--to", Practice.danName)
            #expect(
                answers["messages"]?.array?.allSatisfy { $0["in_reply_to"] != nil && $0["forward_of"] != nil } == true)
            let routine = try await listed("--urgency", "routine", "--from-member", Practice.deskName)
            #expect(routine.contains(ours) && !routine.contains(theirs))
            #expect(try await !listed("--to", Practice.danName, "--unanswered").contains(ours))
            #expect(try await !listed("--from-member", Practice.claraName).contains(ours))
            #expect(try await !listed("--until", "1h").contains(ours))
            let words = try await practice.auditor.say("audit", "messages", "--to", Practice.danName, "--until", "7d")
            #expect(words.out.hasPrefix("none of the "), "\(words.out)")
            let short = String(ours.prefix(12))
            let table = try await practice.auditor.say("audit", "messages", "--to", Practice.danName)
            #expect(table.out.contains(short) && table.out.contains(" messages\n"), "\(table.out)")
            for (bad, status, code) in [
                (["--urgency", "soon"], ExitCode.usage, "bad_urgency"), (["--since", "x"], ExitCode.usage, "bad_time"),
                (["--since", "7d", "--until", "8d"], ExitCode.usage, "empty_window"),
                (["--from", Practice.deskName], ExitCode.usage, "usage"),
                (["--to", "Nobody"], ExitCode.notFound, "no_such_member"),
            ] {
                Refusal.check(try await practice.auditor.run(["audit", "messages"] + bad), status, code)
            }
        }

        @Test func toWhomAMessageWasHandedIsTold() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let message = try await practice.text("handed on, and audited")
            let handed = try await practice.clara.json("hand-off", message, "--to", Practice.danName)
            let forward = try #require(handed["forward"]?["message"]?.string)
            let told = try await practice.auditor.json("audit", "message", message)
            let fact = told["states"]?.array?.first { $0["action"]?.string == "handed_off" }
            #expect(fact?["forward"]?["message"]?.string == forward, "\(told)")
            #expect(fact?["forward"]?["name"]?.string == Practice.danName)
            #expect(told["states"]?.array?.first?["forward"] == nil)
            let words = try await practice.auditor.say("audit", "message", message)
            #expect(words.out.contains("handed off to \(Practice.danName) as \(forward)"), "\(words.out)")
        }

        @Test func aChangedExportIsNotBelieved() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let directory = practice.folder + "/export-\(UUID().uuidString)"
            try await practice.auditor.json("audit", "export", directory)
            for file in try FileManager.default.subpathsOfDirectory(atPath: directory) {
                let path = URL(fileURLWithPath: directory + "/" + file)
                guard !path.hasDirectoryPath, let whole = try? Data(contentsOf: path), !whole.isEmpty else { continue }
                for change in [1, 2] {
                    var changed = whole
                    // The middle of it, or its end cut off.
                    if change == 1 { changed[whole.count / 2] ^= 1 } else { changed.removeLast() }
                    try changed.write(to: path)
                    let outcome = try await practice.person("outsider").run(
                        "audit", "verify", "--from", directory, "--org", practice.organisation)
                    #expect(outcome.status == ExitCode.verificationFailed, "\(file): \(outcome)")
                    // Nobody is convicted by what a disk has done.
                    #expect(!outcome.out.contains("broken_promise"), "\(file): \(outcome)")
                }
                try whole.write(to: path)
            }
            let again = try await practice.person("outsider").json("audit", "verify", "--from", directory)
            #expect(again["ok"]?.bool == true)
        }

        @Test func wrongQuestionsAreRefused() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let directory = practice.folder + "/export-\(UUID().uuidString)"
            for text in ["one", "two"] { try await practice.text(text) }
            try await practice.auditor.json("audit", "export", directory)
            let garbage = try practice.recordFile("no heads")
            let nothing = practice.folder + "/empty-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: nothing, withIntermediateDirectories: true)
            let cases: [(words: [String], status: Int32, code: String)] = [
                (["verify", "--heads", "/no/such/file"], ExitCode.notFound, "file_unreadable"),
                (["verify", "--heads", garbage], ExitCode.usage, "no_heads"),
                (["verify", "--heads", nothing], ExitCode.usage, "no_heads"),
                (["verify", "--from", directory, "--org", "org-x"], ExitCode.usage, "no_organisation_id"),
                (
                    ["verify", "--org", "org-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"], ExitCode.usage, "another_organisation"
                ),
                (["message", "msg-aaaaaaaaaaaaaaaaaaaaaaaaaa"], ExitCode.notFound, "no_such_message"),
                (["message", ""], ExitCode.notFound, "no_such_message"),
                (["message", "msg-"], ExitCode.notFound, "ambiguous_message"),
                (["message"], ExitCode.usage, "usage"), (["export"], ExitCode.usage, "usage"),
                (["export", directory], ExitCode.wouldOverwrite, "would_overwrite"),
                (["export", nothing + "/not/there"], ExitCode.notFound, "no_folder"),
                (["verify", "--from", "/no/such/export"], ExitCode.notFound, "no_export"),
                (["verify", "--from", nothing], ExitCode.notFound, "no_export"),
                (["verify", "--from", directory + "/roster"], ExitCode.notFound, "no_export"),
                // A mistyped id is nobody's lie.
                (
                    ["verify", "--from", directory, "--org", "org-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"], ExitCode.usage,
                    "another_organisation"
                ),
                (["verfy"], ExitCode.usage, "usage"),
                // Two things to hold it against are none.
                (["compare", garbage, "--log", garbage, "--export", directory], ExitCode.usage, "two_histories_named"),
                (
                    ["compare", garbage, "--log", garbage, "--org", practice.organisation], ExitCode.usage,
                    "two_histories_named"
                ),
                (
                    ["compare", garbage, "--org", "org-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"], ExitCode.usage,
                    "another_organisation"
                ),
            ]
            for (words, status, code) in cases {
                Refusal.check(try await practice.auditor.run(["audit"] + words), status, code)
            }
            // Rights are the relay's to give: the log's entries are for auditors and admins.
            for words in [["verify"], ["messages"], ["export", directory + "-2"]] {
                Refusal.check(
                    try await practice.clara.run(["audit"] + words), ExitCode.refused, "not_an_auditor")
            }
            #expect(!FileManager.default.fileExists(atPath: directory + "-2"))
        }
    }
}
