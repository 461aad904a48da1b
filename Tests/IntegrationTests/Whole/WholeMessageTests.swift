import DeviceKit
import Foundation
import Testing

extension ProgramTests {
    /// What people do with a message, with only the invitation and the CA file that they were given.
    @Suite struct WholeMessageTests {
        @Test func aRecordGoesTheWholeWay() async throws {
            let practice = try await SharedPractice.shared.practice()
            let record = Samples.record()
            let sent = try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "urgent", "--record", try practice.recordFile(record))
            let message = try #require(sent["message"]?.string)
            #expect(message.hasPrefix("msg-"))
            #expect(sent["manifest"]?.string?.utf8.count == 64)
            #expect((sent["index"]?.integer ?? 0) > 0)
            let clara = try await practice.clara.json("status")
            let recipients = try #require(sent["recipients"]?.array)
            #expect(recipients.contains { $0["device"] == clara["device"] && $0["member"] == clara["member"] })
            #expect(recipients.allSatisfy { $0["step"]?.integer == 0 })

            let inbox = try await practice.clara.json("inbox")
            let item = try #require(inbox["messages"]?.array?.first { $0["message"]?.string == message })
            #expect(item["state"]?.string == "delivered")
            #expect(item["urgency"]?.string == "urgent")
            #expect(item["from"]?.string == Practice.deskName)
            #expect(item["at"]?.string?.hasSuffix("Z") == true)

            let read = try await practice.clara.json("read", message)
            #expect(read["message"]?.string == message)
            #expect(read["verified"]?.bool == true)
            #expect(try read["content"]?.bytes == JSONParser.parse(Array(record.utf8)).bytes)
            #expect(read["manifest"] == sent["manifest"])
            #expect(read["index"] == sent["index"])

            let acknowledged = try await practice.clara.json("ack", message, "--reason", "will_call_by")
            #expect(acknowledged["message"]?.string == message)
            #expect(acknowledged["action"]?.string == "acknowledged")
            #expect((acknowledged["index"]?.integer ?? 0) > (sent["index"]?.integer ?? 0))

            let closed = try await practice.clara.json("close", message)
            #expect(closed["action"]?.string == "closed")

            let state = try await practice.desk.json("sent", message)
            #expect(state["state"]?.string == "closed")
            let facts = try #require(state["states"]?.array)
            #expect(facts.map { $0["action"]?.string } == ["delivered", "read", "acknowledged", "closed"])
            #expect(facts[2]["reason"]?.string == "will_call_by")
            #expect(facts.allSatisfy { $0["device"] == clara["device"] && $0["member"] == clara["member"] })
            #expect(facts[2]["index"] == acknowledged["index"])
        }

        @Test func aTextFromStandardInputArrives() async throws {
            let practice = try await SharedPractice.shared.practice()
            let text = "Zeile eins\nligne deux — ✓ \u{1F514}"
            let sent = try await practice.desk.run(
                "send", "--to", Practice.claraName, "--urgency", "routine", "--text", "-", "--patient", "MRN-1",
                input: text + "\n")
            let message = try #require(try sent.json()["message"]?.string)
            let read = try await practice.clara.json("read", message)
            #expect(read["content"]?["text"]?.string == text)
            #expect(read["urgency"]?.string == "routine")
        }

