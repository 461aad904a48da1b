import DeviceKit
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension TerminalTests {
    /// `ui`, typed into and looked at in a terminal.
    @Suite struct ScreenTests {
        /// What stands only inside the seal of ``Samples/record(id:)``.
        static let insideTheSeal = ["Maria Doe", "Jamie", "+1 202 555 0123", "short of breath", "MRN-4711"]

        /// A clinician of their own for one test.
        static func clinician(_ name: String, _ practice: Practice) async throws -> (person: Person, member: String) {
            let member = "Dr. \(name.prefix(1).uppercased())\(name.dropFirst())"
            try await practice.join(name, as: member, "provider")
            return (practice.person(name), member)
        }

        static func send(_ practice: Practice, to member: String, urgency: String) async throws -> String {
            let sent = try await practice.desk.json(
                "send", "--to", member, "--urgency", urgency, "--record",
                try practice.recordFile(
                    Samples.record().replacing("\"urgency\":\"urgent\"", with: "\"urgency\":\"\(urgency)\"")))
            return sent["message"]?.string ?? ""
        }

        static func actions(_ practice: Practice, _ message: String) async throws -> [String?] {
            try await practice.desk.json("sent", message)["states"]?.array?.map { $0["action"]?.string } ?? []
        }

        @Test func aPageArrivesRingsIsOpenedAcknowledgedAndClosed() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, member) = try await Self.clinician("screener", practice)
            let terminal = try await TmuxTerminal.open(
                commands: [
                    "ui": "exec '\(Programs.nightbell)' --profile '\(person.profile)' --key-file '\(person.keyFile)' ui"
                ])
            let settings = try await terminal.settings()
            try await terminal.run("./ui")
            try await terminal.waitFor("Connected.", "No messages. Nothing waits for you.")
            #expect(try await terminal.hasAlternateScreen())
            let before = terminal.rings()

            let message = try await Self.send(practice, to: member, urgency: "emergent")
            let alarm = try await terminal.waitFor("E M E R G E N T", "Press Enter to open it")
            for words in Self.insideTheSeal { #expect(!alarm.contains(words), "\(words)") }
            // It rings, and goes on ringing.
            try await terminal.wait { _ in terminal.rings() >= before + 2 }
            #expect(try await !Self.actions(practice, message).contains("read"))

            try await terminal.press("Enter")
            let opened = try await terminal.waitFor("CALL BACK", "+1 202 555 0123", "confirmed", "Verified:")
            let allergies = opened.split(separator: "\n").first { $0.contains("ALLERGIES") }
            #expect(allergies?.hasSuffix("not recorded") == true)
            try await terminal.press("a")
            try await terminal.waitFor("Acknowledge: it is yours now. How?")
            try await terminal.press("1")
            try await terminal.waitFor("Acknowledged; proven as entry")
            #expect(try await Self.actions(practice, message) == ["delivered", "read", "acknowledged"])

            try await terminal.press("c")
            try await terminal.waitFor("? How did it end?")
            try await terminal.press("Enter")
            let list = try await terminal.waitFor("; proven as entry", "Closed (", "closed")
            for words in Self.insideTheSeal { #expect(!list.contains(words), "\(words)") }
            #expect(try await Self.actions(practice, message).last == "closed")

            try await terminal.press("q")
            try await terminal.expectUsable(settings)
            let left = try await terminal.everything()
            for words in Self.insideTheSeal + ["Nightbell  "] { #expect(!left.contains(words), "\(words)") }
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func itFollowsTheSizeOfItsTerminal() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, member) = try await Self.clinician("resizer", practice)
            _ = try await Self.send(practice, to: member, urgency: "urgent")
            let terminal = try await TmuxTerminal.screen(person)
            let list = try await terminal.waitFor("Connected.", "> URGENT", "answer in")
            for words in Self.insideTheSeal { #expect(!list.contains(words), "\(words)") }
            try await terminal.press("Enter")
            try await terminal.waitFor("CALL BACK")
            #expect(try await !terminal.text().contains("WHAT WAS DONE"))
            try await terminal.resize(200, 60)
            let large = try await terminal.waitFor("WHAT WAS DONE AND PROVEN", "CALL BACK", "URGENCY", "decrypted")
            #expect(large.split(separator: "\n").contains { $0.count > 190 })
            try await terminal.resize(80, 24)
            try await terminal.wait {
                !$0.contains("WHAT WAS DONE") && $0.contains("CALL BACK") && $0.contains("? help")
            }
            try await terminal.press("s")
            try await terminal.waitFor("WHAT WAS DONE AND PROVEN FOR THIS MESSAGE", "decrypted")
            try await terminal.resize(60, 12)
            try await terminal.waitFor("The screen needs 80")
            try await terminal.resize(120, 40)
            try await terminal.waitFor("WHAT WAS DONE AND PROVEN FOR THIS MESSAGE")
            try await terminal.close()
            try await person.endAgent()
        }

        @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
        func aSignalEndsItAndLeavesTheTerminalAsItWas(_ signal: Int32) async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, member) = try await Self.clinician("signalled\(signal)", practice)
            _ = try await Self.send(practice, to: member, urgency: "urgent")
            let terminal = try await TmuxTerminal.screen(person)
            try await terminal.waitFor("Connected.", "> URGENT")
            try await terminal.press("Enter")
            try await terminal.waitFor("CALL BACK")
            // Ctrl-C asks, for the message waits.
            if signal == SIGINT {
                try await terminal.press("C-c", "C-c")
            } else {
                kill(try await terminal.program(), signal)
            }
            try await terminal.wait { $0.contains("$") && !$0.contains("CALL BACK") }
            let isGone = try await ProfileProcesses.wait { person.processes.workers.isEmpty }
            #expect(isGone)
            #expect(try await !terminal.hasAlternateScreen())
            let settings = try await terminal.settings()
            let other = try await TmuxTerminal.open()
            #expect(try await other.settings() == settings)
            let left = try await terminal.everything()
            for words in Self.insideTheSeal { #expect(!left.contains(words), "\(words)") }
            try await other.close()
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func aFaultOfTheProgramLeavesTheTerminalAsItWas() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, member) = try await Self.clinician("faulty", practice)
            let message = try await Self.send(practice, to: member, urgency: "urgent")
            let terminal = try await TmuxTerminal.screen(person)
            try await terminal.waitFor("Connected.", "> URGENT")
            kill(try #require(person.processes.workers.first), SIGSEGV)
            // What the worker said stays, beside what its keeper says.
            try await terminal.waitFor("the screen ended by a fault of the program", "(signal 11)")
            #expect(try await !terminal.hasAlternateScreen())
            let other = try await TmuxTerminal.open()
            #expect(try await other.settings() == terminal.settings())
            let messages = try await person.json("inbox")["messages"]?.array ?? []
            #expect(messages.compactMap { $0["message"]?.string } == [message])
            try await other.close()
            try await terminal.close()
            try await person.endAgent()
        }

        /// Nobody of its own is left to clear up.
        @Test func killedWholeItLeavesAUsableTerminal() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, member) = try await Self.clinician("killed", practice)
            let message = try await Self.send(practice, to: member, urgency: "urgent")
            let terminal = try await TmuxTerminal.screen(person)
            try await terminal.waitFor("Connected.", "> URGENT")
            try await terminal.press("Enter")
            try await terminal.waitFor("CALL BACK")
            try await terminal.killWhole(person)
            try await terminal.wait { _ in try await !terminal.hasAlternateScreen() }
            // The shell may have asked for its next command before the screen was left.
            try await terminal.press("Enter")
            let settings = try await terminal.settings()
            let other = try await TmuxTerminal.open()
            #expect(try await other.settings() == settings)
            let left = try await terminal.everything()
            for words in Self.insideTheSeal { #expect(!left.contains(words), "\(words)") }
            let messages = try await person.json("inbox")["messages"]?.array ?? []
            #expect(messages.compactMap { $0["message"]?.string } == [message])
            try await other.close()
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func killedInTheBackgroundItLeavesTheTerminalToWhoeverHasIt() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, _) = try await Self.clinician("shelved", practice)
            let terminal = try await TmuxTerminal.screen(person)
            try await terminal.waitFor("Connected.")
            try await terminal.stopProgram()
            // One job, which has the terminal by the time that its words are seen.
            try await terminal.run("sh -c 'tput smcup; stty -echo; echo mine-$((6 * 7)); exec cat'")
            try await terminal.waitFor("mine-42")
            try await terminal.killWhole(person)
            // The agent has seen their end before it answers this.
            _ = try await person.json("status")
            #expect(try await terminal.hasAlternateScreen())
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func itCanBeStoppedAndTakenUpAgain() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, _) = try await Self.clinician("stopper", practice)
            let terminal = try await TmuxTerminal.screen(person)
            try await terminal.waitFor("Connected.")
            // A hand that slips must not silence it.
            try await terminal.press("C-z")
            try await terminal.waitFor(
                "Nightbell  ", "Ctrl-Z would silence this screen: press q to leave or L to lock.")
            let program = try await terminal.program()
            for alone in [false, true] {
                try await terminal.stopProgram(alone: alone)
                #expect(try await !terminal.hasAlternateScreen())
                // In the background it would draw over the shell.
                try await terminal.run("clear; bg")
                try await terminal.waitFor("cannot run in the background", "stays stopped")
                // A fresh prompt below what was written.
                try await terminal.press("Enter")
                try await terminal.run(
                    "until ps -o stat= -p \(program) | grep -q T; do sleep 0.1; done; echo stopped-$((6 * 7))")
                try await terminal.waitFor("stopped-42")
                #expect(try await !terminal.hasAlternateScreen())
                try await terminal.run("fg")
                try await terminal.waitFor("Nightbell  ", "No messages.")
                #expect(try await terminal.hasAlternateScreen())
            }
            // The pause has given Ctrl-Z back to nobody.
            try await terminal.press("?")
            try await terminal.waitFor("THE OPEN MESSAGE")
            try await terminal.press("C-z")
            try await terminal.waitFor("THE OPEN MESSAGE", "Ctrl-Z would silence this screen")
            try await terminal.press("Escape")
            try await terminal.waitFor("No messages.")
            // Whatever else wrote on it meanwhile goes with Ctrl-L.
            try await terminal.write("\u{1B}[HYou have new mail.")
            try await terminal.waitFor("You have new mail.")
            try await terminal.press("C-l")
            try await terminal.wait { $0.contains("Nightbell  ") && !$0.contains("new mail") }
            try await terminal.press("q")
            try await terminal.wait { !$0.contains("Nightbell  ") }
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func aRevocationEndsItAndItsWordsStayToBeRead() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, _) = try await Self.clinician("unwanted", practice)
            let device = try #require(try await person.json("status")["device"]?.string)
            let terminal = try await TmuxTerminal.open(
                commands: [
                    "ui": "exec '\(Programs.nightbell)' --profile '\(person.profile)' --key-file '\(person.keyFile)' ui"
                ])
            // Half a screen of the shell's own stands above: the words must come below it.
            try await terminal.run("clear; for n in 1 2 3 4 5 6; do echo line-$n; done; ./ui")
            try await terminal.waitFor("Connected.")
            try await practice.admin.json("admin", "revoke", device, "--reason", "left in a taxi")
            let text = try await terminal.wait {
                $0.split(separator: "\n").last?.trimmingCharacters(in: .whitespaces) == "$"
            }
            let lines = text.split(separator: "\n").map(String.init)
            let error = try #require(
                lines.firstIndex { $0.hasPrefix("nightbell: error: this device was revoked") }, "\(text)")
            let before = try #require(lines.firstIndex { $0.hasPrefix("line-6") }, "\(text)")
            let hint = try #require(
                lines.firstIndex { $0.hasPrefix("nightbell: hint: nothing rings here any more") }, "\(text)")
            #expect(before < error && error < hint && hint < lines.count - 1, "\(text)")
            #expect(try await !terminal.hasAlternateScreen())
            try await terminal.close()
        }

        /// Another program of the profile learns of it, and the screen is ended before it does: what counts is said all the same.
        @Test func aRevocationIsSaidAlsoForAScreenThatCannot() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, _) = try await Self.clinician("speechless", practice)
            let device = try #require(try await person.json("status")["device"]?.string)
            let terminal = try await TmuxTerminal.screen(person)
            try await terminal.waitFor("Connected.")
            kill(try #require(person.processes.workers.first), SIGSTOP)
            try await practice.admin.json("admin", "revoke", device, "--reason", "left in a taxi")
            // What is stopped may hold the store, until it is missed.
            let isKnown = try await ProfileProcesses.wait { try await person.run("inbox").code == "revoked" }
            #expect(isKnown)
            try await terminal.waitFor(
                "nightbell: error: this device was revoked (reason: left in a taxi;",
                "nightbell: hint: nothing rings here any more")
            #expect(try await !terminal.hasAlternateScreen())
            try await terminal.close()
        }

        /// What `doctor` says, without a terminal and without a desktop.
        private static func examined(_ person: Person) async throws -> [String: String] {
            let outcome = try await Programs.run(
                Programs.nightbell, ["--profile", person.profile, "--json", "doctor"],
                environment: ["DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"])
            let checks = try outcome.json()["checks"]?.array ?? []
            return Dictionary(
                checks.map { ($0["name"]?.string ?? "", $0["message"]?.string ?? "") }, uniquingKeysWith: { $1 })
        }

        @Test func aWatcherThatIsStoppedSaysThatItDoesNotRing() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, member) = try await Self.clinician("pauser", practice)
            try await person.json("unlock")
            let terminal = try await TmuxTerminal.open(
                columns: 120, commands: ["watch": "exec '\(Programs.nightbell)' --profile '\(person.profile)' watch"])
            try await terminal.run("./watch")
            try await terminal.waitFor("connected")
            // Whoever asks from elsewhere is told of the terminal that rings.
            let ringing = try await Self.examined(person)
            #expect(ringing["watch"] == "a program stays connected for this profile")
            #expect(ringing["notifications"]?.contains("has a terminal to ring") == true, "\(ringing)")
            try await terminal.press("C-z")
            try await terminal.waitFor("stopped: while it is, nothing rings here; \"fg\" lets it ring again")
            // It says so before it stops.
            let isKnown = try await ProfileProcesses.wait {
                try await Self.examined(person)["watch"]?.contains("was stopped (Ctrl-Z)") == true
            }
            #expect(isKnown)
            try await terminal.run("fg")
            _ = try await Self.send(practice, to: member, urgency: "urgent")
            try await terminal.waitFor("URGENT from")
            try await terminal.press("C-c")
            try await terminal.waitFor("WAITS FOR AN ANSWER", "nothing rings here any more")
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func withoutALinkItShowsWhatIsStoredAndKeepsWhatIsSaid() async throws {
            let practice = try await Practice.make()
            let message = try await Self.send(practice, to: Practice.claraName, urgency: "urgent")
            _ = try await practice.clara.json("inbox")
            try await practice.relay.stop()
            let terminal = try await TmuxTerminal.screen(practice.clara)
            try await terminal.waitFor("NO LINK since", "> URGENT", "new")
            try await terminal.press("Enter")
            try await terminal.waitFor("CALL BACK", "+1 202 555 0123")
            try await terminal.press("a", "1")
            try await terminal.waitFor("NOT yet known to the sender", "NOT SENT: acknowledged")
            // The screen is ended in the middle: what was said is not lost.
            try await terminal.press("C-c")
            try await terminal.waitFor("1 answer is NOT SENT")
            try await terminal.press("C-c")
            try await terminal.waitFor("1 ANSWER IS NOT SENT, and this screen rings no more")
            try await terminal.run("./ui")
            try await terminal.waitFor("NO LINK since", "1 answer NOT yet known to the sender")
            try await practice.relay.start()
            try await terminal.waitFor("Connected.", "proven as entry")
            try await terminal.wait { !$0.contains("NOT") }
            #expect(try await Self.actions(practice, message) == ["delivered", "read", "acknowledged"])
            try await terminal.close()
            try await practice.clara.endAgent()
            try await practice.remove()
        }

        @Test func whereNoScreenCanBeShownItSaysSo() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, _) = try await Self.clinician("screenless", practice)
            let piped = try await person.say("ui")
            #expect(piped.status == ExitCode.usage)
            #expect(piped.err.contains("needs a terminal"))
            #expect(try await person.run("ui").code == "no_json")
            let terminal = try await TmuxTerminal.open(
                commands: [
                    "ui": "exec '\(Programs.nightbell)' --profile '\(person.profile)' --key-file '\(person.keyFile)' ui"
                ])
            try await terminal.run("clear; TERM=dumb ./ui; echo status $?")
            try await terminal.waitFor("cannot show a screen", "status \(ExitCode.configuration)")
            try await terminal.run("clear; TERM=no-such-terminal ./ui; echo status $?")
            try await terminal.waitFor("no terminal of the type", "status \(ExitCode.configuration)")
            try await terminal.run("clear; ./ui & wait $!; echo status $?")
            try await terminal.waitFor("cannot run in the background", "status \(ExitCode.usage)")
            try await terminal.run("clear; NO_COLOR=1 ./ui")
            try await terminal.waitFor("Nightbell  ", "Connected.")
            try await terminal.close()
            try await person.endAgent()
        }
    }
}
