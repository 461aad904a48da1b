import DeviceKit
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension ProgramTests {
    /// `watch` as a service on a desktop: a real session bus, a real receiver of notifications, a service manager's socket.
    @Suite struct NotificationTests {
        /// A session bus with somebody on it who shows notifications: each is written as a line.
        private final class Desktop {
            let address: String
            private let bus: ChildProcess
            let receiver: ChildProcess

            init(in folder: String) async throws {
                let socket = "unix:path=\(folder)/session-bus"
                let bus = try ChildProcess(
                    "/usr/bin/dbus-daemon", ["--session", "--nofork", "--print-address", "--address=\(socket)"])
                try await bus.waitForLine(containing: "unix:")
                let receiver = try ChildProcess(
                    "/usr/bin/python3", ["-u", "-c", Self.program], environment: ["DBUS_SESSION_BUS_ADDRESS": socket])
                try await receiver.waitForLine(containing: "ready")
                self.bus = bus
                self.receiver = receiver
                address = socket
            }

            func end() {
                receiver.signal(SIGTERM)
                bus.signal(SIGTERM)
            }

            static var isPossible: Bool {
                ["/usr/bin/dbus-daemon", "/usr/lib/python3/dist-packages/dbus", "/usr/lib/python3/dist-packages/gi"]
                    .allSatisfy { FileManager.default.fileExists(atPath: $0) }
            }

            private static let program = """
                import dbus, dbus.service, dbus.mainloop.glib, json
                from gi.repository import GLib
                dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
                name = "org.freedesktop.Notifications"
                class Server(dbus.service.Object):
                    shown = 0
                    @dbus.service.method(name, in_signature="susssasa{sv}i", out_signature="u")
                    def Notify(self, app, replaces, icon, summary, body, actions, hints, timeout):
                        number = int(replaces) or Server.shown + 1
                        Server.shown = max(Server.shown, number)
                        print(json.dumps(dict(show=number, app=str(app), summary=str(summary), body=str(body),
                            actions=len(actions), urgency=int(hints["urgency"]), timeout=int(timeout))))
                        return dbus.UInt32(number)
                    @dbus.service.method(name, in_signature="u")
                    def CloseNotification(self, number):
                        print(json.dumps(dict(close=int(number))))
                bus = dbus.SessionBus()
                owner = dbus.service.BusName(name, bus)
                Server(bus, "/org/freedesktop/Notifications")
                print("ready")
                GLib.MainLoop().run()
                """
        }

        private func watch(_ person: Person, _ arguments: [String] = [], _ environment: [String: String]) throws
            -> ChildProcess
        {
            try ChildProcess(
                Programs.nightbell,
                ["--profile", person.profile, "--key-file", person.keyFile, "--json", "watch"] + arguments,
                environment: environment)
        }

        @Test(.enabled(if: Desktop.isPossible, "dbus-daemon, python3-dbus and python3-gi are needed"))
        func theDesktopShowsWhoWritesUntilSomebodyAnswers() async throws {
            let practice = try await SharedPractice.shared.practice()
            try await practice.join("bus", as: "Dr. Bus", "provider")
            try await practice.join("bus-2", as: "Dr. Bus", "provider")
            let desktop = try await Desktop(in: try Programs.temporaryFolder())
            let watcher = try watch(practice.person("bus"), [], ["DBUS_SESSION_BUS_ADDRESS": desktop.address])
            try await watcher.waitForLine(containing: "\"drained\"")
            let message = try await practice.text("not on the screen", to: "Dr. Bus", urgency: "emergent")
            try await desktop.receiver.waitForLine(
                containing: "\"show\": 1", "\"app\": \"Nightbell\"", "Emergent message from \(Practice.deskName).",
                "\"urgency\": 2", "\"timeout\": 0")
            // Another device of hers answers: nothing rings here from then on, and no minute goes by before.
            try await practice.person("bus-2").json("ack", message)
            func heartbeats() -> Int { watcher.now.outText.ranges(of: "\"heartbeat\"").count }
            let before = heartbeats()
            try await desktop.receiver.waitForLine(containing: "\"close\": 1")
            #expect(heartbeats() - before <= 3)
            try await watcher.waitForLine(containing: "\"progressed\"", message, "acknowledged")
            #expect(!desktop.receiver.now.outText.contains("not on the screen"))
            #expect(!desktop.receiver.now.outText.contains(message))
            watcher.signal(SIGTERM)
            _ = try await watcher.outcome()
            desktop.end()
        }

        /// The worker, which knew the notifications, is killed by the lock.
        @Test(.enabled(if: Desktop.isPossible, "dbus-daemon, python3-dbus and python3-gi are needed"))
        func noNameStandsOnTheDesktopAfterTheLock() async throws {
            let practice = try await SharedPractice.shared.practice()
            try await practice.join("bus-lock", as: "Dr. Bus Lock", "provider")
            let person = practice.person("bus-lock")
            try await person.json("unlock")
            let desktop = try await Desktop(in: try Programs.temporaryFolder())
            let watcher = try ChildProcess(
                Programs.nightbell, ["--profile", person.profile, "--json", "watch"],
                environment: ["DBUS_SESSION_BUS_ADDRESS": desktop.address])
            try await watcher.waitForLine(containing: "\"drained\"")
            try await practice.text("first", to: "Dr. Bus Lock", urgency: "emergent")
            try await desktop.receiver.waitForLine(containing: "\"show\": 1", "Emergent message from")
            try await practice.text("second", to: "Dr. Bus Lock", urgency: "urgent")
            try await desktop.receiver.waitForLine(containing: "\"show\": 2", "Urgent message from")
            try await person.json("lock")
            let isConcealed = await desktop.receiver.wait { Self.texts($0.outText) == [1: Self.constant] }
            #expect(isConcealed, "\(desktop.receiver.now.outText)")
            // Unlocked, they ring anew, and the constant text goes.
            try await person.json("unlock")
            let isBack = await desktop.receiver.wait { state in
                let texts = Self.texts(state.outText)
                return texts.count == 2 && texts.values.allSatisfy { $0.contains(" message from ") }
            }
            #expect(isBack, "\(desktop.receiver.now.outText)")
            watcher.signal(SIGTERM)
            _ = try await watcher.outcome()
            // Nobody is there any more who would take a name away.
            let isLeft = await desktop.receiver.wait { Array(Self.texts($0.outText).values) == [Self.constant] }
            #expect(isLeft, "\(desktop.receiver.now.outText)")
            try await person.endAgent()
            desktop.end()
        }

        private static let constant = "A message waits for you in Nightbell."

        /// What stands on the desktop, by number, after all that its receiver has written.
        private static func texts(_ written: String) -> [Int64: String] {
            var texts: [Int64: String] = [:]
            for line in written.split(separator: "\n") {
                guard let call = try? JSONParser.parse(Array(line.utf8)) else { continue }
                if let number = call["show"]?.integer { texts[number] = call["body"]?.string ?? "" }
                if let number = call["close"]?.integer { texts[number] = nil }
            }
            return texts
        }

        /// A program that writes down what it is run with.
        private final class RingScript {
            let path: String
            private let out: String

            init() throws {
                let folder = try Programs.temporaryFolder()
                (path, out) = (folder + "/ring.sh", folder + "/out")
                try Data("#!/bin/sh\necho \"$@\" >> \(out)\n".utf8).write(to: URL(fileURLWithPath: path))
                try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
            }

            /// What it was run with so far; waits until that is what is expected, for a while.
            func lines(expecting expected: [String]) async throws -> [String] {
                var lines: [String] = []
                _ = try await ProfileProcesses.wait {
                    lines = ((try? String(contentsOfFile: out, encoding: .utf8)) ?? "")
                        .split(separator: "\n").map(String.init)
                    return lines == expected
                }
                return lines
            }
        }

        @Test func theProgramOfTheUsersChoiceRunsAndIsToldOfTheAnswer() async throws {
            let practice = try await SharedPractice.shared.practice()
            let script = try RingScript()
            try await practice.join("program", as: "Dr. Program", "provider")
            let person = practice.person("program")
            let watcher = try watch(person, ["--command", script.path, "--no-notifications"], [:])
            try await watcher.waitForLine(containing: "\"drained\"")
            let message = try await practice.text("ring", to: "Dr. Program", urgency: "urgent")
            let bad = try await Programs.run(
                Programs.nightbell,
                ["--profile", person.profile, "--key-file", person.keyFile, "watch", "--command", "/no/program"])
            #expect(bad.status == ExitCode.usage)
            // What is answered before it came rings nobody.
            var expected = ["ring urgent \(message)"]
            #expect(try await script.lines(expecting: expected) == expected)
            try await person.json("ack", message)
            // The program's end is seen when the watcher has gone on.
            try await watcher.waitForLine(containing: "\"progressed\"", message)
            expected.append("answered urgent \(message)")
            #expect(try await script.lines(expecting: expected) == expected)
            watcher.signal(SIGTERM)
            _ = try await watcher.outcome()
        }

        /// A no rings at the desk, and at a watcher that begins then, until whoever sits there has telephoned.
        @Test func theProgramRunsForWhatTheDeskMustTelephoneAbout() async throws {
            let practice = try await SharedPractice.shared.practice()
            let script = try RingScript()
            let desk = practice.person("ringing-desk")
            try await practice.join(desk.name, as: "Ringing Desk", "intake")
            let options = ["--command", script.path, "--no-notifications"]
            let watcher = try watch(desk, options, [:])
            try await watcher.waitForLine(containing: "\"drained\"")
            let message = try await practice.text("nobody takes it", from: desk)
            try await practice.clara.json("decline", message, "--reason", "not_mine")
            var expected = ["ring urgent \(message)"]
            #expect(try await script.lines(expecting: expected) == expected)
            watcher.signal(SIGTERM)
            _ = try await watcher.outcome()
            // What was over before it began is named once, and rings.
            let next = try ChildProcess(
                Programs.nightbell, ["--profile", desk.profile, "--key-file", desk.keyFile, "watch"] + options)
            try await next.waitForLine(
                containing: "NOBODY TAKES IT (telephone somebody else)")
            expected.append("ring urgent \(message)")
            #expect(try await script.lines(expecting: expected) == expected)
            try await desk.json("sent", "--dismiss", message)
            expected.append("quiet urgent \(message)")
            #expect(try await script.lines(expecting: expected) == expected)
            next.signal(SIGTERM)
            let outcome = try await next.outcome()
            #expect(outcome.out.ranges(of: "NOBODY TAKES IT").count == 1, "\(outcome.out)")
        }

        @Test func theServiceManagerIsToldThatTheLinkIsAliveAndThatItIsNot() async throws {
            let practice = try await Practice.make()
            let manager = try ManagerSocket(in: practice.folder)
            let watcher = try watch(practice.clara, [], ["NOTIFY_SOCKET": manager.path])
            try await manager.wait { $0.contains("READY=1") }
            try await manager.wait { $0.contains { $0.hasPrefix("WATCHDOG=1\nSTATUS=The link is alive;") } }
            try await watcher.waitForLine(containing: "\"heartbeat\"", "\"ringing\":0")
            try await practice.relay.kill()
            try await manager.wait { $0.contains { $0.contains("STATUS=THE LINK IS DOWN") } }
            watcher.signal(SIGTERM)
            #expect(try await watcher.outcome().status == ExitCode.done)
            try await manager.wait { $0.contains("STOPPING=1") }
            // What systemd shows to whoever asks holds no name and no id.
            #expect(!manager.heard.contains { $0.contains(Practice.deskName) || $0.contains("msg-") })
            try await practice.remove()
        }
    }
}
