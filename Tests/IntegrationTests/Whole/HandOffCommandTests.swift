import DeviceKit
import Foundation
import Testing

extension ProgramTests {
    /// What a hand-off leaves to do, and to whom nothing can be handed, with the real programs.
    @Suite struct HandOffCommandTests {
        @Test func whatWasHandedOffIsNotAcknowledgedByAnOlderWord() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("mine, then Dan's")
            try await practice.clara.json("ack", message)
            let handed = try await practice.clara.json("hand-off", message, "--to", Practice.danName)
            let refused = try await practice.clara.run("ack", message)
            Refusal.check(refused, ExitCode.refused, "already_handed_off")
            #expect(refused.error?["message"]?.string?.contains("to \(Practice.danName) at") == true, "\(refused.err)")
            // With the other's no, whose words are for her, it is hers again.
            let no = try await practice.dan.run(
                "decline", try #require(handed["forward"]?["message"]?.string), "--text", "-", input: "in theatre"
            ).json()
            _ = try await practice.clara.json("inbox")
            let words = try await practice.clara.json("read", try #require(no["reply"]?["message"]?.string))
            #expect(words["content"]?["text"]?.string == "in theatre")
            Refusal.check(try await practice.clara.run("decline", message), ExitCode.refused, "already_handed_off")
            // Nor is it handed to the one who said no as if that were new.
            let repeated = try await practice.clara.run("hand-off", message, "--to", Practice.danName)
            Refusal.check(repeated, ExitCode.refused, "declined_before")
            // Dealt with, it is off the desk's list, until somebody says more of it.
            func isListed() async throws -> Bool {
                let list = try await practice.desk.json("sent", "--overdue")["messages"]?.array ?? []
                return list.contains { $0["message"]?.string == message }
            }
            #expect(try await isListed())
            // Whoever said no is not called about it, but she who has it again.
            let whom = try await practice.desk.say("sent", message).out
            #expect(whom.contains("(telephone \(Practice.claraName), who handed it on and has it again"), "\(whom)")
            try await practice.desk.json("sent", "--dismiss", message)
            #expect(try await !isListed())
            _ = try await practice.clara.run("reply", message, "--text", "-", input: "I see to it myself").json()
            #expect(try await isListed())
            let page = try await practice.desk.say("sent", message).out
            #expect(page.hasPrefix("NOBODY TAKES IT, BUT \(Practice.claraName) WROTE SINCE"), "\(page)")
            // Until she takes it up again, nobody has what she handed on.
            let forward = try #require(handed["forward"]?["message"]?.string)
            func isAlarm() async throws -> Bool {
                let list = try await practice.clara.json("sent", "--overdue")["messages"]?.array ?? []
                return list.contains { $0["message"]?.string == forward }
            }
            #expect(try await isAlarm())
            // Acknowledged anew, with another promise, it is hers for the desk as well.
            let taken = try await practice.clara.json("ack", message, "--by", Samples.promised)
            #expect(taken["index"]?.integer ?? 0 > handed["index"]?.integer ?? .max)
            #expect(try await practice.clara.say("inbox").out.contains("acknowledged"))
            let known = try await practice.desk.say("sent", message).out
            #expect(known.contains("acknowledged UNREAD by \(Practice.claraName)"), "\(known)")
            #expect(known.contains("calls by "), "\(known)")
            #expect(try await !isAlarm())
            #expect(try await practice.clara.json("sent", forward)["done"]?.bool == true)
        }

        /// Whoever closed what they had handed on, or found somebody else, has nobody to telephone about the first who was asked.
        @Test func whatNobodyTookIsNoAlarmOnceItIsClosedOrElsewhere() async throws {
            let practice = try await SharedPractice.shared.practice()
            let person = practice.person("closing-again")
            try await practice.join(person.name, as: "Dr. Closing Again", "provider")
            func alarms() async throws -> [String?] {
                (try await person.json("sent", "--overdue")["messages"]?.array ?? []).map { $0["message"]?.string }
            }
            for isClosed in [true, false] {
                let message = try await practice.text("handed on \(isClosed)", to: "Dr. Closing Again")
                let handed = try await person.json("hand-off", message, "--to", Practice.danName)
                let forward = try #require(handed["forward"]?["message"]?.string)
                try await practice.dan.json("decline", forward, "--reason", "not_mine")
                #expect(try await alarms() == [forward])
                if isClosed {
                    try await person.json("ack", message)
                    try await person.json("close", message)
                } else {
                    try await person.json("hand-off", message, "--to", Practice.claraName)
                }
                #expect(try await alarms() == [])
            }
        }

        /// A desk that gets its own message back may believe that it was answered.
        @Test func whoHandsAMessageBackToItsSenderIsTold() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("and back again")
            let outcome = try await practice.clara.run("hand-off", message, "--to", Practice.deskName)
            #expect(outcome.status == ExitCode.done)
            #expect(outcome.err.contains("\(Practice.deskName) sent this message and waits"), "\(outcome.err)")
            let away = try await practice.text("to a third")
            let other = try await practice.clara.run("hand-off", away, "--to", Practice.danName)
            #expect(!other.err.contains("sent this message"), "\(other.err)")
        }

