import DeviceKit
import Foundation
import Secrets
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension WatcherTests {
    /// `unlock`, `lock`, and the agent between them.
    @Suite struct UnlockTests {
        /// Somebody with a profile of their own, for these tests lock and unlock.
        private func someone(_ name: String) async throws -> (Practice, Person) {
            let practice = try await SharedPractice.watchers.practice()
            let person = practice.person("unlock-\(name)")
            try await practice.join(person.name, as: "Una \(name)", "provider")
            return (practice, person)
        }

        private static func open(_ path: String, _ mode: mode_t) -> Bool { unsafe chmod(path, mode) == 0 }

        @Test func unlockedNothingIsAskedAndLockedNothingIsGiven() async throws {
            let (practice, una) = try await someone("first")
            #expect(try await una.bare("inbox").status == ExitCode.locked)
            let unlocked = try await una.json("unlock")
            #expect(unlocked["locked"]?.bool == false)
            #expect(unlocked["lock_after"]?.integer == 900)
            let message = try await practice.text("by the agent", to: "Una first")
            #expect(try await una.bare("inbox").json()["messages"]?.array?.count == 1)
            #expect(try await una.bare("read", message).json()["content"]?["text"]?.string == "by the agent")
            #expect(try await una.bare("ack", message).status == ExitCode.done)
            // Twice is no mistake.
            try await una.json("unlock")
            #expect(try await una.bare("status").status == ExitCode.done)
            #expect(try await una.bare("lock").json()["locked"]?.bool == true)
            let locked = try await una.bare("inbox")
            #expect(locked.status == ExitCode.locked)
            #expect(locked.code == "locked")
            #expect(locked.error?["next"]?.string?.contains("nightbell --profile \(una.profile) unlock") == true)
            // A key file opens it for one command, whatever the agent says.
            #expect(try await una.run("inbox").status == ExitCode.done)
            #expect(try await una.bare("lock").status == ExitCode.done)
            try await una.endAgent()
            let hasEnded = try await ProfileProcesses.wait { una.processes.all.isEmpty }
            #expect(hasEnded)
            #expect(try await una.bare("lock").json()["agent"]?.bool == false)
        }

        /// What answers as the agent may be another one, or none: neither is taken for a changed store, or for a lock.
        @Test func aStrangerInTheAgentsPlaceIsNotBelieved() async throws {
            let (practice, una) = try await someone("visited")
            let visitor = practice.person("unlock-visitor")
            try await practice.join(visitor.name, as: "Una Visitor", "provider")
            try await visitor.json("unlock")
            let folder = una.profile + "/agent"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try FileManager.default.linkItem(atPath: visitor.profile + "/agent/socket", toPath: folder + "/socket")
            // Without the lock that an agent has, it is no agent of this profile.
            let stranger = try await una.bare("lock")
            #expect(stranger.status == ExitCode.refused)
            #expect(stranger.code == "agent_foreign")
            #expect(stranger.error?["next"]?.string?.contains("unlock") == true)
            try FileManager.default.linkItem(atPath: visitor.profile + "/agent/lock", toPath: folder + "/lock")
            let refused = try await una.bare("inbox")
            #expect(refused.status == ExitCode.verificationFailed)
            #expect(refused.code == "agent_key_does_not_open")
            let agent = try #require(visitor.processes.agent)
            #expect(refused.error?["next"]?.string?.contains("end process \(agent)") == true)
            #expect(try await una.bare("lock", "--end").status == ExitCode.done)
            try await una.json("unlock")
            #expect(try await una.bare("inbox").status == ExitCode.done)
            try await una.endAgent()
        }

        @Test func whatRunsWithItsKeysEndsWithTheLock() async throws {
            let (_, una) = try await someone("runner")
            try await una.json("unlock")
            let running = try una.startBare(
                "send", "--to", Practice.deskName, "--urgency", "routine", "--text", "waits", "--wait")
            let waits = await running.wait { $0.errText.contains("\"sent\"") || $0.hasEnded }
            #expect(waits)
            try await una.json("lock")
            let ended = try await running.outcome()
            #expect(ended.status == ExitCode.locked)
            #expect(ended.code == "locked")
            let next = ended.error?["next"]?.string
            #expect(next?.hasPrefix("the message STAYS SENT, do not send it again") == true, "\(ended.err)")
            #expect(una.processes.all == [una.processes.agent].compactMap { $0 })
            try await una.endAgent()
        }

        /// The watcher's supervisor stays, its worker goes and comes: what came meanwhile is shown.
        @Test func aWatcherStaysThroughTheLock() async throws {
            let (practice, una) = try await someone("watcher")
            #expect(try await una.json("unlock")["rings_while_locked"]?.bool == true)
            let folder = try Programs.temporaryFolder()
            let script = folder + "/ring.sh"
            try Data("#!/bin/sh\necho \"$@\" >> \(folder)/out\n".utf8).write(to: URL(fileURLWithPath: script))
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: script)
            let watcher = try una.startBare("watch", "--command", script)
            try await watcher.waitForLine(containing: "\"drained\"")
            let worker = try #require(una.processes.workers.first)
            try await una.json("lock")
            #expect(!ProfileProcesses.isAlive(worker))
            try await watcher.waitForLine(containing: "\"locked\"", "nightbell lock")
            #expect(una.processes.workers.isEmpty)
            let message = try await practice.text("while it was locked", to: "Una watcher")
            // It rings with a constant text: that something waits, and how urgent it is.
            try await watcher.waitForLine(containing: "\"ring\"", "\"urgent\"")
            #expect(!watcher.now.outText.contains(message))
            // Answered elsewhere (here: by a command with a key of its own), it rings no more.
            let answered = try await practice.text("answered while it was locked", to: "Una watcher")
            for id in [message, answered] { try await una.json("ack", id) }
            try await watcher.waitForLine(containing: "\"ring\"", "\"urgency\":null")
            try await una.json("unlock")
            try await watcher.waitForLine(containing: "\"unlocked\"")
            let next = try await practice.text("after it was unlocked", to: "Una watcher")
            try await watcher.waitForLine(containing: "\"message\"", next)
            // The program was run for all of it, and of what came while it was locked it got no id.
            let expected = ["ring urgent locked", "quiet urgent locked", "ring urgent \(next)"]
            var lines: [String] = []
            _ = try await ProfileProcesses.wait {
                lines = ((try? String(contentsOfFile: folder + "/out", encoding: .utf8)) ?? "")
                    .split(separator: "\n").map(String.init).filter { $0 != "again urgent locked" }
                return lines == expected
            }
            #expect(lines == expected)
            watcher.signal(SIGTERM)
            #expect(try await watcher.outcome().status == ExitCode.done)
            try await una.endAgent()
        }

        /// Of a locked desk's messages no answer is heard: what was not answered before is rung for in time.
        @Test func aLockedDeskRingsForWhatNobodyAnswersInTime() async throws {
            let practice = try await SharedPractice.watchers.practice()
            let desk = practice.person("locked-desk")
            try await practice.join(desk.name, as: "Locked Desk", "intake")
            try await practice.join("never-answers", as: "Dr. Never Answers", "provider")
            try await desk.json("unlock")
            let watcher = try desk.startBare("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            // By another command, and at once before the lock; its time is over when that is long done.
            let sent = try await desk.json(
                "send", "--to", "Dr. Never Answers", "--urgency", "urgent", "--text", "who answers?", "--expires", "40")
            let message = try #require(sent["message"]?.string)
            try await desk.json("lock")
            try await watcher.waitForLine(containing: "\"locked\"", "\"awaited\":1")
            try await watcher.waitForLine(containing: "\"overdue\"", "\"messages\":1", "CALL BY TELEPHONE")
            #expect(!watcher.now.outText.contains(message))
            // Which one it is stands there as soon as somebody may read it.
            try await desk.json("unlock")
            try await watcher.waitForLine(containing: "\"unanswered\"", message)
            watcher.signal(SIGTERM)
            #expect(try await watcher.outcome().status == ExitCode.done)
            try await desk.endAgent()
        }

        @Test func aWorkerThatIsKilledIsTold() async throws {
            let (_, una) = try await someone("worker")
            try await una.json("unlock")
            let watcher = try una.startBare("watch")
            try await watcher.waitForLine(containing: "\"connected\"")
            kill(try #require(una.processes.workers.first), SIGKILL)
            let ended = try await watcher.outcome()
            #expect(ended.status == ExitCode.failed)
            #expect(ended.code == "worker_ended")
            try await una.endAgent()
        }

        @Test func aSupervisorThatIsKilledTakesItsWorkerAlong() async throws {
            let (practice, una) = try await someone("orphan")
            try await una.json("unlock")
            let endless = try EndlessProgram(in: practice.folder, "orphan")
            let watcher = try una.startBare("watch", "--command", endless.path)
            try await watcher.waitForLine(containing: "\"connected\"")
            _ = try await practice.text("who ends what rings?", to: "Una orphan")
            let program = try await endless.started()
            let worker = try #require(una.processes.workers.first)
            watcher.signal(SIGKILL)
            let isGone = try await ProfileProcesses.wait {
                !ProfileProcesses.isAlive(worker) && !ProfileProcesses.isAlive(program)
            }
            #expect(isGone)
            try await una.endAgent()
        }

        @Test func locksByItselfWhenNobodyUsesIt() async throws {
            let (_, una) = try await someone("idle")
            try await una.json("unlock", "--lock-after", "1")
            // Scripts are nobody: to ask again and again does not keep it open.
            let locked = try await ProfileProcesses.wait {
                try await una.bare("steps").status == ExitCode.locked
            }
            #expect(locked)
            try await una.endAgent()
        }

        @Test func aHangUpLocks() async throws {
            let (_, una) = try await someone("hangup")
            try await una.json("unlock")
            let agent = try #require(una.processes.agent)
            kill(agent, SIGHUP)
            let locked = try await ProfileProcesses.wait { try await una.bare("steps").code == "locked" }
            #expect(locked)
            // It lives on, and opens again.
            #expect(una.processes.agent == agent)
            try await una.json("unlock")
            #expect(una.processes.agent == agent)
            #expect(try await una.bare("steps").status == ExitCode.done)
            try await una.endAgent()
        }

        @Test(.enabled(if: FakeLogind.isPossible, "there is no dbus-daemon here"))
        func locksBeforeTheMachineSleeps() async throws {
            let (practice, una) = try await someone("sleeper")
            let logind = try await FakeLogind(in: try Programs.temporaryFolder())
            let unlocked = try await Programs.run(
                Programs.nightbell, ["--profile", una.profile, "--key-file", una.keyFile, "--json", "unlock"],
                environment: ["DBUS_SYSTEM_BUS_ADDRESS": logind.address])
            #expect(try unlocked.json()["hears_sleep"]?.bool == true)
            #expect(logind.heldDelays == 1)
            // Given back with every lock, and taken again with every unlocking. The bus may have a copy in its hands for a moment.
            try await una.json("lock")
            let isGivenBack = try await ProfileProcesses.wait { logind.heldDelays == 0 }
            #expect(isGivenBack)
            #expect(try await una.json("unlock")["holds_sleep_up"]?.bool == true)
            #expect(logind.heldDelays == 1)
            let running = try una.startBare("watch")
            try await running.waitForLine(containing: "\"connected\"")
            logind.say(isAboutToSleep: true)
            // The machine may sleep when the lock is over, and not before.
            let maySleep = try await ProfileProcesses.wait { logind.heldDelays == 0 }
            #expect(maySleep)
            #expect(una.processes.workers.isEmpty)
            #expect(try await una.bare("steps").code == "locked")
            logind.say(isAboutToSleep: false)
            let holdsAgain = try await ProfileProcesses.wait { logind.heldDelays == 1 }
            #expect(holdsAgain)
            running.signal(SIGTERM)
            _ = try await running.outcome()
            try await una.endAgent()
            try await logind.stop()
            _ = practice
        }

        @Test func anAgentThatIsKilledTakesTheKeyWithIt() async throws {
            let (_, una) = try await someone("killed")
            try await una.json("unlock")
            let agent = try #require(una.processes.agent)
            kill(agent, SIGKILL)
            let isGone = try await ProfileProcesses.wait { !ProfileProcesses.isAlive(agent) }
            #expect(isGone)
            #expect(try await una.bare("steps").status == ExitCode.locked)
            // What it left behind is no obstacle.
            try await una.json("unlock")
            #expect(una.processes.agent != agent)
            #expect(try await una.bare("steps").status == ExitCode.done)
            try await una.endAgent()
        }

        @Test func ofTwoThatUnlockAtOnceOneStartsTheAgent() async throws {
            let (_, una) = try await someone("twice")
            async let first = una.run("unlock")
            async let second = una.run("unlock")
            #expect(try await [first.status, second.status] == [ExitCode.done, ExitCode.done])
            // The other one's may still be on its way to the end, for the place is taken.
            let isOne = try await ProfileProcesses.wait { una.processes.all.count == 1 }
            #expect(isOne)
            try await una.endAgent()
        }

        /// An agent that the machine had no time for: what was asked meanwhile has no answer, and mixes nothing up.
        @Test func anAgentThatPausesCostsNoMessage() async throws {
            let (practice, una) = try await someone("pause")
            try await una.json("unlock")
            let watcher = try una.startBare("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            let agent = try #require(una.processes.agent)
            kill(agent, SIGSTOP)
            let first = try await practice.text("while it paused", to: "Una pause")
            try await watcher.waitForLine(containing: "\"disconnected\"", "agent_gone")
            kill(agent, SIGCONT)
            let second = try await practice.text("when it was back", to: "Una pause")
            for message in [first, second] { try await watcher.waitForLine(containing: message) }
            for (message, words) in [(first, "while it paused"), (second, "when it was back")] {
                #expect(try await una.bare("read", message).json()["content"]?["text"]?.string == words)
            }
            watcher.signal(SIGTERM)
            #expect(try await watcher.outcome().status == ExitCode.done)
            try await una.endAgent()
        }

        @Test func aProfileThatOthersCanReadIsRefused() async throws {
            let (_, una) = try await someone("open")
            try await una.json("unlock")
            #expect(Self.open(una.profile, 0o755))
            for command in ["inbox", "lock", "unlock"] {
                let refused = try await una.bare(command)
                #expect(refused.status == ExitCode.refused)
                #expect(refused.error?["next"]?.string == "run: chmod 700 '\(una.profile)'")
            }
            #expect(Self.open(una.profile, 0o700))
            try await una.endAgent()
        }

        @Test(.enabled(if: geteuid() == 0, "only root can be two users")) func anotherUserGetsNothing() async throws {
            let (_, una) = try await someone("other")
            try await una.json("unlock")
            let agent = try #require(una.processes.agent)
            let stranger = ["--reuid", "65534", "--clear-groups"]
            // By the program: the folder is another user's.
            let refused = try await Programs.run(
                "/usr/bin/setpriv", stranger + [Programs.nightbell, "--profile", una.profile, "--json", "inbox"])
            #expect(refused.status == ExitCode.configuration || refused.status == ExitCode.refused)
            // By the socket, even if every folder on the way stood open: the agent asks the kernel who is there.
            var path = una.profile
            while path != "/" {
                _ = Self.open(path, 0o755)
                path = URL(fileURLWithPath: path).deletingLastPathComponent().path
                if path == NSTemporaryDirectory() || path == "/tmp" { break }
            }
            _ = Self.open(una.profile + "/agent", 0o755)
            _ = Self.open(una.profile + "/agent/socket", 0o666)
            let script = """
                import socket, sys
                s = socket.socket(socket.AF_UNIX)
                s.settimeout(60)
                s.connect(sys.argv[1])
                try:
                    s.sendall(bytes([1, 0, 0, 0, 3, 1, 0, 0]))
                    print(len(s.recv(100)))
                except (BrokenPipeError, ConnectionResetError):
                    print(0)
                """
            for (who, answer) in [(stranger, "0\n"), (["--reuid", "0"], "28\n")] {
                let asked = try await Programs.run(
                    "/usr/bin/setpriv", who + ["/usr/bin/python3", "-c", script, una.profile + "/agent/socket"])
                #expect(asked.out == answer, "\(asked.err)")
            }
            #expect(una.processes.agent == agent)
            _ = Self.open(una.profile + "/agent", 0o700)
            _ = Self.open(una.profile, 0o700)
            try await una.endAgent()
        }

        @Test(.enabled(if: geteuid() == 0, "only root may look into other processes' memory"))
        func afterTheLockNoProcessHoldsTheKeyOrAMessage() async throws {
            let (practice, una) = try await someone("memory")
            let canary = "canary-\(UUID().uuidString)"
            let message = try await practice.text(canary, to: "Una memory")
            try await una.json("unlock")
            let agent = try #require(una.processes.agent)
            #expect(try await una.bare("read", message).out.contains(canary))
            let base = try StoreKeyFinder.derivedBase(profile: una.profile, keyFile: una.keyFile)
            let watcher = try una.startBare("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            let another = try await practice.text(canary, to: "Una memory")
            try await watcher.waitForLine(containing: "\"message\"", another)
            // The scan finds what is there.
            #expect(ProfileProcesses.found([base], in: agent) == [base])
            try await una.json("lock")
            let key = try StoreKeyFinder.storeKey(profile: una.profile, keyFile: una.keyFile)
            let left = una.processes.all
            // The watcher's worker, which has decoded the canary, is none of them; agent and supervisor are.
            #expect(Set(left) == [agent, watcher.pid])
            for process in left {
                #expect(ProfileProcesses.found([base, key, Array(canary.utf8)], in: process) == [])
            }
            watcher.signal(SIGTERM)
            _ = try await watcher.outcome()
            try await una.endAgent()
        }

        /// No core file, no debugger, no memory for others of the same user: for the agent and for every command.
        @Test func aProcessIsNotDumpable() async throws {
            let (_, una) = try await someone("dump")
            try await una.json("unlock")
            let agent = try #require(una.processes.agent)
            let limits = try String(contentsOfFile: "/proc/\(agent)/limits", encoding: .utf8)
            let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
            #expect(core?.split(separator: " ").filter { $0 == "0" }.count == 2)
            // What cannot be dumped belongs to root in /proc, whoever runs it; for root itself that shows nothing.
            let watcher = try una.start("watch")
            try await watcher.waitForLine(containing: "\"connected\"")
            let its = try String(contentsOfFile: "/proc/\(watcher.pid)/limits", encoding: .utf8)
            #expect(its.split(separator: "\n").contains { $0.hasPrefix("Max core file size") && $0.contains(" 0 ") })
            watcher.signal(SIGTERM)
            _ = try await watcher.outcome()
            try await una.endAgent()
        }
    }
}

/// Takes a store key out of a profile as its owner can, to look for it where it must not be.
private enum StoreKeyFinder {
    static func storeKey(profile: String, keyFile: String) throws -> [UInt8] {
        try Profile.storeKey(profile, unlock: .keyFile(keyFile)).exposed()
    }

    /// What the agent keeps of it.
    static func derivedBase(profile: String, keyFile: String) throws -> [UInt8] {
        try Profile.storeKey(profile, unlock: .keyFile(keyFile)).subkey(1, context: "nbstore1").exposed()
    }
}
