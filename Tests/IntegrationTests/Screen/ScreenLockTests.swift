import DeviceKit
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension TerminalTests {
    /// `ui` is two processes: one keeps the terminal and knows nothing, the other draws and can be ended at any point.
    @Suite struct ScreenLockTests {
        private typealias Scene = ScreenTests

        /// Somebody's screen with an urgent message open.
        private func openMessage(_ name: String) async throws -> (Person, TmuxTerminal) {
            let practice = try await SharedPractice.screens.practice()
            let (person, member) = try await Scene.clinician(name, practice)
            _ = try await Scene.send(practice, to: member, urgency: "urgent")
            let terminal = try await TmuxTerminal.screen(person)
            try await terminal.waitFor("Connected.", "> URGENT")
            try await terminal.press("Enter")
            // It is shown before it is signed that it was read.
            try await terminal.waitFor("CALL BACK", "Maria Doe", "read, no answer")
            return (person, terminal)
        }

        /// The same, and somebody locks while the agent is stopped.
        private func lockUnheard(_ name: String) async throws -> (Person, TmuxTerminal, agent: pid_t) {
            let (person, terminal) = try await openMessage(name)
            let agent = try #require(person.processes.agent)
            kill(agent, SIGSTOP)
            try await terminal.press("L")
            // For as long as the agent is waited for; by the time that somebody looks it may be over.
            try await terminal.wait { text in
                (text.contains("Locking…") || text.contains("Nightbell is locked"))
                    && !Scene.insideTheSeal.contains { text.contains($0) }
            }
            return (person, terminal, agent)
        }

        @Test(arguments: ["list", "message", "question"])
        func killedItLosesNothingAndLeavesAUsableTerminal(_ place: String) async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, member) = try await Scene.clinician("killed-\(place)", practice)
            let message = try await Scene.send(practice, to: member, urgency: "urgent")
            let terminal = try await TmuxTerminal.screen(person)
            try await terminal.waitFor("Connected.", "> URGENT")
            if place != "list" {
                try await terminal.press("Enter")
                try await terminal.waitFor("CALL BACK")
            }
            // What is read is shown before it is signed; what was signed outlives everything.
            if place == "message" { try await terminal.waitFor("read, no answer") }
            if place == "question" {
                try await terminal.press("a", "1")
                try await terminal.waitFor("Acknowledged")
                try await terminal.press("c")
                try await terminal.waitFor("? How did it end?")
            }
            kill(try #require(person.processes.workers.first), SIGKILL)
            try await terminal.waitFor("nothing rings here until then")
            #expect(try await !terminal.hasAlternateScreen())
            let other = try await TmuxTerminal.open()
            #expect(try await other.settings() == terminal.settings())
            let left = try await terminal.everything()
            for words in Scene.insideTheSeal { #expect(!left.contains(words), "\(words)") }
            try await terminal.run("./ui")
            let kept = place == "list" ? "new" : place == "message" ? "read, no answer" : "acknowledged"
            try await terminal.waitFor("Nightbell  ", "Connected.", "> URGENT", kept)
            let messages = try await person.json("inbox")["messages"]?.array ?? []
            #expect(messages.compactMap { $0["message"]?.string } == [message])
            try await other.close()
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func withoutItsKeeperItEndsAndLeavesAUsableTerminal() async throws {
            let (person, terminal) = try await openMessage("orphan")
            kill(try await terminal.program(), SIGKILL)
            let isGone = try await ProfileProcesses.wait { person.processes.workers.isEmpty }
            #expect(isGone)
            try await terminal.wait { !$0.contains("CALL BACK") }
            #expect(try await !terminal.hasAlternateScreen())
            let left = try await terminal.everything()
            for words in Scene.insideTheSeal { #expect(!left.contains(words), "\(words)") }
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func lockedWithAMessageOpenNothingOfItIsLeftAnywhere() async throws {
            let (person, terminal) = try await openMessage("locker")
            let canaries = ["Maria Doe", "+12025550123", "MRN-4711", "now short of breath"].map { Array($0.utf8) }
            // What draws holds it: so the search would find it.
            let worker = try #require(person.processes.workers.first)
            #expect(ProfileProcesses.found(canaries, in: worker)?.isEmpty == false)
            // Ctrl-S holds no screen: what it shows would stay there.
            try await terminal.press("C-s")
            try await terminal.press("L")
            try await terminal.waitFor("Nightbell is locked")
            #expect(person.processes.workers.isEmpty)
            let left = try await terminal.everything()
            for words in Scene.insideTheSeal { #expect(!left.contains(words), "\(words)") }
            let remaining = person.processes.all
            #expect(remaining.count >= 2)
            for process in remaining { #expect(ProfileProcesses.found(canaries, in: process) == []) }
            // Unlocked, it goes on where nothing is open.
            try await terminal.press("Enter")
            let again = try await terminal.waitFor("Nightbell  ", "Connected.", "> URGENT", "read, no answer")
            for words in Scene.insideTheSeal { #expect(!again.contains(words), "\(words)") }
            try await terminal.press("C-c", "C-c")
            try await terminal.wait { !$0.contains("Connected.") }
            #expect(try await !terminal.hasAlternateScreen())
            try await terminal.close()
            try await person.endAgent()
        }

        /// Whoever locks sees nothing from then on, and what the screen says comes true when the agent is back.
        @Test func aLockThatTheAgentDidNotHearIsMadeGood() async throws {
            let (person, terminal, agent) = try await lockUnheard("unheard-lock")
            try await terminal.waitFor("Nightbell is locked", "does not answer")
            #expect(person.processes.workers.isEmpty)
            let left = try await terminal.everything()
            for words in Scene.insideTheSeal { #expect(!left.contains(words), "\(words)") }
            kill(agent, SIGCONT)
            try await terminal.waitFor("It was locked by hand")
            #expect(try await person.bare("inbox").status == ExitCode.locked)
            try await terminal.press("Enter")
            try await terminal.waitFor("Nightbell  ", "Connected.", "> URGENT")
            try await terminal.press("C-c", "C-c")
            try await terminal.close()
            try await person.endAgent()
        }

        /// The agent was too slow for the one who locked, and is back before anybody looks.
        @Test func aLockThatTheAgentHeardTooLateIsMadeGood() async throws {
            let (person, terminal, agent) = try await lockUnheard("late-lock")
            let isGone = try await ProfileProcesses.wait { person.processes.workers.isEmpty }
            kill(agent, SIGCONT)
            #expect(isGone)
            try await terminal.waitFor("Nightbell is locked")
            try await terminal.waitFor("It was locked by hand")
            #expect(try await person.bare("inbox").status == ExitCode.locked)
            // An agent that hears nothing rings for nothing: that is said, and said no more when it is back.
            kill(agent, SIGSTOP)
            try await terminal.waitFor("does not answer: nothing rings here")
            kill(agent, SIGCONT)
            try await terminal.waitFor("those that wait still ring")
            // Whatever the window was made of, it says where one is.
            try await terminal.resize(10, 3)
            try await terminal.resize(100, 30)
            try await terminal.waitFor("Nightbell is locked", "Press Enter to unlock it")
            try await terminal.press("C-c", "C-c")
            try await terminal.close()
            try await person.endAgent()
        }

        /// What is typed while the shell has the terminal is the shell's: no passphrase must get there.
        @Test func inTheBackgroundNothingIsAskedFor() async throws {
            let practice = try await SharedPractice.screens.practice()
            let (person, _) = try await Scene.clinician("background", practice)
            try await person.json("unlock")
            let terminal = try await TmuxTerminal.open(
                columns: 160,
                commands: ["watch": "exec '\(Programs.nightbell)' --profile '\(person.profile)' watch"])
            try await terminal.run("./watch &")
            try await terminal.waitFor("connected; nothing waits")
            try await person.json("lock")
            try await terminal.waitFor("was locked by", "messages are kept, and those that wait still ring")
            // Who reads lines learns as well that nothing rings any more.
            kill(try #require(person.processes.agent), SIGKILL)
            try await terminal.waitFor("its agent is gone or does not answer: nothing rings here until it is unlocked")
            // A fresh prompt below what was written.
            try await terminal.press("Enter")
            try await terminal.run("echo as$((40 + 2))ked")
            try await terminal.waitFor("as42ked")
            #expect(try await !terminal.text().contains("assphrase"))
            // What it said when it was started goes from the screen.
            try await terminal.run("clear; fg")
            try await person.json("unlock")
            try await terminal.waitFor("connected; nothing waits")
            try await terminal.press("C-c")
            try await terminal.close()
            try await person.endAgent()
        }

        /// A screen that a shell waits for, with an urgent message in its list.
        /// - Parameter starter: What starts it in its turn.
        private func startFromAShell(_ name: String, by starter: String = "") async throws -> (Person, TmuxTerminal) {
            let practice = try await SharedPractice.screens.practice()
            let (person, member) = try await Scene.clinician(name, practice)
            _ = try await Scene.send(practice, to: member, urgency: "urgent")
            try await person.json("unlock")
            let terminal = try await TmuxTerminal.open(
                columns: 160,
                commands: ["ui": "exec \(starter) '\(Programs.nightbell)' --profile '\(person.profile)' ui"])
            try await terminal.run("./ui")
            try await terminal.waitFor("Connected.", "> URGENT")
            return (person, terminal)
        }

        /// As after `su -c`: whether anybody is in the foreground there is not to be learnt.
        @Test func aTerminalThatControlsNobodyIsClearedAndTakesKeys() async throws {
            let (person, terminal) = try await startFromAShell("uncontrolled", by: "setsid -w")
            try await terminal.press("Enter")
            try await terminal.waitFor("CALL BACK", "Maria Doe")
            try await person.json("lock")
            try await terminal.waitFor("Nightbell is locked")
            let left = try await terminal.everything()
            for words in Scene.insideTheSeal { #expect(!left.contains(words), "\(words)") }
            // A passphrase that is typed is seen by nobody.
            try await terminal.press("x", "y", "z", "z", "y")
            try await terminal.press("C-c")
            let asked = try await terminal.waitFor("Nightbell is locked", "press Ctrl-C again to leave")
            #expect(!asked.contains("zzy"))
            try await terminal.press("C-c")
            try await terminal.waitFor("the profile stays locked, and nothing rings here any more")
            #expect(try await !terminal.hasAlternateScreen())
            // On a profile that is locked it begins with the same.
            try await terminal.run("clear; ./ui")
            try await terminal.waitFor("Nightbell is locked", "this screen goes on by itself")
            try await person.json("unlock")
            try await terminal.waitFor("Connected.", "> URGENT")
            try await terminal.press("C-c", "C-c")
            try await terminal.wait { !$0.contains("Connected.") }
            try await terminal.close()
            try await person.endAgent()
        }

        /// A keeper that is stopped clears nothing: whoever locks must not be told that all is gone while it is there to read.
        @Test func aScreenThatWasStoppedIsClearedByTheLock() async throws {
            let (person, terminal) = try await startFromAShell("stopped-screen")
            try await terminal.press("Enter")
            try await terminal.waitFor("CALL BACK", "Maria Doe")
            let processes = person.processes
            let others = processes.workers + [processes.agent].compactMap { $0 }
            kill(try #require(processes.all.first { !others.contains($0) }), SIGSTOP)
            try await terminal.waitFor("Stopped")
            try await person.json("lock")
            let left = try await terminal.everything()
            for words in Scene.insideTheSeal { #expect(!left.contains(words), "\(words)") }
            try await terminal.press("Enter")
            try await terminal.run("fg")
            try await terminal.waitFor("Nightbell is locked")
            try await terminal.press("C-c", "C-c")
            try await terminal.close()
            try await person.endAgent()
        }

        /// Takes the terminal as soon as `take` is there, and gives it back when that is gone, while a screen goes on.
        private static let taker = """
            import os, signal, subprocess, sys, time
            screen = subprocess.Popen(sys.argv[1:])
            group = os.getpgrp()
            def wait(there):
                while os.path.exists("take") != there: time.sleep(0.02)
            if os.fork() == 0:
                signal.signal(signal.SIGTTOU, signal.SIG_IGN)
                wait(True)
                os.setpgid(0, 0)
                os.tcsetpgrp(0, os.getpid())
                os.mkdir("taken")
                wait(False)
                os.tcsetpgrp(0, group)
                os._exit(0)
            screen.wait()
            """

        @Test func whatIsOpenGoesWhoeverHasTheTerminal() async throws {
            let taker = FileManager.default.temporaryDirectory.path + "/taker-\(UUID().uuidString).py"
            try Data(Self.taker.utf8).write(to: URL(fileURLWithPath: taker))
            defer { try? FileManager.default.removeItem(atPath: taker) }
            let (person, terminal) = try await startFromAShell("overlaid", by: "python3 '\(taker)'")
            try await terminal.press("Enter")
            try await terminal.waitFor("CALL BACK", "Maria Doe")
            let manager = FileManager.default
            try manager.createDirectory(atPath: terminal.folder + "/take", withIntermediateDirectories: false)
            try await terminal.wait { _ in manager.fileExists(atPath: terminal.folder + "/taken") }
            try await person.json("lock")
            try await terminal.wait { !$0.contains("CALL BACK") }
            let left = try await terminal.everything()
            for words in Scene.insideTheSeal { #expect(!left.contains(words), "\(words)") }
            #expect(try await !terminal.hasAlternateScreen())
            // Given back, it asks for the passphrase.
            try manager.removeItem(atPath: terminal.folder + "/take")
            try await terminal.waitFor("Nightbell is locked", "this screen goes on by itself")
            try await terminal.press("C-c", "C-c")
            try await terminal.wait { !$0.contains("Nightbell is locked") }
            try await terminal.close()
            try await person.endAgent()
        }

        /// Neither the keeper, which is stopped, nor the agent, which is gone, can clear it: the one that drew does.
        @Test func aScreenThatWasStoppedIsClearedWhenTheAgentIsKilled() async throws {
            let (person, terminal) = try await startFromAShell("stopped-alone")
            try await terminal.press("Enter")
            try await terminal.waitFor("CALL BACK", "Maria Doe")
            let processes = person.processes
            let agent = try #require(processes.agent)
            kill(try #require(processes.all.first { !(processes.workers + [agent]).contains($0) }), SIGSTOP)
            try await terminal.waitFor("Stopped")
            kill(agent, SIGKILL)
            try await terminal.wait { !$0.contains("CALL BACK") }
            let left = try await terminal.everything()
            for words in Scene.insideTheSeal { #expect(!left.contains(words), "\(words)") }
            #expect(try await !terminal.hasAlternateScreen())
            try await terminal.press("Enter")
            try await terminal.run("fg")
            try await terminal.waitFor("Nightbell is locked")
            try await terminal.press("C-c", "C-c")
            try await terminal.close()
            try await person.endAgent()
        }

        @Test func whatAKeyFileOpensIsUnlockedFromAnotherTerminal() async throws {
            let (person, terminal) = try await startFromAShell("keyed")
            try await terminal.press("L")
            let command = "nightbell unlock --profile \(person.profile) --key-file FILE"
            try await terminal.waitFor(
                "Nightbell is locked", "It is opened with a key file. In another terminal, type", command,
                "this screen goes on by itself")
            // Nothing that is typed here could open it.
            try await terminal.press("x", "Enter")
            #expect(try await !terminal.text().contains("assphrase"))
            try await person.json("unlock")
            try await terminal.waitFor("Nightbell  ", "Connected.", "> URGENT")
            // The same when the agent was ended, and another one is started.
            try await person.endAgent()
            try await terminal.waitFor("Nightbell is locked", command)
            try await person.json("unlock")
            try await terminal.waitFor("Nightbell  ", "Connected.", "> URGENT")
            try await terminal.press("L")
            try await terminal.waitFor("Nightbell is locked")
            // Nobody silences it by a slip of the hand.
            try await terminal.press("C-c")
            try await terminal.waitFor("Nightbell is locked", "press Ctrl-C again to leave: nothing rings here then")
            try await terminal.press("x")
            try await terminal.wait { !$0.contains("again to leave") }
            try await terminal.press("C-c", "C-c")
            try await terminal.waitFor("the profile stays locked, and nothing rings here any more")
            #expect(try await !terminal.hasAlternateScreen())
            try await terminal.close()
            try await person.endAgent()
        }
    }
}
