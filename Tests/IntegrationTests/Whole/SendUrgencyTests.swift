import DeviceKit
import Foundation
import Testing

extension ProgramTests {
    /// A record that says of itself that it is more urgent than it is sent.
    @Suite struct SendUrgencyTests {
        @Test(arguments: [("routine", true), ("same_day", true), ("urgent", false), ("emergent", false)])
        func aLowerUrgencyThanTheRecordsIsSaidAndSent(_ urgency: String, _ isLower: Bool) async throws {
            let practice = try await SharedPractice.shared.practice()
            let file = try practice.recordFile()
            let outcome = try await practice.desk.run(
                "send", "--to", Practice.danName, "--urgency", urgency, "--record", file)
            #expect(outcome.status == ExitCode.done)
            let warnings = try outcome.json()["warnings"]?.array ?? []
            #expect(warnings.count == (isLower ? 1 : 0))
            #expect(outcome.err.contains("the record says URGENT") == isLower, "\(outcome.err)")
            // Whoever reads it at a terminal is told as well.
            let id = try #require(try outcome.json()["message"]?.string)
            let read = try await practice.dan.say("read", id)
            #expect(read.out.contains("The record itself says URGENT: it was sent as ") == isLower, "\(read.out)")
            guard isLower else { return }
            #expect(
                warnings.first?.string?.hasSuffix(
                    "nightbell send --to \"\(Practice.danName)\" --urgency urgent --record \(file)") == true)
        }

        @Test func aTextHasNoUrgencyOfItsOwn() async throws {
            let practice = try await SharedPractice.shared.practice()
            let sent = try await practice.desk.json(
                "send", "--to", Practice.danName, "--urgency", "routine", "--text", "emergent")
            #expect(sent["warnings"]?.array?.isEmpty == true)
        }

        @Test func whoeverEndsItWhileTypingHearsThatItIsNotSent() async throws {
            let practice = try await SharedPractice.shared.practice()
            let desk = practice.desk
            let send =
                "exec '\(Programs.nightbell)' --profile '\(desk.profile)' --key-file '\(desk.keyFile)' send "
                + "--to '\(Practice.danName)' --urgency routine --text -"
            let terminal = try await TmuxTerminal.open(commands: ["send": send])
            try await terminal.run("clear; ./send; echo status $?")
            try await terminal.waitFor("Type the text; Ctrl-D on an empty line ends it.")
            try await terminal.press("C-c")
            try await terminal.waitFor("NOT SENT, and nothing is kept")
            try await terminal.close()
        }

        @Test func whoeverTypesIsAskedBeforeItIsSent() async throws {
            let practice = try await SharedPractice.shared.practice()
            let desk = practice.person("asked-desk")
            try await practice.join(desk.name, as: "Asked Desk", "intake")
            let send =
                "exec '\(Programs.nightbell)' --profile '\(desk.profile)' --key-file '\(desk.keyFile)' send "
                + "--to '\(Practice.danName)' --urgency routine --record '\(try practice.recordFile())'"
            let terminal = try await TmuxTerminal.open(commands: ["send": send])
            try await terminal.run("clear; ./send; echo status $?")
            try await terminal.waitFor("the record says URGENT", "[y/N]")
            try await terminal.press("Enter")
            try await terminal.waitFor("NOT SENT, and nothing is kept", "status \(ExitCode.failed)")
            #expect(try await desk.json("sent")["messages"]?.array?.isEmpty == true)
            try await terminal.run("clear; ./send; echo status $?")
            try await terminal.waitFor("[y/N]")
            try await terminal.press("y", "Enter")
            try await terminal.waitFor("sealed to 1 device", "status \(ExitCode.done)")
            #expect(try await desk.json("sent")["messages"]?.array?.count == 1)
            try await terminal.close()
        }
    }
}
