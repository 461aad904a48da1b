import DeviceKit
import Foundation
import Statements
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension ProgramTests {
    /// Replies, hand-offs and threads, with the real programs.
    @Suite struct TalkTests {
        private static func eve(_ practice: Practice, _ name: String) async throws -> Person {
            let person = practice.person(name)
            try await practice.join(name, as: "Dr. Eve \(name)", "provider")
            return person
        }

        @Test func aPromisedTimeReachesTheDeskSealed() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("when will you call?")
            let acknowledged = try await practice.clara.json("ack", message, "--by", Samples.promised)
            #expect(acknowledged["action"]?.string == "acknowledged")
            let reply = try #require(acknowledged["reply"]?["message"]?.string)
            #expect(
                (acknowledged["reply"]?["index"]?.integer ?? 0) > (acknowledged["index"]?.integer ?? .max),
                "the receipt is logged before its words")

            let state = try await practice.desk.json("sent", message)
            #expect(state["state"]?.string == "acknowledged")
            #expect(state["states"]?.array?.last?["reason"]?.string == "will_call_by")
            let shown = try #require(state["replies"]?.array?.first)
            #expect(shown["message"]?.string == reply)
            #expect(shown["promised_at"]?.string == Samples.promised)
            #expect(shown["verified"]?.bool == true)

            let read = try await practice.desk.json("read", reply)
            #expect(read["verified"]?.bool == true)
            #expect(read["in_reply_to"]?.string == message)
            #expect(read["thread"]?.string == message)
            #expect(read["content"]?["promised_at"]?.string == Samples.promised)
            #expect(read["content"]?["receipt"]?.string?.utf8.count == 64)
            let item = try await practice.desk.json("inbox")["messages"]?.array?.first {
                $0["message"]?.string == reply
            }
            #expect(item?["in_reply_to"]?.string == message)
            // For people, the desk's page of the message says it in a line.
            let page = try await practice.desk.say("sent", message)
            #expect(page.out.contains("acknowledged UNREAD by \(Practice.claraName)"), "\(page.out)")
            let promised = try #require(Timestamp(Array(Samples.promised.utf8)))
            #expect(
                page.out.contains("\(WallClock.here.minute(promised)) \(WallClock.here.zone(promised))"), "\(page.out)")
        }

        @Test func theSameAnswerTwiceIsOneReceiptAndOneReply() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("twice")
            let words = ["ack", message, "--by", Samples.promised, "--text", "after the round"]
            let first = try await practice.clara.json(words)
            let again = try await practice.clara.json(words)
            #expect(first == again)
            // Another time is another promise, of the same receipt.
            let later = try await practice.clara.json("ack", message, "--by", Samples.promisedLater)
            #expect(later["index"] == first["index"])
            #expect(later["reply"]?["message"] != first["reply"]?["message"])
            let state = try await practice.desk.json("sent", message)
            #expect(state["replies"]?.array?.count == 2)
            #expect(state["states"]?.array?.count { $0["action"]?.string == "acknowledged" } == 1)
        }

        @Test func onlyTheNewestPromiseCounts() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("first later, then now")
            try await practice.clara.json("ack", message, "--by", Samples.promised)
            #expect(try await practice.desk.say("sent", message).out.contains(", calls by "))
            let now = try await practice.clara.say("ack", message)
            #expect(now.out.contains("promised: you call NOW"), "\(now.out)")
            let page = try await practice.desk.say("sent", message).out
            #expect(page.contains(", calls now"), "\(page)")
            #expect(page.contains(", promised earlier: "), "\(page)")
            #expect(!page.contains("calls by"), "\(page)")
        }

        @Test func whatIsOnesOwnCannotBeDeclined() async throws {
            let practice = try await SharedPractice.shared.practice()
            let eve = try await Self.eve(practice, "eve-4")
            let message = try await practice.text("mine, then not")
            // A no may become a yes; a yes is given away, not taken back.
            try await practice.clara.json("decline", message)
            try await practice.clara.json("ack", message)
            Refusal.check(try await practice.clara.run("decline", message), ExitCode.refused, "already_yours")
            let handed = try await practice.clara.json("hand-off", message, "--to", "Dr. Eve eve-4")
            Refusal.check(try await practice.clara.run("decline", message), ExitCode.refused, "already_handed_off")
            let forward = try #require(handed["forward"]?["message"]?.string)
            try await eve.json("ack", forward)
            _ = try await practice.clara.json("inbox")
            Refusal.check(try await practice.clara.run("ack", message), ExitCode.refused, "taken_up")
            let state = try await practice.desk.json("sent", message)
            #expect(
                state["states"]?.array?.map { $0["action"]?.string }
                    == ["delivered", "declined", "acknowledged", "handed_off"], "\(state)")
        }

        /// Of what was done with a person's other device, this one does not know all.
        @Test func whatAnotherDeviceDidIsLookedUpThere() async throws {
            let practice = try await SharedPractice.shared.practice()
            for name in ["two-here", "two-there"] { try await practice.join(name, as: "Dr. Two Places", "provider") }
            let (here, there) = (practice.person("two-here"), practice.person("two-there"))
            let message = try await practice.text("to both", to: "Dr. Two Places")
            _ = try await here.json("inbox")
            try await there.json("ack", message, "--by", Samples.promised)
            let acknowledged = "acknowledged on another device of yours; a promised time is shown only there"
            #expect(try await here.say("inbox").out.contains(acknowledged))
            #expect(try await here.say("read", message).out.contains(acknowledged))
            let notices = try await here.json("status")["notices"]?.array?.map(\.string) ?? []
            #expect(notices.contains("1 message \(acknowledged)"), "\(notices)")
            #expect(try await !there.say("inbox").out.contains("another device of yours"))
            try await there.json("hand-off", message, "--to", Practice.danName)
            let handed = "handed off on another device of yours: look there whether it was taken"
            #expect(try await here.say("inbox").out.contains(handed))
        }

        @Test func howItEndedReachesTheDesk() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("please see to it")
            let closed = try await practice.clara.run(
                "close", message, "--disposition", "-", input: "Seen at home. Fine.\n"
            ).json()
            let reply = try #require(closed["reply"]?["message"]?.string)
            let state = try await practice.desk.json("sent", message)
            #expect(state["state"]?.string == "closed")
            #expect(state["done"]?.bool == true)
            let read = try await practice.desk.json("read", reply)
            #expect(read["content"]?["disposition"]?.string == "Seen at home. Fine.")
        }

        @Test func deskAndClinicianTalkInOneThread() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("a fever")
            let asked = try await practice.clara.run("reply", message, "--text", "-", input: "How high?").json()
            let question = try #require(asked["message"]?.string)
            #expect(asked["in_reply_to"]?.string == message)
            _ = try await practice.desk.json("inbox")
            let answered = try await practice.desk.run("reply", question, "--text", "-", input: "39.8").json()
            let answer = try #require(answered["message"]?.string)
            let read = try await practice.clara.json("read", answer)
            #expect(read["content"]?["text"]?.string == "39.8")
            #expect(read["thread"]?.string == message)
            let page = try await practice.clara.say("read", answer)
            #expect(page.out.contains("How high?"), "\(page.out)")
            // Nobody has to answer an answer: it is done when it arrived.
            let reply = try await practice.clara.json("sent", question)
            #expect(reply["answered"]?.bool == true && reply["done"]?.bool == true, "\(reply)")
        }

        @Test func waitingAtTheDeskShowsThePromise() async throws {
            let practice = try await SharedPractice.shared.practice()
            let text = "waits \(UUID().uuidString)"
            // Whoever answers looks first through all that waits for them.
            let sender = try practice.desk.start(
                "send", "--to", Practice.claraName, "--urgency", "emergent", "--text", text, "--wait", "--timeout",
                "900")
            let message = try await practice.clara.firstMessage(saying: text)
            try await practice.clara.json("ack", message, "--by", Samples.promised)
            let outcome = try await sender.outcome()
            #expect(outcome.status == ExitCode.done)
            let told = try outcome.json()
            #expect(told["state"]?.string == "acknowledged")
            let reply = try #require(told["replies"]?.array?.first, "\(told)")
            #expect(reply["content"]?["promised_at"]?.string == Samples.promised)
            #expect(reply["receipt_verified"]?.bool == true)
        }

        @Test func aHandOffIsSeenByTheDeskToTheEnd() async throws {
            let practice = try await SharedPractice.shared.practice()
            let eve = try await Self.eve(practice, "eve-1")
            let record = Samples.record()
            let sent = try await practice.desk.json(
                "send", "--to", Practice.claraName, "--urgency", "urgent", "--record", try practice.recordFile(record))
            let message = try #require(sent["message"]?.string)
            let handed = try await practice.clara.run(
                "hand-off", message, "--to", "Dr. Eve eve-1", "--text", "-", input: "I am in theatre."
            ).json()
            #expect(handed["action"]?.string == "handed_off")
            #expect(handed["provable"]?.bool == true)
            let forward = try #require(handed["forward"]?["message"]?.string)
            #expect((handed["forward"]?["index"]?.integer ?? .max) < (handed["index"]?.integer ?? 0))

            // The new one reads the record as the desk wrote it, and every promise of it is kept.
            let read = try await eve.json("read", forward)
            #expect(read["verified"]?.bool == true, "\(read)")
            #expect(read["urgency"]?.string == "urgent")
            #expect(read["forward_of"]?.string == message)
            #expect(read["content"]?["text"]?.string == "I am in theatre.")
            #expect(read["content"]?["original_from"]?.string == Practice.deskName)
            #expect(try read["content"]?["content"]?.bytes == JSONParser.parse(Array(record.utf8)).bytes)

            // Handed off is not answered: the desk goes on waiting, for the one who has it now.
            let between = try await practice.desk.json("sent", message)
            #expect(between["state"]?.string == "handed_off")
            #expect(between["answered"]?.bool == false)
            let acknowledged = try await eve.json("ack", forward, "--by", Samples.promised)
            let after = try await practice.desk.json("sent", message)
            #expect(after["answered"]?.bool == true)
            let carried = try #require(after["forwards"]?.array?.first)
            #expect(carried["message"]?.string == forward)
            #expect(carried["state"]?.string == "acknowledged")
            #expect(carried["states"]?.array?.map { $0["action"]?.string } == ["delivered", "read", "acknowledged"])
            #expect(carried["states"]?.array?.last?["index"] == acknowledged["index"])
            // The words went to the one who waits for them.
            #expect(after["replies"]?.array?.first?["promised_at"]?.string == Samples.promised, "\(after)")
            let page = try await practice.desk.say("sent", message)
            #expect(page.out.contains("acknowledged by Dr. Eve eve-1"), "\(page.out)")
            // And the one who handed it on sees that it is in good hands.
            #expect(try await practice.clara.json("sent", forward)["state"]?.string == "acknowledged")

            let audit = try await practice.auditor.run("audit", "verify")
            #expect(audit.status == 0, "\(audit.out)\(audit.err)")
        }

        @Test func whoHandsOffIsToldOfANo() async throws {
            let practice = try await SharedPractice.shared.practice()
            let eve = try await Self.eve(practice, "eve-2")
            let message = try await practice.text("for somebody")
            let handed = try await practice.clara.json("hand-off", message, "--to", "Dr. Eve eve-2")
            let forward = try #require(handed["forward"]?["message"]?.string)
            let watcher = try practice.clara.start("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            try await eve.json("decline", forward, "--reason", "not_mine")
            try await watcher.waitForLine(containing: "\"notice\"", "declined", forward)
            watcher.signal(SIGTERM)
            _ = try await watcher.outcome()
            // Handed on a second time, from the one who has it, to somebody else.
            let again = try await practice.clara.json("hand-off", message, "--to", Practice.danName)
            #expect(again["forward"]?["message"]?.string != forward)
            let state = try await practice.desk.json("sent", message)
            #expect(state["forwards"]?.array?.count == 2)
            #expect(state["answered"]?.bool == false)
        }

        @Test func theSameHandOffTwiceIsOne() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("once")
            let first = try await practice.clara.json("hand-off", message, "--to", Practice.danName)
            let again = try await practice.clara.json("hand-off", message, "--to", Practice.danName)
            #expect(again["forward"]?["message"] == first["forward"]?["message"])
            #expect(again["forward"]?["sent_before"]?.bool == true)
            #expect(again["index"] == first["index"])
        }

        @Test func aMessageThatWentThroughTwoHandsIsStillItsSenders() async throws {
            let practice = try await SharedPractice.shared.practice()
            let eve = try await Self.eve(practice, "eve-3")
            let message = try await practice.text("through many hands")
            let first = try await practice.clara.json("hand-off", message, "--to", Practice.danName)
            let second = try await practice.dan.json(
                "hand-off", try #require(first["forward"]?["message"]?.string), "--to", "Dr. Eve eve-3")
            let forward = try #require(second["forward"]?["message"]?.string)
            let read = try await eve.json("read", forward)
            #expect(read["verified"]?.bool == true, "\(read)")
            #expect(read["content"]?["content"]?["content"]?["text"]?.string == "through many hands")
            let replied = try await eve.run("reply", forward, "--text", "-", input: "mine now").json()
            let state = try await practice.desk.json("sent", message)
            #expect(state["forwards"]?.array?.map { $0["state"]?.string } == ["handed_off", "read"])
            #expect(state["replies"]?.array?.map { $0["message"] } == [replied["message"]])
        }

        @Test func nothingIsHandedToOneself() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("mine")
            let outcome = try await practice.clara.run("hand-off", message, "--to", Practice.claraName)
            #expect(outcome.status == ExitCode.usage)
            #expect(outcome.code == "to_oneself")
            #expect(try await practice.desk.json("sent", message)["state"]?.string == "delivered")
        }

        @Test func nobodyIsDrawnIntoWhatDoesNotConcernThem() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("between two")
            _ = try await practice.clara.json("inbox")
            let outcome = try await practice.clara.run("reply", message, "--to", Practice.danName, "--text", "look")
            #expect(outcome.status == ExitCode.refused)
            #expect(outcome.code == "not_concerned")
        }

        @Test func whoRepliesToWhatAnotherAnsweredIsTold() async throws {
            let practice = try await SharedPractice.shared.practice()
            let tablet = practice.person("dan-tablet-of-talk")
            try await practice.join(tablet.name, as: Practice.danName, "provider")
            let message = try await practice.text("to both of Dan's devices", to: Practice.danName)
            try await tablet.json("ack", message, "--text", "on my way")
            let outcome = try await practice.dan.run("reply", message, "--text", "-", input: "me too")
            #expect(outcome.status == ExitCode.done)
            #expect(outcome.err.contains("acknowledged (calling_now)"), "\(outcome.err)")
        }

        @Test func theDeskSeesFirstWhatMustBeTelephoned() async throws {
            let practice = try await Practice.make()
            let old = try await practice.text("still open", urgency: "routine")
            let answered = try await practice.text("answered", urgency: "urgent")
            let closed = try await practice.text("closed", urgency: "urgent")
            _ = try await practice.clara.json("inbox")
            try await practice.clara.json("ack", answered)
            // Closed unread, it would be telephoned about.
            _ = try await practice.clara.json("read", closed)
            try await practice.clara.json("close", closed)
            let expiring = try await practice.desk.json(
                "send", "--to", Practice.danName, "--urgency", "same_day", "--text", "soon over", "--expires", "1")
            let over = try #require(expiring["message"]?.string)
            try await practice.desk.waitUntilOverdue(over)

            let list = try await practice.desk.say("sent").out
            let order = [over, old, answered, closed].map { list.range(of: $0)?.lowerBound }
            #expect(order.allSatisfy { $0 != nil }, "\(list)")
            #expect(zip(order, order.dropFirst()).allSatisfy { $0! < $1! }, "\(list)")
            #expect(list.hasPrefix("CALL BY TELEPHONE"), "\(list)")
            #expect(list.components(separatedBy: "CALL BY TELEPHONE").count == 2, "\(list)")
            func ids(_ words: String...) async throws -> Set<String> {
                let messages = try await practice.desk.json(["sent"] + words)["messages"]?.array ?? []
                return Set(messages.compactMap { $0["message"]?.string })
            }
            #expect(try await ids("--open") == [over, old, answered])
            #expect(try await ids("--overdue") == [over])
            #expect(try await practice.desk.json("status")["messages_to_telephone"]?.integer == 1)
            try await practice.remove()
        }

        @Test func aReplyThatTheRelayCouldNotTakeIsSentByTheNextCommandOnce() async throws {
            let practice = try await Practice.make()
            let message = try await practice.text("the relay goes away")
            _ = try await practice.clara.json("inbox")
            try await practice.relay.stop()
            let outcome = try await practice.clara.run("ack", message, "--by", Samples.promised)
            #expect(outcome.status == ExitCode.relayUnreachable)
            let untold = "NOT yet known to \(Practice.deskName): your acknowledgement is kept on this device"
            #expect(outcome.error?["message"]?.string?.hasPrefix(untold) == true)
            try await practice.relay.start()
            _ = try await practice.clara.json("inbox")
            _ = try await practice.clara.json("inbox")
            let state = try await practice.desk.json("sent", message)
            #expect(state["state"]?.string == "acknowledged")
            #expect(state["replies"]?.array?.count == 1)
            #expect(state["replies"]?.array?.first?["promised_at"]?.string == Samples.promised)
            try await practice.remove()
        }
    }
}

extension Person {
    /// Until the sender's own clock says that a message's time is over.
    fileprivate func waitUntilOverdue(_ message: String) async throws {
        for _ in 0..<100 {
            if try await json("sent", message)["overdue"]?.bool == true { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw PreparationFailed("\(message) never was overdue", nil)
    }
}
