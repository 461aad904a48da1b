import DeviceKit
import Foundation
import Testing

extension ProgramTests {
    /// What a desk is told of what nobody has.
    @Suite struct DeskTests {
        @Test func whatWasRefusedIsDismissedOnceItIsDealtWith() async throws {
            let practice = try await SharedPractice.shared.practice()
            let desk = practice.person("dismissing-desk")
            try await practice.join(desk.name, as: "Dismissing Desk", "intake")
            _ = try await practice.invite("Dr. Never Joined", "provider")
            let words = ["send", "--to", "Dr. Never Joined", "--urgency", "urgent", "--text", "to nobody"]
            Refusal.check(try await desk.run(words), ExitCode.failed, "no_device")
            // What would go to oneself leaves nothing behind.
            let toItself = ["send", "--to", "Dismissing Desk", "--urgency", "urgent", "--text", "to myself"]
            Refusal.check(try await desk.run(toItself), ExitCode.refused, "to_oneself")
            let sent = try await practice.text("to somebody", from: desk)
            let list = try await desk.json("sent", "--overdue")["messages"]?.array ?? []
            #expect(list.map { $0["state"]?.string } == ["refused"])
            let refused = try #require(list.first?["message"]?.string)
            let hint = "once you have telephoned: nightbell --profile \(desk.profile) sent --dismiss \(refused)"
            #expect(try await desk.say("sent").out.contains(hint))
            #expect(try await desk.say("sent", refused).out.contains(hint))
            #expect(try await desk.json("status")["messages_refused"]?.integer == 1)

            Refusal.check(try await desk.run("sent", "--dismiss", sent), ExitCode.refused, "was_sent")
            Refusal.check(try await desk.run("sent", "--dismiss"), ExitCode.usage, "no_message")
            Refusal.check(try await desk.run("sent", "--dismiss", "msg-none"), ExitCode.notFound, "no_such_message")
            let dismissed = try await desk.json("sent", "--dismiss", refused)
            #expect(dismissed["dismissed"]?.bool == true)
            let left = try await desk.json("sent")["messages"]?.array ?? []
            #expect(left.map { $0["message"]?.string } == [sent])
            #expect(try await desk.json("status")["messages_refused"]?.integer == 0)
        }

        @Test func waitingForAnAnswerThatIsNoEndsAsFailed() async throws {
            let practice = try await SharedPractice.shared.practice()
            let text = "declined \(UUID().uuidString)"
            // Whoever answers looks first through all that waits for them.
            let sender = try practice.desk.start(
                "send", "--to", Practice.danName, "--urgency", "emergent", "--text", text, "--wait", "--timeout", "900")
            let message = try await practice.dan.firstMessage(saying: text)
            try await practice.dan.json("decline", message, "--reason", "not_mine")
            let outcome = try await sender.outcome()
            #expect(outcome.status == ExitCode.failed)
            #expect(outcome.code == "declined")
            #expect(
                outcome.error?["message"]?.string
                    == "NOBODY HAS message \(message): \(Practice.danName) DECLINED it (not_mine)", "\(outcome.err)")
            #expect(outcome.error?["next"]?.string?.hasPrefix("CALL BY TELEPHONE") == true)
            #expect(try outcome.json()["state"]?.string == "declined")
        }

        @Test func whatIsClosedIsNotCalledUnansweredForAnotherHand() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("handed off, and closed by the first")
            let handed = try await practice.clara.json("hand-off", message, "--to", Practice.danName)
            _ = try await practice.dan.json("read", try #require(handed["forward"]?["message"]?.string))
            #expect(try await practice.desk.say("sent", message).out.contains("NOT ANSWERED"))
            try await practice.clara.json("close", message)
            let page = try await practice.desk.say("sent", message).out
            let headline = page.split(separator: "\n").first
            #expect(headline?.contains("closed UNREAD by \(Practice.claraName)") == true, "\(page)")
            #expect(!page.contains("NOT ANSWERED"), "\(page)")
        }

