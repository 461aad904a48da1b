import DeviceKit
import Foundation
import Testing

extension AuditorTests {
    /// `audit report`: one log, every form, the same figures.
    @Suite struct ReportCommandTests {
        private static let period = ["--from", "2020-01-01", "--to", "2099-12-31"]

        /// An export in which one message at least went the whole way, and one waits.
        private static func export(_ practice: Practice) async throws -> (directory: String, message: String) {
            let sent = try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "emergent", "--record", try practice.recordFile())
            let message = try #require(sent["message"]?.string)
            try await practice.clara.json("read", message)
            try await practice.clara.json("ack", message, "--reason", "calling_now")
            try await practice.clara.json("close", message)
            try await practice.text("nobody answers this yet", urgency: "routine")
            let directory = practice.folder + "/export-\(UUID().uuidString)"
            try await practice.auditor.json("audit", "export", directory)
            return (directory, message)
        }

        private static func file(_ path: String) throws -> String {
            String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        }

        @Test func everyFormSaysTheSameOfOneLog() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let (directory, message) = try await Self.export(practice)
            let outsider = practice.person("outsider")
            let base = ["audit", "report", "--export", directory, "--org", practice.organisation] + Self.period
            let told = try await outsider.json(base)
            let total = try #require(told["messages"]?["total"]?.integer)
            #expect(told["ok"]?.bool == true, "\(told)")
            #expect(total >= 2)
            #expect(told["organisation_name"]?.string == "Example Family Practice")
            #expect(told["messages"]?["by_outcome"]?["unexplained"]?.integer == 0)
            let audited = try await outsider.json("audit", "verify", "--export", directory)
            #expect(told["roster"] == audited["roster"] && told["activity"] == audited["activity"])
            #expect(audited["messages"]?.integer == total)

