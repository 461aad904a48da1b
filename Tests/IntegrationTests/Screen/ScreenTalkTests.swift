import DeviceKit
import Foundation
import Statements
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension TerminalTests {
    /// What a clinician says at the screen in words, and whom it reaches.
    @Suite struct ScreenTalkTests {
        private typealias Scene = ScreenTests

        /// A screen with a message of the desk open.
        private static func open(
            _ name: String, _ practice: Practice
        ) async throws -> (person: Person, message: String, terminal: TmuxTerminal) {
            let (person, member) = try await Scene.clinician(name, practice)
            let message = try await Scene.send(practice, to: member, urgency: "urgent")
            let terminal = try await TmuxTerminal.screen(person)
            try await terminal.waitFor("Connected.", "> URGENT")
            try await terminal.press("Enter")
            try await terminal.waitFor("CALL BACK", "read, no answer")
            return (person, message, terminal)
        }

        @Test func aReplyReachesTheDesk() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, message, terminal) = try await Self.open("replier", practice)
            try await terminal.press("r")
            try await terminal.waitFor("Reply to \(Practice.deskName)", "CALL BACK")
            try await terminal.type("Leg up, quietly. I call at 4.")
            try await terminal.press("Enter")
            let first = try await terminal.waitFor("Your reply to \(Practice.deskName) is sent; proven as entry")
            try await terminal.wait { !$0.contains("NOT SENT") }

            let state = try await practice.desk.json("sent", message)
            #expect(state["state"]?.string == "read", "a reply does not acknowledge")
            let replies = state["replies"]?.array ?? []
            #expect(replies.count == 1)
            let reply = try #require(replies.first?["message"]?.string)
            _ = try await practice.desk.json("inbox")
            let read = try await practice.desk.json("read", reply)
            #expect(read["content"]?["text"]?.string == "Leg up, quietly. I call at 4.")
            #expect(read["in_reply_to"]?.string == message)
            #expect(read["verified"]?.bool == true)

            // The same words again are a reply of their own: the first one was told.
            try await terminal.press("r")
            try await terminal.waitFor("Reply to")
            try await terminal.type("Leg up, quietly. I call at 4.")
            try await terminal.press("Enter")
            let told = first.split(separator: "\n").first { $0.contains("is sent; proven as entry") } ?? ""
            try await terminal.wait { $0.contains("is sent; proven as entry") && !$0.contains(told) }
            #expect(try await practice.desk.json("sent", message)["replies"]?.array?.count == 2)
            try await terminal.close()
            try await person.endAgent()
        }

        /// A dose that ends at a letter of another encoding, and what stood behind it unseen and unsent, is another dose.
        @Test func whatIsPastedInAnotherEncodingIsMarkedAndWhole() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, _, terminal) = try await Self.open("paster", practice)
            try await terminal.press("r")
            try await terminal.waitFor("Reply to \(Practice.deskName)")
            try await terminal.paste(Array("give 5 ".utf8) + [0xB5] + Array("g then 10 mg".utf8))
            try await terminal.waitFor("give 5 \u{FFFD}g then 10 mg")
            try await terminal.press("C-c", "C-c")
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func aPromisedTimeAndTheEndReachTheDesk() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, message, terminal) = try await Self.open("promiser", practice)
            try await terminal.press("a")
            try await terminal.waitFor("Acknowledge: it is yours now. How?")
            try await terminal.press("2")
            try await terminal.waitFor("You will call: by when?")
            try await terminal.type("45")
            try await terminal.waitFor("You promise to call by")
            let before = Timestamp.now()
            try await terminal.press("Enter")
            try await terminal.waitFor(
                "Acknowledged, and the promised time is sent to \(Practice.deskName)", "proven as entry")
            let after = Timestamp.now()

            let state = try await practice.desk.json("sent", message)
            #expect(state["states"]?.array?.last?["action"]?.string == "acknowledged")
            #expect(state["states"]?.array?.last?["reason"]?.string == "will_call_by")
            let reply = try #require(state["replies"]?.array?.first)
            let promised = try #require(reply["promised_at"]?.string.flatMap { Timestamp(Array($0.utf8)) })
            #expect(promised.milliseconds(since: before) >= 43 * 60_000)
            #expect(promised.milliseconds(since: after) <= 46 * 60_000)
            #expect(reply["verified"]?.bool == true)

            try await terminal.press("c")
            try await terminal.waitFor("? How did it end?")
            try await terminal.type("seen at home")
            try await terminal.press("Enter")
            try await terminal.waitFor("Closed (", "), and your words to \(Practice.deskName) are sent")
            let closed = try await practice.desk.json("sent", message)
            #expect(closed["state"]?.string == "closed")
            let ending = try #require(closed["replies"]?.array?.last?["message"]?.string)
            _ = try await practice.desk.json("inbox")
            #expect(
                try await practice.desk.json("read", ending)["content"]?["disposition"]?.string == "seen at home")
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func whatMustBeKnownReachesTheDesk() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, message, terminal) = try await Self.open("asking", practice)
            try await terminal.press("a")
            try await terminal.waitFor("Acknowledge: it is yours now. How?")
            try await terminal.press("3")
            try await terminal.waitFor("What do you need to know from \(Practice.deskName)?")
            try await terminal.type("which drugs?")
            try await terminal.press("Enter")
            try await terminal.waitFor("Acknowledged, and your words to \(Practice.deskName) are sent; proven as entry")
            let state = try await practice.desk.json("sent", message)
            #expect(state["states"]?.array?.last?["reason"]?.string == "need_info")
            let reply = try #require(state["replies"]?.array?.first?["message"]?.string)
            _ = try await practice.desk.json("inbox")
            #expect(try await practice.desk.json("read", reply)["content"]?["text"]?.string == "which drugs?")
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func aHandOffReachesTheOtherAndTheDeskSeesIt() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (other, member) = try await Scene.clinician("takeover", practice)
            let (person, message, terminal) = try await Self.open("leaver", practice)
            try await terminal.press("h")
            try await terminal.waitFor("Hand this message to whom?")
            try await terminal.type("takeo")
            try await terminal.waitFor("> \(member)")
            try await terminal.press("Enter")
            try await terminal.waitFor("Hand it to \(member): any words with it?")
            try await terminal.type("I am in theatre")
            try await terminal.press("Enter")
            try await terminal.waitFor("Hand this message to \(member)?", "You stay responsible until")
            try await terminal.press("y")
            try await terminal.waitFor("Handed off; proven as entry", "waits for \(member)", "answer in")
            try await terminal.wait { !$0.contains("NOT SENT") }

            let between = try await practice.desk.json("sent", message)
            #expect(between["state"]?.string == "handed_off")
            #expect(between["answered"]?.bool == false)
            let forward = try #require(between["forwards"]?.array?.first?["message"]?.string)
            let read = try await other.json("read", forward)
            #expect(read["verified"]?.bool == true, "\(read)")
            #expect(read["forward_of"]?.string == message)
            #expect(read["content"]?["text"]?.string == "I am in theatre")
            #expect(read["content"]?["original_from"]?.string == Practice.deskName)
            // Whoever handed it on is told at the screen, and the desk sees in whose hands it is.
            try await other.json("decline", forward, "--reason", "unavailable")
            try await terminal.waitFor(
                "\(member) declined (\"I am not available\") this message: it is yours.",
                "DECLINED by \(member): I am not available — YOURS AGAIN")
            // It is promised anew, and the alarm is over.
            try await terminal.press("a", "1")
            try await terminal.waitFor("Acknowledged; proven as entry", "acknowledged  ·  you call now: close it")
            #expect(try await practice.desk.say("sent", message).out.contains("acknowledged by Dr. Leaver"))
            try await other.json("ack", forward)
            try await terminal.waitFor("What you handed on to \(member): acknowledged.", "handed to \(member)")
            #expect(try await practice.desk.json("sent", message)["answered"]?.bool == true)
            try await terminal.close()
            try await other.endAgent()
            try await person.endAgent()
        }

        @Test func withoutALinkNothingOfItIsLost() async throws {
            let practice = try await Practice.make()
            let message = try await Scene.send(practice, to: Practice.claraName, urgency: "urgent")
            _ = try await practice.clara.json("inbox")
            try await practice.relay.stop()
            let terminal = try await TmuxTerminal.screen(practice.clara)
            try await terminal.waitFor("NO LINK since", "> URGENT")
            try await terminal.press("Enter")
            try await terminal.waitFor("CALL BACK")
            try await terminal.press("r")
            try await terminal.waitFor("Reply to \(Practice.deskName)")
            try await terminal.type("on my way")
            try await terminal.press("Enter")
            try await terminal.waitFor("NOT yet known to the sender:", "NOT SENT: reply")
            try await terminal.press("h")
            try await terminal.waitFor("Hand this message to whom?")
            try await terminal.type("dan")
            try await terminal.press("Enter")
            try await terminal.waitFor("Hand it to \(Practice.danName)")
            try await terminal.press("Enter")
            try await terminal.waitFor("Hand this message to \(Practice.danName)?")
            try await terminal.press("y")
            try await terminal.waitFor("1 hand-off NOT yet sent", "NOT SENT: hand-off")
            kill(try #require(practice.clara.processes.workers.first), SIGKILL)
            try await terminal.waitFor("nothing rings here until then")
            try await terminal.run("./ui")
            try await terminal.waitFor("NO LINK since", "NOT SENT: hand-off")
            try await practice.relay.start()
            try await terminal.waitFor("Connected.", "waits for \(Practice.danName)")
            try await terminal.wait { !$0.contains("NOT SENT") && !$0.contains("NOT yet") }
            let state = try await practice.desk.json("sent", message)
            #expect(state["replies"]?.array?.count == 1)
            #expect(state["forwards"]?.array?.count == 1)
            #expect(state["state"]?.string == "handed_off")
            try await terminal.close()
            try await practice.clara.endAgent()
            try await practice.remove()
        }

        @Test func lockedWhileOneWritesNothingOfItIsLeft() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, message, terminal) = try await Self.open("writer", practice)
            try await terminal.press("r")
            try await terminal.waitFor("Reply to", "Until then it is lost")
            try await terminal.type("Zanzibarquill")
            let canary = Array("Zanzibarquill".utf8)
            _ = try await person.run("lock")
            let locked = try await terminal.waitFor("Nightbell is locked")
            #expect(!locked.contains("Zanzibar"))
            #expect(person.processes.workers.isEmpty)
            #expect(try await !terminal.everything().contains("Zanzibar"))
            for process in person.processes.all { #expect(ProfileProcesses.found([canary], in: process) == []) }
            try await terminal.press("Enter")
            try await terminal.waitFor("Connected.", "> URGENT", "read, no answer")
            try await terminal.press("Enter")
            try await terminal.waitFor("CALL BACK")
            try await terminal.press("r")
            #expect(try await !terminal.waitFor("Reply to").contains("Zanzibar"))
            #expect(try await practice.desk.json("sent", message)["replies"]?.array?.isEmpty == true)
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func anEmergentMessageInTheMiddleKeepsWhatWasTyped() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, message, terminal) = try await Self.open("interrupted", practice)
            try await terminal.press("r")
            try await terminal.waitFor("Reply to")
            try await terminal.type("half a thought")
            _ = try await Scene.send(practice, to: "Dr. Interrupted", urgency: "emergent")
            // A screen is drawn from its top: what stood below may be seen for a moment.
            try await terminal.wait { $0.contains("E M E R G E N T") && !$0.contains("half a thought") }
            // A key that was on its way is not heard: from here on one is. A second one would put the notice away.
            try await terminal.waitFor("E M E R G E N T", "Press Enter to open it. That stops the ringing.")
            try await terminal.press("Enter")
            // Until it is open the other one stands there, and no key answers that one any more.
            try await terminal.waitFor("EMERGENT  from", "read, no answer", "CALL BACK", "is kept, NOT sent")
            try await terminal.press("a")
            try await terminal.waitFor("Acknowledge: it is yours now. How?")
            try await terminal.press("1")
            try await terminal.waitFor("Acknowledged; proven as entry")
            try await terminal.press("n")
            try await terminal.waitFor("URGENT  from", "read, no answer")
            try await terminal.press("r")
            try await terminal.waitFor("half a thought_")
            #expect(try await practice.desk.json("sent", message)["replies"]?.array?.isEmpty == true)
            try await terminal.press("Enter")
            try await terminal.waitFor("Your reply to \(Practice.deskName) is sent")
            #expect(try await practice.desk.json("sent", message)["replies"]?.array?.count == 1)
            try await terminal.close()
            try await person.endAgent()
        }
    }
}