        @Test func whoClosesUnreadIsTold() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("never read")
            let outcome = try await practice.clara.run("close", message)
            #expect(outcome.status == ExitCode.done)
            #expect(outcome.err.contains("nobody has read \(message) on this device"), "\(outcome.err)")
            #expect(try await practice.desk.json("sent", message)["closed_unread"]?.bool == true)
            #expect(try await practice.desk.say("sent", message).out.contains("closed UNREAD by \(Practice.claraName)"))
            let steps = try await practice.clara.say("steps", message).out
            #expect(steps.contains("(closed) signed and stored; nobody had read it here"), "\(steps)")
            let other = try await practice.text("read first")
            _ = try await practice.clara.json("read", other)
            #expect(!(try await practice.clara.run("close", other).err.contains("nobody has read")))
            #expect(try await practice.desk.json("sent", other)["closed_unread"]?.bool == false)
        }

        @Test func whoClosesUnreadAtATerminalIsAsked() async throws {
            let practice = try await SharedPractice.shared.practice()
            let person = practice.person("closing-unread")
            try await practice.join(person.name, as: "Dr. Closing Unread", "provider")
            let message = try await practice.text("not yet read", to: "Dr. Closing Unread")
            let terminal = try await TmuxTerminal.open(
                commands: [
                    "close":
                        "exec '\(Programs.nightbell)' --profile '\(person.profile)' --key-file '\(person.keyFile)' close \(message)"
                ])
            try await terminal.run("clear; ./close; echo status $?")
            try await terminal.waitFor("Close it unread? [y/N]")
            try await terminal.press("n", "Enter")
            try await terminal.waitFor("it is not closed", "status \(ExitCode.failed)")
            #expect(try await practice.desk.json("sent", message)["state"]?.string == "delivered")
            try await terminal.run("clear; ./close; echo status $?")
            try await terminal.waitFor("Close it unread? [y/N]")
            try await terminal.press("y", "Enter")
            try await terminal.waitFor("closed \(message)", "status \(ExitCode.done)")
            try await terminal.close()
        }

        @Test func whatABeginningMayMeanIsListed() async throws {
            let practice = try await SharedPractice.shared.practice()
            let first = try await practice.text("one of two")
            _ = try await practice.text("two of two")
            _ = try await practice.clara.json("inbox")
            let read = try await practice.clara.run("read", "msg-")
            Refusal.check(read, ExitCode.notFound, "ambiguous_message")
            #expect(read.error?["message"]?.string?.contains(" from \(Practice.deskName), ") == true, "\(read.err)")
            let sent = try await practice.desk.run("sent", "msg-")
            Refusal.check(sent, ExitCode.notFound, "ambiguous_message")
            #expect(sent.error?["message"]?.string?.contains(" to ") == true, "\(sent.err)")
            // One's own message is no message that came.
            for command in ["read", "close", "ack"] {
                let own = try await practice.desk.run(command, first)
                Refusal.check(own, ExitCode.notFound, "no_such_message")
                #expect(
                    own.error?["next"]?.string
                        == "see who has it: nightbell --profile \(practice.desk.profile) sent \(first)",
                    "\(own.err)")
            }
        }
    }
}

extension OwnPracticeTests {
    /// What is kept of words that the relay did not take, and what is not.
    @Suite struct KeptWordsTests {
        @Test func whetherWordsAreKeptIsSaid() async throws {
            let practice = try await Practice.make()
            let message = try await practice.text("the relay goes away")
            _ = try await practice.clara.json("inbox")
            let other = try await practice.text("handed off before")
            try await practice.clara.json("hand-off", other, "--to", Practice.danName)
            try await practice.relay.stop()
            let repeated = try await practice.clara.run("hand-off", other, "--to", Practice.danName)
            Refusal.check(repeated, ExitCode.relayUnreachable, "relay_unreachable")
            #expect(
                repeated.error?["message"]?.string?.hasPrefix("you handed it to \(Practice.danName) at ") == true,
                "\(repeated.err)")
            let reply = try await practice.clara.run("reply", message, "--text", "-", input: "on my way")
            Refusal.check(reply, ExitCode.relayUnreachable, "relay_unreachable")
            #expect(
                reply.error?["message"]?.string?.hasPrefix(
                    "NOT SENT, and nothing is kept: \(Practice.deskName) knows nothing of it") == true, "\(reply.err)")
            #expect(try await practice.clara.json("status")["messages_unsent"]?.integer == 0)
            let handed = try await practice.clara.run("hand-off", message, "--to", Practice.danName)
            Refusal.check(handed, ExitCode.relayUnreachable, "relay_unreachable")
            #expect(
                handed.error?["message"]?.string?.hasPrefix("NOT HANDED OFF, it is still yours. NOT SENT") == true,
                "\(handed.err)")
            // The words of an answer wait here: they are among what is to be telephoned, and are not dismissed.
            _ = try await practice.clara.run("ack", message, "--by", Samples.promised)
            let waiting = try await practice.clara.json("sent", "--overdue")["messages"]?.array ?? []
            #expect(waiting.map { $0["state"]?.string } == ["pending"])
            let words = try #require(waiting.first?["message"]?.string)
            Refusal.check(
                try await practice.clara.run("sent", "--dismiss", words), ExitCode.refused, "may_still_be_sent")
            try await practice.relay.start()
            #expect(try await practice.clara.json("sent", words)["state"]?.string != "pending")
            try await practice.remove()
        }

        @Test func anAnswerOfAnotherCommandIsCountedWhileItIsNotKnownAndNoLonger() async throws {
            let practice = try await Practice.make()
            let message = try await practice.text("answered beside the screen")
            _ = try await practice.clara.json("inbox")
            let terminal = try await TmuxTerminal.screen(practice.clara)
            try await terminal.waitFor("Connected.", "new")
            try await practice.relay.stop()
            try await terminal.waitFor("NO LINK since")
            _ = try await practice.clara.run("ack", message)
            try await terminal.waitFor("1 answer NOT yet known to the sender")
            try await practice.relay.start()
            _ = try await practice.clara.json("inbox")
            try await terminal.wait { !$0.contains("NOT yet known") && $0.contains("acknowledged") }
            try await terminal.close()
            try await practice.clara.endAgent()
            try await practice.remove()
        }
    }
}