        @Test func eachHandOffNamesItsOwnReceipt() async throws {
            let practice = try await SharedPractice.shared.practice()
            let eve = practice.person("eve-of-two")
            try await practice.join(eve.name, as: "Dr. Eve of Two", "provider")
            let message = try await practice.text("first to one, then to another")
            let first = try await practice.clara.json("hand-off", message, "--to", Practice.danName)
            let second = try await practice.clara.json("hand-off", message, "--to", "Dr. Eve of Two")
            let places = try [first, second].map { try #require($0["index"]?.integer) }
            #expect(places[0] < places[1])
            #expect((second["forward"]?["index"]?.integer ?? .max) < places[1])
            let state = try await practice.desk.json("sent", message)
            let handed = state["states"]?.array?.filter { $0["action"]?.string == "handed_off" }
            #expect(handed?.map { $0["index"]?.integer } == places)
            // Repeated, each is told by its own.
            let again = try await practice.clara.json("hand-off", message, "--to", Practice.danName)
            #expect(again["index"] == first["index"])
            #expect(again["forward"]?["sent_before"]?.bool == true)
            let words = try await practice.clara.say("hand-off", message, "--to", "Dr. Eve of Two")
            #expect(words.out.hasPrefix("handed off before: \(message)"), "\(words.out)")
            // Other words would not reach them: nobody is to believe that they did.
            let more = try await practice.clara.run(
                "hand-off", message, "--to", "Dr. Eve of Two", "--text", "she rang again, worse")
            #expect(more.status == ExitCode.refused && more.code == "handed_on_before")
            #expect(more.err.contains("NOTHING WAS SENT, and your words neither"), "\(more.err)")
        }

        /// Two who believe that it is theirs, or that the other does it.
        @Test func whoHasItBesidesIsSaid() async throws {
            let practice = try await SharedPractice.shared.practice()
            let fay = practice.person("fay-besides")
            try await practice.join(fay.name, as: "Dr. Fay Besides", "provider")
            let message = try await practice.text("to two, and then closed")
            let first = try await practice.clara.run("hand-off", message, "--to", Practice.danName)
            #expect(!first.err.contains("has it as well"), "\(first.err)")
            let second = try await practice.clara.run("hand-off", message, "--to", "Dr. Fay Besides")
            #expect(second.err.contains("\(Practice.danName) has it as well, since"), "\(second.err)")
            let closed = try await practice.clara.run("close", message)
            for name in [Practice.danName, "Dr. Fay Besides"] {
                #expect(closed.err.contains("\(name) has it as well"), "\(closed.err)")
            }
            // What somebody else has taken up is closed by them.
            let other = try await practice.text("to one who takes it up")
            let handed = try await practice.clara.json("hand-off", other, "--to", "Dr. Fay Besides")
            let forward = try #require(handed["forward"]?["message"]?.string)
            // Until then the desk writes to the one who handed it on, and to her when she is named.
            let before = try await practice.desk.run("reply", other, "--text", "-", input: "who has it?")
            #expect(before.err.contains("handed on to Dr. Fay Besides, who has not taken it up"), "\(before.err)")
            #expect(try before.json()["in_reply_to"]?.string == other)
            let named = try await practice.desk.run(
                "reply", other, "--to", "Dr. Fay Besides", "--text", "-", input: "have you?"
            ).json()
            #expect(named["in_reply_to"]?.string == forward)
            try await fay.json("ack", forward)
            _ = try await practice.desk.json("sent", other)
            let word = try await practice.desk.run("reply", other, "--text", "-", input: "39.8 by now").json()
            #expect(word["in_reply_to"]?.string == forward)
            let read = try await fay.json("read", try #require(word["message"]?.string))
            #expect(read["content"]?["text"]?.string == "39.8 by now")
            _ = try await practice.clara.json("inbox")
            Refusal.check(try await practice.clara.run("close", other), ExitCode.refused, "taken_up")
        }

        /// In a circle: whoever has it again is not told that somebody of their own name has it.
        @Test func whatCameBackIsNamedByItsId() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("in a circle")
            func handed(_ person: Person, _ message: String, _ name: String) async throws -> String {
                let handed = try await person.json("hand-off", message, "--to", name)
                return try #require(handed["forward"]?["message"]?.string)
            }
            let there = try await handed(practice.clara, message, Practice.danName)
            _ = try await practice.dan.json("inbox")
            let back = try await handed(practice.dan, there, Practice.claraName)
            _ = try await practice.clara.json("inbox")
            let waiting = try await practice.clara.run("ack", message)
            Refusal.check(waiting, ExitCode.refused, "already_handed_off")
            #expect(waiting.error?["next"]?.string?.contains("ack \(back)") == true, "\(waiting.err)")
            try await practice.clara.json("ack", back)
            _ = try await practice.clara.json("inbox")
            let refused = try await practice.clara.run("close", message)
            Refusal.check(refused, ExitCode.refused, "taken_up")
            let words = refused.error?["message"]?.string ?? ""
            #expect(words.contains("came back to you as \(back)"), "\(refused.err)")
            #expect(!words.contains("not yours any more"), "\(refused.err)")
        }

        @Test func nothingIsHandedToSomebodyWhomNothingReachesAnyMore() async throws {
            let practice = try await SharedPractice.shared.practice()
            let gone = practice.person("gone-before")
            let device = try #require(
                try await practice.join(gone.name, as: "Dr. Gone Before", "provider")["device"]?.string)
            let message = try await practice.text("to one who is gone")
            try await practice.clara.json("hand-off", message, "--to", "Dr. Gone Before")
            try await practice.admin.json("admin", "revoke", device, "--reason", "lost")
            let outcome = try await practice.clara.run("hand-off", message, "--to", "Dr. Gone Before")
            Refusal.check(outcome, ExitCode.failed, "no_device")
            #expect(outcome.error?["message"]?.string?.contains("does not reach them") == true, "\(outcome.err)")
            #expect(outcome.error?["next"]?.string?.contains("somebody else") == true)
        }
    }
}
