import DeviceKit
import Foundation
import Statements
import Testing

extension TerminalTests {
    /// What belongs to a message, as `ui` shows it: replies, promises, hand-offs, files.
    @Suite struct ScreenThreadTests {
        private typealias Scene = ScreenTests

        @Test func aReplyIsReadWithItsMessage() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, member) = try await Scene.clinician("threader", practice)
            let message = try await Scene.send(practice, to: member, urgency: "urgent")
            let terminal = try await TmuxTerminal.screen(person)
            try await terminal.waitFor("Connected.", "> URGENT")
            // Asked from another terminal, answered by the desk.
            let asked = try await person.json("reply", message, "--text", "How high is the fever?")
            _ = try await practice.desk.json("inbox")
            let question = try #require(asked["message"]?.string)
            let before = terminal.rings()
            let answered = try await practice.desk.json("reply", question, "--text", "39.8 since noon")
            let answer = try #require(answered["message"]?.string)
            let list = try await terminal.waitFor("new reply", "\(Practice.deskName) replied")
            #expect(list.components(separatedBy: "URGENT").count == 2, "one line for all:\n\(list)")
            #expect(!list.contains("39.8 since noon"))
            try await terminal.wait { _ in terminal.rings() > before }
            // What is new is seen without a key, and what it answers above it.
            try await terminal.press("Enter")
            try await terminal.waitFor(
                "You replied to \(Practice.deskName)", "How high is the fever?", "\(Practice.deskName) replied  NEW",
                "39.8 since noon")
            try await terminal.press("Home")
            try await terminal.waitFor("CALL BACK", "+1 202 555 0123")
            // The desk learns that both were read.
            let isRead = try await ProfileProcesses.wait {
                try await Scene.actions(practice, answer) == ["delivered", "read"]
            }
            #expect(isRead)
            #expect(try await Scene.actions(practice, message) == ["delivered", "read"])
            try await terminal.press("Escape")
            try await terminal.wait { $0.contains("read, no answer") && !$0.contains("new reply") }
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func aPromisedTimeComesBack() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, member) = try await Scene.clinician("promise-keeper", practice)
            let message = try await Scene.send(practice, to: member, urgency: "urgent")
            let terminal = try await TmuxTerminal.screen(person)
            try await terminal.waitFor("Connected.", "> URGENT")
            // What is promised must still be to come when it is said, and when that is seen.
            try await person.json("ack", message, "--by", Timestamp.now().adding(seconds: 57).description)
            try await terminal.waitFor("acknowledged", "call in 0:")
            let before = terminal.rings()
            try await terminal.waitFor("CALL LATE", "It is time for the call that you promised")
            // What writes down all that the terminal gets may be behind what is seen.
            try await terminal.wait { _ in terminal.rings() > before }
            #expect(try await !terminal.text().contains("E M E R G E N T"))
            try await terminal.press("Enter")
            try await terminal.waitFor("CALL BACK", "CALL LATE by", "(you promised")
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func aHandOffShowsWhoseHandsItWentThrough() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (eve, member) = try await Scene.clinician("taker", practice)
            let (giver, giverName) = try await Scene.clinician("giver", practice)
            let message = try await Scene.send(practice, to: giverName, urgency: "urgent")
            _ = try await giver.json("inbox")
            let terminal = try await TmuxTerminal.screen(eve, columns: 100, rows: 40)
            try await terminal.waitFor("Connected.")
            let handed = try await giver.json(
                "hand-off", message, "--to", member, "--text", "I am in theatre until four.")
            try await terminal.waitFor("> URGENT", giverName)
            try await terminal.press("Enter")
            try await terminal.waitFor(
                "HANDED ON    by \(giverName)", "I am in theatre until four.", "FIRST SENT   by \(Practice.deskName)",
                "Verified: to the letter what \(Practice.deskName) signed.", "CALL BACK", "+1 202 555 0123")
            try await terminal.press("a", "1")
            try await terminal.waitFor("Acknowledged; proven as entry")
            let forward = try #require(handed["forward"]?["message"]?.string)
            #expect(try await Scene.actions(practice, message).last == "handed_off")
            #expect(try await giver.json("sent", forward)["state"]?.string == "acknowledged")
            try await terminal.close()
            // Whoever handed it on sees below it what became of it.
            let other = try await TmuxTerminal.screen(giver, columns: 100, rows: 60)
            try await other.waitFor("handed to \(member)")
            try await other.press("Enter")
            try await other.waitFor(
                "WHAT WAS SAID AND DONE ABOUT IT", "You handed it to \(member)", "I am in theatre until four.",
                "\(member): acknowledged")
            try await other.close()
            try await eve.endAgent()
            try await giver.endAgent()
        }

        @Test func filesAreSavedIntoAFolderOfOnesChoice() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, member) = try await Scene.clinician("saver", practice)
            let terminal = try await TmuxTerminal.screen(person, columns: 120, rows: 40)
            let source = terminal.folder + "/call.wav"
            let bytes = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) })
            try bytes.write(to: URL(fileURLWithPath: source))
            let sent = try await practice.desk.json(
                "send", "--to", member, "--urgency", "urgent", "--record", try practice.recordFile(), "--attach", source
            )
            let message = try #require(sent["message"]?.string)
            try await terminal.waitFor("Connected.", "> URGENT")
            try await terminal.press("Enter")
            try await terminal.waitFor("CALL BACK")
            try await terminal.press("End")
            try await terminal.waitFor("FILES", "v saves them", "call.wav", "2.9 MiB")
            // Where there is no folder, and none can be made.
            try await terminal.press("v")
            try await terminal.waitFor("Save its files into which folder?", "the sender learns")
            try await terminal.type("no/such/place")
            try await terminal.press("Enter")
            try await terminal.waitFor(
                "Not saved: the folder \"no/such/place\" is not there and cannot be made. Name a folder that is there.")
            #expect(try await !Scene.actions(practice, message).contains("disclosed"))
            try await terminal.press("v")
            try await terminal.waitFor("Save its files into which folder?")
            try await terminal.type("./saved")
            try await terminal.press("Enter")
            try await terminal.waitFor("Saved 1 file into /", "the sender is told.")
            let saved = FileManager.default.contents(atPath: terminal.folder + "/saved/call.wav")
            #expect(saved == bytes)
            let isTold = try await ProfileProcesses.wait {
                try await Scene.actions(practice, message).contains("disclosed")
            }
            #expect(isTold)
            // Nothing is written over.
            try Data("mine".utf8).write(to: URL(fileURLWithPath: terminal.folder + "/saved/call.wav"))
            try await terminal.press("v")
            try await terminal.waitFor("Save its files into which folder?")
            try await terminal.type("./saved")
            try await terminal.press("Enter")
            try await terminal.waitFor("is there already, and nothing is written over")
            try await terminal.close()
            try await person.endAgent()
        }

        /// What scripts are told stays until a person has seen it.
        private static func isAnnounced(to person: Person) async throws -> Bool {
            let notices = try await person.json("status")["notices"]?.array ?? []
            return notices.contains { $0.string?.contains("a further device of this member joined") ?? false }
        }

        @Test func aFurtherDeviceIsAnnouncedUntilItsNoticeWasRead() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, member) = try await Scene.clinician("twofold", practice)
            let terminal = try await TmuxTerminal.screen(person)
            try await terminal.waitFor("Connected.", "No messages.")
            try await practice.join("twofold-tablet", as: member, "provider")
            try await terminal.waitFor("A NEW DEVICE joined: press !")
            #expect(try await Self.isAnnounced(to: person))
            try await terminal.press("!")
            try await terminal.waitFor("FINDINGS AND NOTICES", "a further device of this member joined")
            try await terminal.wait { !$0.contains("A NEW DEVICE") }
            let isSeen = try await ProfileProcesses.wait { try await !Self.isAnnounced(to: person) }
            #expect(isSeen)
            try await terminal.close()
            try await person.endAgent()
        }
    }
}
