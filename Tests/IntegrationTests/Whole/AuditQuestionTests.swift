import DeviceKit
import Foundation
import RelayAPI
import Secrets
import Statements
import Testing

extension AuditorTests {
    /// An auditor's questions about a patient, a device, a person, a loss: the look is logged, and then they are answered.
    @Suite struct AuditQuestionTests {
        private static func answered(
            _ person: Person, _ words: [String], input: String? = nil
        ) async throws -> JSONValue {
            let outcome = try await person.run(words, input: input)
            guard outcome.status == 0 else { throw PreparationFailed(words.joined(separator: " "), outcome) }
            return try outcome.json()
        }

        @Test func whoHadWhatAboutAPatientIsToldAndTheLookIsLogged() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let patient = "MRN-\(UUID().uuidString)"
            let record = Samples.record().replacing("MRN-4711", with: patient)
            let sent = try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "urgent", "--record", try practice.recordFile(record))
            let message = try #require(sent["message"]?.string)
            let text = try await practice.desk.json(
                "send", "--to", Practice.danName, "--urgency", "routine", "--text", "about the same",
                "--patient", patient.lowercased())
            try await practice.clara.json("read", message)
            try await practice.clara.json("ack", message)

            let words = ["audit", "patient", "-", "--reason"]
            let told = try await practice.auditor.run(words + ["patient_request"], input: "  \(patient)\n")
            let answer = try told.json()
            let messages = try #require(answer["messages"]?.array)
            #expect(messages.map { $0["message"] } == [sent["message"], text["message"]], "\(told)")
            #expect(messages[0]["sender"]?["name"]?.string == Practice.deskName)
            #expect(messages[0]["addressed"]?["name"]?.string == Practice.claraName)
            #expect(messages[0]["verified"]?.bool == true)
            #expect(messages[0]["capsule"]?["category"]?.string == "symptom_worse")
            let states = messages[0]["states"]?.array ?? []
            #expect(states.map { $0["action"]?.string } == ["delivered", "read", "acknowledged"])
            #expect(states.allSatisfy { $0["name"]?.string == Practice.claraName && $0["logged"]?.string != nil })
            #expect(messages[0]["served"]?.array?.isEmpty == false)
            #expect(answer["looked_before"]?.array?.isEmpty == true)
            #expect((answer["unknown"]?["no_patient"]?.integer ?? 0) >= 0)
            // The identifier is in nothing that is said, and lies readable nowhere in the profile.
            #expect(!told.out.contains(patient) && !told.err.contains(patient))
            for file in try FileManager.default.subpathsOfDirectory(atPath: practice.auditor.profile) {
                let bytes = FileManager.default.contents(atPath: practice.auditor.profile + "/" + file) ?? Data()
                #expect(bytes.range(of: Data(patient.lowercased().utf8)) == nil, "\(file)")
                #expect(bytes.range(of: Data(patient.utf8)) == nil, "\(file)")
            }
            // Whoever asks again is told of the first time, and the log knows both.
            let again = try await Self.answered(practice.auditor, words + ["legal"], input: patient)
            let look = try #require(answer["look"]?.integer)
            #expect(again["looked_before"]?.array?.map { $0["index"]?.integer } == [look])
            #expect(again["looked_before"]?.array?.first?["reason"]?.string == "patient_request")
            let accesses = try await practice.auditor.json("audit", "accesses")["accesses"]?.array ?? []
            let logged = try #require(accesses.first { $0["index"]?.integer == look })
            #expect(logged["kind"]?.string == "patient" && logged["name"]?.string == Practice.auditorName)
            #expect(logged["verified"]?.bool == true && logged["about"] == .null)
            #expect(logged["query"]?["hash"]?.string?.count == 64)
            let nobody = try await Self.answered(practice.auditor, words + ["operations"], input: "MRN nobody")
            #expect(nobody["messages"]?.array?.isEmpty == true)
            let human = try await practice.auditor.say("audit", "patient", patient, "--reason", "treatment")
            #expect(human.out.contains("2 messages are about this patient"), "\(human)")
            #expect(human.out.contains("NOT KNOWN") && human.out.contains("LOOKED AT BEFORE"))
            #expect(human.err.contains("other users of this machine can read"))
            #expect(!human.out.contains(patient))
        }

        /// A text that was handed on and the replies to it name nobody: they are about whom the first one names.
        @Test func whatGoesBackToAPatientsMessageIsToldWithIt() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let patient = "MRN-\(UUID().uuidString)"
            let text = try await practice.desk.json(
                "send", "--to", Practice.danName, "--urgency", "routine", "--text", "please call", "--patient", patient)
            let first = try #require(text["message"]?.string)
            let handed = try await practice.dan.json("hand-off", first, "--to", Practice.claraName)
            let forward = try #require(handed["forward"]?["message"]?.string)
            let said = try await practice.clara.run("reply", forward, "--text", "-", input: "I call them").json()
            let reply = try #require(said["message"]?.string)
            let nobody = try await practice.text("of nobody")
            let answer = try await Self.answered(
                practice.auditor, ["audit", "patient", "-", "--reason", "patient_request"], input: patient)
            let messages = answer["messages"]?.array ?? []
            #expect(messages.map { $0["message"]?.string } == [first, forward, reply], "\(answer)")
            #expect(messages.map { $0["named_by"]?.string } == [nil, first, first])
            #expect(messages.allSatisfy { $0["capsule"]?["sha256"]?.string != nil })
            let unknown = answer["unknown"]
            let unnamed = (unknown?["no_patient_messages"]?.array ?? []).compactMap(\.string)
            #expect(unknown?["no_patient"]?.integer == Int64(unnamed.count))
            #expect(unnamed.contains(nobody) && Set(unnamed).isDisjoint(with: [first, forward, reply]))
            let human = try await practice.auditor.say(
                "audit", "patient", patient, "--reason", "patient_request")
            #expect(human.out.contains("names nobody itself; \(first) names the patient"), "\(human.out)")
            #expect(unnamed.contains { human.out.contains("    \($0)\n") }, "\(human.out)")

            let listed = try await practice.auditor.json(
                "audit", "messages", "--capsules", "--reason", "routine_review")
            for id in [forward, reply] {
                let one = listed["messages"]?.array?.first { $0["message"]?.string == id }
                #expect(one?["named_by"] == ["message": .string(first), "patient": .string(patient)])
            }
            let report = try await practice.auditor.say(
                "audit", "report", "--morning", "--patients", "--reason", "operations", "--format", "ndjson")
            let lines = try report.out.split(separator: "\n").map { try JSONParser.parse(Array($0.utf8)) }
            for id in [first, forward, reply] {
                let line = lines.first { $0["type"]?.string == "message" && $0["message"]?.string == id }
                #expect(line?["patient"]?.string == patient, "\(id)")
            }
            // What a lost device held of it is about the patient as well.
            let device = try #require(try await practice.clara.json("status")["device"]?.string)
            let breach = try await practice.auditor.json("audit", "breach", device, "--reason", "investigation")
            let named = breach["patients"]?.array?.first { $0["patient"]?.string == patient }
            #expect(Set(named?["messages"]?.array?.compactMap(\.string) ?? []) == [forward, reply])
        }

        /// Whose a message is stands in no log: one capsule, or all, are opened for a look that is logged first.
        @Test func whatCapsulesNameIsToldForALookAlone() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let patient = "MRN-\(UUID().uuidString)"
            let record = Samples.record().replacing("MRN-4711", with: patient)
            let sent = try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "urgent", "--record", try practice.recordFile(record))
            let message = try #require(sent["message"]?.string)
            for words in [["audit", "message", message], ["audit", "messages"]] {
                let told = try await practice.auditor.run(words)
                #expect(told.status == 0 && !told.out.contains(patient), "\(told)")
            }
            let one = try await practice.auditor.json("audit", "message", message, "--capsule", "--reason", "legal")
            #expect(one["message"]?.string == message && one["manifest"] == sent["manifest"])
            #expect(one["capsule"]?["state"]?.string == "opened" && one["capsule"]?["patient"]?.string == patient)
            #expect(one["capsule"]?["practice"]?.string == "efp" && one["reason"]?.string == "legal")
            let words = ["audit", "messages", "--capsules", "--reason", "routine_review"]
            let all = try await practice.auditor.json(words)
            let listed = all["messages"]?.array?.first { $0["message"]?.string == message }
            #expect(listed?["capsule"]?["patient"]?.string == patient, "\(all)")
            #expect(all["messages"]?.array?.allSatisfy { $0["capsule"]?["state"]?.string != nil } == true)
            let human = try await practice.auditor.say(
                "audit", "message", message, "--capsule", "--reason", "operations")
            #expect(human.out.contains("capsule  patient \(patient), record"), "\(human.out)")
            #expect(human.out.contains("this look is entry") && human.out.contains("(operations)"))
            #expect(try await practice.auditor.say(words).out.contains(patient))

            let accesses = try await practice.auditor.json("audit", "accesses")["accesses"]?.array ?? []
            let looks = [one, all].map { told in accesses.first { $0["index"] == told["look"] } }
            #expect(looks.map { $0?["kind"]?.string } == ["message", "capsules"], "\(accesses)")
            #expect(looks.map { $0?["reason"]?.string } == ["legal", "routine_review"])
            #expect(looks[0]?["message"]?.string == message && looks[1]?["message"] == nil)
            #expect(looks.allSatisfy { $0?["verified"]?.bool == true && $0?["name"]?.string == Practice.auditorName })
        }

        /// An auditor's first question needs every capsule twice, to verify it and for what it names: the relay is asked once.
        @Test func eachCapsuleIsFetchedOnce() async throws {
            let folder = try Programs.temporaryFolder()
            let operations = "127.0.0.1:\(try RelayUnderTest.freePort())"
            let relay = RelayUnderTest(
                data: folder + "/relay", port: try RelayUnderTest.freePort(),
                settings: ["--operations-listen", operations])
            try await relay.initialise()
            try await relay.start()
            let practice = try await Practice.found(in: folder, at: relay)
            /// How many requests for a capsule the relay has counted.
            func fetched() async throws -> Int {
                let ask = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1]).read().decode())"
                let metrics = try await Programs.run(
                    EvidenceCommandTests.pythonPath, ["-c", ask, "http://\(operations)/metrics"])
                let lines = metrics.out.split(separator: "\n").filter {
                    $0.hasPrefix("nightbell_http_requests") && $0.contains("/capsule")
                }
                return lines.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0) {
                    $0 + Int($1)
                }
            }
            func ask() async throws -> JSONValue {
                try await Self.answered(
                    practice.auditor, ["audit", "patient", "-", "--reason", "operations"], input: "MRN-4711")
            }
            func send(_ count: Int) async throws {
                for _ in 0..<count {
                    try await practice.desk.json(
                        "send", "--to", Practice.claraName, "--urgency", "routine", "--record",
                        try practice.recordFile())
                }
            }
            try await send(3)
            #expect(try await ask()["messages"]?.array?.count == 3)
            #expect(try await fetched() == 3)
            #expect(try await ask()["messages"]?.array?.count == 3)
            #expect(try await fetched() == 3, "and what is known is not asked for again")
            // What was audited without a question is read for the index alone, and what is new for both.
            try await send(1)
            try await practice.auditor.json("audit", "verify")
            #expect(try await fetched() == 4)
            try await send(1)
            let breach = ["audit", "breach", try #require(try await practice.clara.json("status")["device"]?.string)]
            try await practice.auditor.json(breach + ["--reason", "investigation"])
            #expect(try await fetched() == 6)
            #expect(try await ask()["messages"]?.array?.count == 5)
            #expect(try await fetched() == 6)
            try await practice.remove()
        }

        @Test func whatADeviceAndItsOwnerDidIsToldFromTheRelayAndFromAnExport() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let name = "Dr. Eva \(UUID().uuidString.prefix(8))"
            let joined = try await practice.join("eva-\(UUID().uuidString)", as: name, "provider")
            let device = try #require(joined["device"]?.string)
            try await practice.text("one", to: name)
            let words = ["audit", "device", String(device.dropFirst(4).prefix(12)), "--reason", "routine_review"]
            let told = try await practice.auditor.json(words)
            #expect(told["device"]?.string == device && told["name"]?.string == name)
            #expect(told["status"]?.string == "active" && told["revoked"] == .null)
            #expect(told["enrolled"]?["invited_by_name"]?.string == "Ada Admin")
            #expect(told["last_statement"]?["what"]?.string == "enrol")
            #expect(told["received"]?.array?.map { $0["holding"]?.string } == ["not_served"])
            #expect(told["look"]?.integer != nil)

            let directory = practice.folder + "/export-\(UUID().uuidString)"
            try await practice.auditor.json("audit", "export", directory)
            let outsider = practice.person("outsider")
            let export = ["--export", directory, "--org", practice.organisation]
            let same = try await outsider.run(["audit", "device", device] + export)
            #expect(try same.json()["received"] == told["received"], "\(same)")
            #expect(try same.json()["look"] == .null)
            #expect(same.err.contains("no look is logged"))

            // Whoever means another organisation than the profile's has not looked at anything.
            Refusal.check(
                try await practice.auditor.run([
                    "audit", "member", name, "--reason", "legal", "--org", "org-" + String(repeating: "a", count: 32),
                ]), ExitCode.usage, "another_organisation")
            for person in [practice.auditor, outsider] {
                let source = person.name == "outsider" ? export : ["--reason", "legal"]
                let member = try await person.json(["audit", "member", name] + source)
                #expect(member["devices"]?.array?.map { $0["device"]?.string } == [device])
                for key in ["received", "without", "sent", "looks", "findings"] {
                    let deeds = try #require(member["devices"]?.array?.first?[key], "\(key)")
                    #expect(deeds == told[key], "\(key)")
                }
                #expect(member["roles"]?.array?.map(\.string) == ["provider"])
                #expect(member["history"]?.array?.count == 1)
            }
            let accesses = try await practice.auditor.json("audit", "accesses")["accesses"]?.array ?? []
            let look = accesses.first { $0["index"] == told["look"] }
            #expect(look?["about"]?.string == "\(device) (\(name))", "\(accesses)")
            #expect(accesses.count { $0["kind"]?.string == "member" && $0["about"]?.string == name } == 1)
            let human = try await practice.auditor.say(["audit", "accesses"])
            #expect(human.out.contains("routine review") && human.out.contains(Practice.auditorName))
        }

        @Test func whatALostDeviceHeldAndWhichDeadlinesRunIsTold() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let name = "Dr. Lost \(UUID().uuidString.prefix(8))"
            let person = practice.person("lost-\(UUID().uuidString)")
            let device = try #require(try await practice.join(person.name, as: name, "provider")["device"]?.string)
            let patients = ["P-\(UUID().uuidString)", "P-\(UUID().uuidString)"]
            for patient in patients {
                let record = Samples.record().replacing("MRN-4711", with: patient)
                _ = try await practice.desk.json(
                    "send", "--to", name, "--urgency", "urgent", "--record", try practice.recordFile(record))
            }
            let inbox = try await person.json("inbox")["messages"]?.array ?? []
            try await person.json("read", try #require(inbox.last?["message"]?.string))
            try await practice.text("nobody is named here", to: name)
            try await person.json("inbox")
            try await practice.text("it never left", to: name)

            let words = ["audit", "breach", device, "--reason", "investigation"]
            let told = try await practice.auditor.json(words + ["--discovered", "2026-01-15"])
            #expect(told["holding"]?["shown"]?.integer == 1 && told["holding"]?["stored"]?.integer == 2, "\(told)")
            #expect(told["holding"]?["not_served"]?.integer == 1)
            #expect(Set((told["patients"]?.array ?? []).compactMap { $0["patient"]?.string }) == Set(patients))
            #expect(told["patients_unknown"]?.array?.count == 1)
            let days = (told["deadlines"]?.array ?? []).map { $0["last_day"]?.string }
            #expect(days == ["2026-03-16", "2026-03-16", "2026-03-16", "2027-03-01", "2026-03-16"])
            // A message of which nobody can tell whom it is about leaves the numbers open.
            #expect((told["deadlines"]?.array ?? []).contains { $0["applies"]?.string == "depends" })
            #expect(told["discovered_given"]?.bool == true && told["lock_state"]?.string == "not_in_the_logs")
            #expect(told["last_statement"]?["what"]?.string == "delivered")

            let before = try await practice.auditor.say(words)
            #expect(before.out.contains("is NOT revoked") && before.out.contains("nightbell admin revoke \(device)"))
            #expect(before.out.contains("No day of discovery was given"))
            try await practice.admin.json("admin", "revoke", device, "--reason", "left on a train")
            let after = try await practice.auditor.say(words + ["--discovered", "2026-01-15"])
            for part in [
                "The device is revoked since", "by Ada Admin: left on a train", "2 patients are named:", patients[0],
                "164.404(b)", "BY 2026-03-16", "privacy officer",
            ] { #expect(after.out.contains(part), "\(part): \(after.out)") }
            for claim in ["compliant", "safe harbor", "not a breach", "never a breach", "wiped", "immutable"] {
                #expect(!after.out.lowercased().contains(claim))
            }
            // What was done there after the loss, its owner did not do.
            let lost = try await practice.auditor.json(words + ["--lost-at", "2026-01-15T08:00:00Z"])
            #expect(lost["lost_at"]?.string == "2026-01-15T08:00:00.000Z" && told["after_loss"] == .null)
            #expect(lost["after_loss"]?.array?.map { $0["what"]?.string } == ["read"])
            let out = lost["let_out_after_loss"]?.array ?? []
            #expect(out.count == 3 && told["let_out_after_loss"] == .null)
            #expect(out.count { $0["opened"] != .null } == 1)
            #expect(Set(out.compactMap { $0["patient"]?.string }) == Set(patients))
            // Whoever loses the audit key is told of every capsule.
            let own = try #require(try await practice.auditor.json("status")["device"]?.string)
            let auditor = try await practice.auditor.json("audit", "breach", own, "--reason", "investigation")
            #expect(auditor["holds_audit_key"]?.string == "yes" && told["holds_audit_key"]?.string == "no")
            let theirs = Set((auditor["patients"]?.array ?? []).compactMap { $0["patient"]?.string })
            #expect(theirs.isSuperset(of: patients))
            // Nobody can revoke the device of the only admin, and nobody is told to.
            let admin = try #require(try await practice.admin.json("status")["device"]?.string)
            let lone = try await practice.auditor.say("audit", "breach", admin, "--reason", "investigation").out
            #expect(lone.contains("no admin can revoke it") && !lone.contains("nightbell admin revoke"), "\(lone)")
            let desk = try #require(try await practice.desk.json("status")["device"]?.string)
            let sender = try await practice.auditor.json(["audit", "breach", desk, "--reason", "investigation"])
            #expect((sender["holding"]?["sent"]?.integer ?? 0) >= 4)
        }

        /// Nothing is shown for a look that could not be logged, to whoever may not look, or without a reason.
        @Test func wrongQuestionsAreRefused() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let clara = try #require(try await practice.clara.json("status")["device"]?.string)
            let why = ["--reason", "operations"]
            let cases: [(words: [String], status: Int32, code: String)] = [
                (["device", clara], ExitCode.usage, "no_reason"),
                (["patient", "-"], ExitCode.usage, "no_reason"),
                (["member", Practice.claraName, "--reason", "curiosity"], ExitCode.usage, "bad_reason"),
                (["device", "dev-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] + why, ExitCode.notFound, "no_such_device"),
                (["device", ""] + why, ExitCode.usage, "empty_id"),
                (["device", "dev-"] + why, ExitCode.notFound, "ambiguous_device"),
                (["member", "Nobody"] + why, ExitCode.notFound, "no_such_member"),
                (["breach", clara, "--discovered", "2026-02-30"] + why, ExitCode.usage, "bad_date"),
                (["breach", clara, "--discovered", "9998-01-01"] + why, ExitCode.usage, "bad_date"),
                (["breach", clara, "--discovered", "yesterday"] + why, ExitCode.usage, "bad_date"),
                (["breach", clara, "--lost-at", "yesterday"] + why, ExitCode.usage, "bad_time"),
                (["breach", clara, "--lost-at", "9998-01-01T00:00:00Z"] + why, ExitCode.usage, "bad_time"),
            ]
            let message = try await practice.text("asked about wrongly")
            let capsules: [(words: [String], status: Int32, code: String)] = [
                (["message", message, "--capsule"], ExitCode.usage, "no_reason"),
                (["messages", "--capsules"], ExitCode.usage, "no_reason"),
                (["message", message] + why, ExitCode.usage, "no_look"),
                (["messages"] + why, ExitCode.usage, "no_look"),
                (["message", message, "--capsule", "--export", "logs"] + why, ExitCode.usage, "no_look"),
                (["messages", "--capsules", "--export", "logs"] + why, ExitCode.usage, "no_look"),
                (
                    ["message", "msg-aaaaaaaaaaaaaaaaaaaaaaaaaa", "--capsule"] + why, ExitCode.notFound,
                    "no_such_message"
                ),
            ]
            let before = try await practice.auditor.json("audit", "accesses")["accesses"]?.array?.count
            for (words, status, code) in cases + capsules {
                Refusal.check(try await practice.auditor.run(["audit"] + words, input: "p"), status, code)
            }
            Refusal.check(
                try await practice.auditor.run(["audit", "patient", "-"] + why, input: " \n"), ExitCode.usage,
                "no_patient")
            #expect(try await practice.auditor.json("audit", "accesses")["accesses"]?.array?.count ?? 0 >= before ?? 0)
            for person in [practice.admin, practice.clara] {
                for words in [
                    ["device", clara], ["member", Practice.claraName], ["breach", clara], ["patient", "-"],
                    ["message", message, "--capsule"], ["messages", "--capsules"],
                ] {
                    Refusal.check(
                        try await person.run(["audit"] + words + why, input: "p"), ExitCode.refused, "not_an_auditor")
                }
            }
        }

        /// An auditor whose device holds no audit key opens nothing, and what it asked can be named by that device alone.
        @Test func anAuditorWithoutTheKeyIsToldSo() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let name = "Otto \(UUID().uuidString.prefix(8))"
            let otto = practice.person("otto-\(UUID().uuidString)")
            let own = try #require(try await practice.join(otto.name, as: name, "auditor")["device"]?.string)
            let clara = try #require(try await practice.clara.json("status")["device"]?.string)
            // The key is another's. Whose, the beginning of the id says, as everywhere; what is in force is not set again.
            let keeper = try #require(try await practice.auditor.json("status")["device"]?.string)
            let accepted = try await practice.admin.json(
                "admin", "audit-key", "accept", String(keeper.dropFirst(4).prefix(20)))
            #expect(accepted["device"]?.string == keeper && accepted["effective"] == .null, "\(accepted)")
            for words in [
                ["report", "--morning", "--patients"], ["patient", "-"], ["messages", "--capsules"],
            ] {
                Refusal.check(
                    try await otto.run(["audit"] + words + ["--reason", "legal"], input: "p"), ExitCode.refused,
                    "no_audit_key")
            }
            let look = try await otto.json("audit", "device", clara, "--reason", "legal")["look"]
            func looks(_ person: Person) async throws -> [JSONValue] {
                let all = try await person.json("audit", "accesses")["accesses"]?.array ?? []
                return all.filter { $0["name"]?.string == name }
            }
            // What was refused was no look.
            let known = try await looks(otto)
            #expect(known.map { $0["index"] } == [look])
            #expect(known.first?["about"]?.string?.hasPrefix(clara) == true)
            let others = try await looks(practice.auditor)
            #expect(others.first?["about"] == .null && others.first?["query"]?["key"]?.string == own)
            let told = try await practice.auditor.say("audit", "accesses")
            #expect(told.out.contains("named on \(own) alone: it held no audit key"), "\(told.out)")
        }

        /// A relay that cannot be reached logs nothing: then nothing is shown, although all of it may lie here.
        @Test func withoutTheRelayNothingIsShown() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let patient = "MRN-\(UUID().uuidString)"
            let record = Samples.record().replacing("MRN-4711", with: patient)
            _ = try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "urgent", "--record", try practice.recordFile(record))
            let words = ["audit", "patient", "-", "--reason", "operations"]
            let told = try await Self.answered(practice.auditor, words, input: patient)
            #expect(told["messages"]?.array?.count == 1)
            let folder = try Programs.temporaryFolder()
            let away = Person(name: practice.auditor.name, folder: folder)
            try FileManager.default.copyItem(atPath: practice.auditor.profile, toPath: away.profile)
            try FileManager.default.copyItem(atPath: practice.auditor.keyFile, toPath: away.keyFile)
            let stranger = RelayUnderTest(data: folder + "/stranger", port: try RelayUnderTest.freePort())
            try await stranger.initialise()
            let refused = try await away.run(["--ca", stranger.authority] + words, input: patient)
            Refusal.check(refused, ExitCode.relayUnreachable, "relay_not_trusted")
            try FileManager.default.removeItem(atPath: folder)
        }

        @Test func whoeverAsksAtATerminalIsAskedWhy() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let auditor = practice.auditor
            let device = try #require(try await practice.dan.json("status")["device"]?.string)
            let ask =
                "exec '\(Programs.nightbell)' --profile '\(auditor.profile)' --key-file '\(auditor.keyFile)' "
                + "audit device \(device)"
            let terminal = try await TmuxTerminal.open(columns: 140, rows: 40, commands: ["ask": ask])
            try await terminal.run("clear; ./ask | tail -1; echo status $?")
            try await terminal.waitFor("patient request", "Number or word:")
            try await terminal.press("6", "Enter")
            try await terminal.waitFor("this look is entry", "(investigation)")
            // The first prompt may still be on the screen: what is pressed before the second one is thrown away by it.
            try await terminal.run("clear; echo sec''ond; ./ask; echo status $?")
            try await terminal.waitFor("second", "Number or word:")
            try await terminal.press("Enter")
            try await terminal.waitFor("no reason was given: nothing is shown", "status \(ExitCode.usage)")
            try await terminal.close()
        }

        // MARK: Roles

        /// Who opens every capsule opens no message: nothing is sealed to an auditor, and the relay lets nothing out to one.
        @Test func anAuditorOpensNoMessage() async throws {
            let practice = try await SharedPractice.auditors.practice()
            let guests = try await Guests.shared.all()
            let message = try await practice.text("not for auditors")
            Refusal.check(
                try await practice.desk.run(
                    "send", "--to", Practice.auditorName, "--urgency", "urgent", "--text", "to an auditor"),
                ExitCode.refused, "not_permitted")
            #expect(try await practice.auditor.run("read", message).status == ExitCode.notFound)
            #expect(try await practice.auditor.json("inbox")["messages"]?.array?.isEmpty == true)
            // Also one who asks the relay what the program never would, or claims prekeys to be written to.
            let organisation = guests.auditor.organisation
            let attachment = "/v1/orgs/\(organisation)/messages/\(guests.message)/attachments/0"
            let code = ProblemCheck.problem(try await guests.auditor.get(attachment), attachment)?.code
            #expect([.notFound, .notPermitted].contains(code))
            #expect(try await guests.auditor.get("/v1/inbox").shape(InboxAnswer.self).items.isEmpty)
            let claim = APIJSON.encode(
                ClaimRequest(message: MessageID.make(at: .now()).description, devices: [guests.auditor.keyID]))
            let refused = try await guests.intake.send("POST", APIPath.claims(organisation), body: claim)
            #expect(ProblemCheck.problem(refused, "claim")?.code == .notPermitted)
        }

        /// An admin sees entries, and neither capsules nor questions.
        @Test func anAdminIsGivenEntriesAndNoCapsules() async throws {
            // The other organisation's admin stands beside the guests, who are those of this practice.
            let practice = try await SharedPractice.shared.practice()
            _ = try await Guests.shared.all()
            let other = practice.person("other-admin")
            func invite(_ member: String, _ role: String) async throws -> String {
                try await other.json("admin", "invite", "--member", member, "--role", role)["invitation"]?.string ?? ""
            }
            try await practice.join("other-provider", invitation: try await invite("Other Provider", "provider"))
            let admin = try await RawDevice.join(try await invite("Other Admin", "intake"), at: practice.relay)
            let sent = try await other.json(
                "send", "--to", "Other Provider", "--urgency", "routine", "--text", "for the provider")
            let message = try #require(sent["message"]?.string.flatMap { MessageID($0) })
            let entries = "/v1/orgs/\(admin.organisation)/activity/tile/entries/000.p/1"
            #expect(try await admin.get(entries).status == 200)
            let capsule = APIPath.capsule(admin.organisation, message)
            #expect(ProblemCheck.problem(try await admin.get(capsule), capsule)?.code == .notPermitted)
            let access = Access(
                organisation: admin.organisation, seen: try await admin.seen(), signer: .device(admin.device),
                kind: .report, subject: .none, reason: .operations, at: .now())
            let note = SignedNote(text: access.text, signedBy: admin.key, as: admin.keyID)
            let answer = try await admin.http.send(
                "POST", APIPath.accesses(admin.organisation), body: NoteBatch.encode([note.bytes]))
            let posted = try answer.shape(ReceiptsAnswer.self)
            #expect(posted.logged.isEmpty && posted.refused?.code == .notPermitted)
        }
    }
}