            let out = practice.folder + "/report-\(UUID().uuidString)"
            let page = try await outsider.json(base + ["--out", out + ".html"])
            #expect(page["file"]?.string == out + ".html")
            #expect(try Self.file(out + ".html").contains("<b>\(total)</b> messages accepted"))
            try await outsider.json(base + ["--format", "csv", "--out", out + "/"])
            let messages = try Self.file(out + "/messages.csv").split(separator: "\r\n")
            #expect(messages.count == Int(total) + 1)
            #expect(
                messages.contains {
                    $0.hasPrefix(message) && $0.contains(",closed,") && $0.contains(Practice.claraName)
                })
            #expect(try Self.file(out + "/report.csv").contains("\r\nmessages,\(total)\r\n"))

            let lines = try await outsider.say(base + ["--format", "ndjson"]).out.split(separator: "\n")
            #expect(lines.count { $0.hasPrefix(#"{"type":"message""#) } == Int(total))
            #expect(lines.last?.contains(#""messages":\#(total)"#) == true)
            let events = try await outsider.say(base + ["--format", "fhir"]).out.split(separator: "\n")
            let facts = lines.count { $0.hasPrefix(#"{"type":"fact""#) || $0.hasPrefix(#"{"type":"message""#) }
            let changes = lines.count { $0.hasPrefix(#"{"type":"roster_change""#) }
            let looks = lines.count { $0.hasPrefix(#"{"type":"look""#) }
            #expect(events.count == facts + changes + looks)
            #expect(events.allSatisfy { $0.hasPrefix(#"{"resourceType":"AuditEvent""#) })
            #expect(events.count { $0.contains(#""code":"acknowledged""#) } == Self.receipts(told, "acknowledged"))
            let text = try await outsider.say(base + ["--format", "text"]).out
            #expect(text.contains("\(total) messages"), "\(text)")

            // What was read in the record is nowhere in it.
            let all = try ["report", "messages", "facts", "roster"].map { try Self.file("\(out)/\($0).csv") }
            for form in all + [try Self.file(out + ".html"), text, lines.joined(), events.joined()] {
                for secret in ["MRN-4711", "Jamie", "2025550123", "dyspnoea"] { #expect(!form.contains(secret)) }
            }
            let mode = try FileManager.default.attributesOfItem(atPath: out + ".html")[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }

        private static func receipts(_ told: JSONValue, _ action: String) -> Int {
            (told["receipts"]?.array ?? []).filter { $0["action"]?.string == action }
                .reduce(0) { $0 + Int($1["receipts"]?.integer ?? 0) }
        }

        @Test func theMorningReportNamesWhatNobodyAnswered() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let message = try await practice.text("waits in the morning")
            let told = try await practice.auditor.say("audit", "report", "--morning")
            #expect(told.out.hasPrefix("Morning report of Example Family Practice"), "\(told.out)")
            let waiting = try #require(told.out.range(of: "NO ANSWER YET"))
            #expect(Self.lists(message, told.out[waiting.lowerBound...]))
            #expect(told.out.contains("every promise of the relay that the logs can show was kept"))
            let json = try await practice.auditor.json("audit", "report", "--morning")
            #expect(json["open"]?.array?.contains { $0["message"]?.string == message } == true)
            #expect(json["generated_by"]?["name"]?.string == Practice.auditorName)
            #expect(json["generated_by"]?["device"] == (try await practice.auditor.json("status"))["device"])
            let ids = try await practice.auditor.say("audit", "report", "--morning", "--without-names")
            #expect(Self.lists(message, ids.out[...]) && !ids.out.contains(Practice.claraName))
        }

        @Test func patientsAreNamedOnlyForAReasonAndTheLookIsLoggedFirst() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let sent = try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "urgent", "--record", try practice.recordFile())
            let message = try #require(sent["message"]?.string)
            let asked = ["audit", "report", "--morning", "--patients"]
            let told = try await practice.auditor.json(asked + ["--reason", "patient_request"])
            let one = try #require(told["open"]?.array?.first { $0["message"]?.string == message }, "\(told)")
            #expect(one["patient"]?.string == "MRN-4711")
            #expect(one["practice"]?.string == "efp")
            let look = try #require(told["patients"]?["look"]?.integer)
            let words = try await practice.auditor.say(asked + ["--reason", "routine_review"])
            #expect(words.out.contains("NAMES PATIENTS") && words.out.contains("MRN-4711"), "\(words)")
            // Whatever form it has, whoever asked sees where the look stands.
            let out = ["--out", practice.folder + "/patients-\(UUID().uuidString).html", "--format", "html"]
            let kept = try await practice.auditor.say(asked + ["--reason", "legal"] + out)
            #expect(kept.out.contains("\nthis look is entry "), "\(kept)")
            let events = try await practice.auditor.say(asked + ["--reason", "legal", "--format", "fhir"])
            #expect(events.err.contains("this look is entry ") && !events.out.contains("this look is"), "\(events.err)")
            // It comes after the report's own 24 hours: the next report, which names nobody, tells of it.
            let after = try await practice.auditor.json("audit", "report", "--morning")
            let entry = try #require(after["looks"]?.array?.first { $0["index"]?.integer == look }, "\(after)")
            #expect(entry["kind"]?.string == "report" && entry["reason"]?.string == "patient_request")
            #expect(entry["name"]?.string == Practice.auditorName)
            #expect(after["patients"] == .null && after["open"]?.array?.allSatisfy { $0["patient"] == nil } == true)

            Refusal.check(try await practice.auditor.run(asked), ExitCode.usage, "no_reason")
            Refusal.check(
                try await practice.auditor.run(["audit", "report", "--morning", "--reason", "legal"]), ExitCode.usage,
                "no_look")
            Refusal.check(
                try await practice.auditor.run(asked + ["--reason", "legal", "--export", practice.folder]),
                ExitCode.usage,
                "no_look")
            for person in [practice.clara, practice.admin] {
                Refusal.check(
                    try await person.run(asked + ["--reason", "legal"]), ExitCode.refused, "not_an_auditor")
            }
        }

        /// Whether a beginning of the id is a word of the text.
        private static func lists(_ message: String, _ text: Substring) -> Bool {
            text.split(whereSeparator: \.isWhitespace).contains { $0.count >= 12 && message.hasPrefix($0) }
        }

        /// An export that ends before the period is no quiet night: standard error says so beside every form.
        @Test func aPeriodBehindAnExportIsWarnedOf() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let (directory, _) = try await Self.export(practice)
            let asked = ["audit", "report", "--export", directory, "--to", "2099-12-31"]
            for format in ["html", "text", "ndjson", "fhir"] {
                let outcome = try await practice.person("outsider").run(
                    asked + ["--from", "2099-12-31", "--format", format])
                #expect(
                    outcome.err.contains("before the period begins: they say nothing about it"), "\(format): \(outcome)"
                )
                #expect(!outcome.out.contains("was kept"), "\(format)")
            }
            let part = try await practice.person("outsider").json(asked + ["--from", "2020-01-01"])
            #expect(part["covered"]?.string == "part")
        }

        @Test func aReportOfADamagedCopySaysSoConvictsNobodyAndEndsSo() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let (directory, _) = try await Self.export(practice)
            let path = directory + "/activity/checkpoint"
            var note = try #require(FileManager.default.contents(atPath: path))
            // Still a note: its entries can be read, and nobody signed what they are.
            let place = note.count - 9
            note[place] = UInt8(ascii: note[place] == UInt8(ascii: "B") ? "C" : "B")
            try note.write(to: URL(fileURLWithPath: path))
            let out = practice.folder + "/report-\(UUID().uuidString).html"
            let outcome = try await practice.person("outsider").run(
                ["audit", "report", "--export", directory] + Self.period + ["--out", out])
            #expect(outcome.status == ExitCode.verificationFailed, "\(outcome)")
            let page = try Self.file(out)
            #expect(page.contains("The copy that was read is damaged") && !page.contains("A promise was broken"))
        }

        @Test func wrongQuestionsAreRefused() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let there = try practice.recordFile("something else")
            let period = Self.period
            let cases: [(words: [String], status: Int32, code: String)] = [
                ([], ExitCode.usage, "no_period"), (["--from", "2026-01-01"], ExitCode.usage, "no_period"),
                (["--from", "2026-02-30", "--to", "2026-03-01"], ExitCode.usage, "bad_period"),
                (["--from", "2026-03-02", "--to", "2026-03-01"], ExitCode.usage, "bad_period"),
                (["--from", "2026-03-02T07:00:00", "--to", "2026-03-03"], ExitCode.usage, "bad_period"),
                (["--morning", "--from", "2026-03-02"], ExitCode.usage, "bad_period"),
                (period + ["--zone", "Nowhere"], ExitCode.usage, "no_zone"),
                (period + ["--format", "pdf"], ExitCode.usage, "usage"),
                (period + ["--out", there], ExitCode.wouldOverwrite, "would_overwrite"),
                (period + ["--format", "csv", "--out", there], ExitCode.wouldOverwrite, "would_overwrite"),
                (period + ["--out", "/no/such/folder/report.html"], ExitCode.notFound, "no_folder"),
                (period + ["--format", "csv", "--out", there + "/"], ExitCode.wouldOverwrite, "would_overwrite"),
                (period + ["--export", "/no/such/export"], ExitCode.notFound, "no_export"),
                (period + ["--export", practice.folder, "--org", "org-x"], ExitCode.usage, "no_organisation_id"),
            ]
            for (words, status, code) in cases {
                Refusal.check(try await practice.auditor.run(["audit", "report"] + words), status, code)
            }
            #expect(try Self.file(there) == "something else")
            let csv = try await practice.person("outsider").say(["audit", "report"] + period + ["--format", "csv"])
            #expect(csv.status == ExitCode.usage && csv.err.contains("--out DIR"), "\(csv)")
            Refusal.check(
                try await practice.clara.run(["audit", "report"] + period), ExitCode.refused, "not_an_auditor")
        }
    }
}