        @Test func aMessageForAMemberReachesEveryDevice() async throws {
            let practice = try await SharedPractice.shared.practice()
            let tablet = practice.person("dan-tablet")
            let joined = try await practice.join(tablet.name, as: Practice.danName, "provider")
            let sent = try await practice.desk.json(
                "send", "--to", Practice.danName, "--urgency", "same_day", "--text", "to both")
            let message = try #require(sent["message"]?.string)
            #expect(sent["recipients"]?.array?.contains { $0["device"] == joined["device"] } == true)
            let live = try await practice.admin.json("admin", "devices")["devices"]?.array?
                .filter { $0["member"] == joined["member"] && $0["status"]?.string == "active" }
            #expect((live?.count ?? 0) >= 2)
            #expect(
                Set(sent["recipients"]?.array?.compactMap { $0["device"]?.string } ?? [])
                    == Set(live?.compactMap { $0["device"]?.string } ?? []))
            for person in [practice.dan, tablet] {
                #expect(try await person.json("read", message)["content"]?["text"]?.string == "to both")
            }
            let states = try await practice.desk.json("sent", message)["states"]?.array ?? []
            #expect(states.count { $0["action"]?.string == "delivered" } == 2)
        }

        /// More of them than are asked about at once, and one that nobody has answered among them.
        @Test func oneLookShowsWhatAnotherDeviceAnswered() async throws {
            let practice = try await SharedPractice.shared.practice()
            for name in ["pair-1", "pair-2"] { try await practice.join(name, as: "Dr. Pair", "provider") }
            var messages: [String] = []
            for number in 1...6 { messages.append(try await practice.text("number \(number)", to: "Dr. Pair")) }
            _ = try await practice.person("pair-1").json("inbox")
            let open = messages.remove(at: 2)
            for message in messages { try await practice.person("pair-2").json("ack", message) }
            let listed = try await practice.person("pair-1").json("inbox")["messages"]?.array ?? []
            let states = listed.map { [$0["message"]?.string, $0["state"]?.string] }
            #expect(Set(states) == Set(messages.map { [$0, "acknowledged"] } + [[open, "delivered"]]))
        }

        @Test func aSenderLearnsOfARefusal() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("not yours", to: Practice.danName)
            let declined = try await practice.dan.json("decline", message, "--reason", "not_mine")
            #expect(declined["action"]?.string == "declined")
            let state = try await practice.desk.json("sent", message)
            #expect(state["state"]?.string == "declined")
            #expect(state["states"]?.array?.last?["reason"]?.string == "not_mine")
        }

        @Test func aSenderWaitsForTheAnswer() async throws {
            let practice = try await SharedPractice.shared.practice()
            let text = "waits \(UUID().uuidString)"
            // Whoever answers looks first through all that waits for them.
            let sender = try practice.desk.start(
                "send", "--to", Practice.claraName, "--urgency", "emergent", "--text", text, "--wait", "--timeout",
                "900")
            let message = try await practice.clara.firstMessage(saying: text)
            try await practice.clara.json("ack", message)
            let outcome = try await sender.outcome()
            #expect(outcome.status == ExitCode.done)
            #expect(try outcome.json()["state"]?.string == "acknowledged")
        }

        @Test func aSenderWithoutAnAnswerIsToldToTelephone() async throws {
            let practice = try await SharedPractice.shared.practice()
            let outcome = try await practice.desk.run(
                "send", "--to", Practice.claraName, "--urgency", "emergent", "--text", "nobody", "--wait", "--timeout",
                "1")
            #expect(outcome.status == ExitCode.failed)
            #expect(outcome.code == "unanswered")
            #expect(outcome.error?["next"]?.string?.contains("TELEPHONE") == true)
        }

        @Test func theSameRecordTwiceIsOneMessage() async throws {
            let practice = try await SharedPractice.shared.practice()
            let file = try practice.recordFile()
            let words = ["send", "--to", Practice.claraName, "--urgency", "urgent", "--record", file]
            let first = try await practice.desk.json(words)
            let again = try await practice.desk.json(words)
            #expect(first["message"] == again["message"])
            #expect(first["sent_before"]?.bool == false)
            #expect(again["sent_before"]?.bool == true)
        }

        @Test func theSameAnswerTwiceIsOneReceipt() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("answered twice")
            let first = try await practice.clara.json("ack", message)
            let again = try await practice.clara.json("ack", message)
            #expect(first["index"] == again["index"])
            let states = try await practice.desk.json("sent", message)["states"]?.array ?? []
            #expect(states.count { $0["action"]?.string == "acknowledged" } == 1)
        }

        @Test func idsMayBeShortened() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("short")
            _ = try await practice.clara.json("inbox")
            let read = try await practice.clara.json("read", String(message.dropLast(2)))
            #expect(read["message"]?.string == message)
        }

        @Test func whatWasReceivedCannotCommandATerminal() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("\u{1B}[2J\u{202E}evil\u{7}")
            _ = try await practice.clara.json("inbox")
            let shown = try await practice.clara.say("read", message)
            #expect(shown.status == ExitCode.done)
            #expect(!shown.out.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" || $0 == "\u{7}" })
            #expect(shown.out.contains("\\u{1B}[2J"))
            let escaped = try await practice.clara.run("read", message)
            #expect(escaped.out.utf8.allSatisfy { $0 < 0x80 && $0 != 0x1B })
        }
    }
}

extension Person {
    /// Looks into the inbox until a message says this: its sender is under way.
    func firstMessage(saying text: String) async throws -> String {
        let watcher = try start("watch")
        defer { watcher.signal(15) }
        var seen: Set<String> = []
        while true {
            let message = try await watcher.nextMessage(besides: seen)
            if try await json("read", message)["content"]?["text"]?.string == text { return message }
            seen.insert(message)
        }
    }
}

extension ChildProcess {
    /// Waits until a watcher shows a message that is none of these.
    func nextMessage(besides seen: Set<String>) async throws -> String {
        @Sendable func unseen(_ text: String) -> String? {
            text.split(separator: "\n").lazy.compactMap { try? JSONParser.parse(Array($0.utf8)) }
                .filter { $0["event"]?.string == "message" }.compactMap { $0["message"]?.string }
                .first { !seen.contains($0) }
        }
        _ = await wait { unseen($0.outText) != nil || $0.hasEnded }
        guard let message = unseen(now.outText) else { throw PreparationFailed("no message came: \(now.errText)") }
        return message
    }
}
