import DeviceKit
import Foundation
import RelayAPI
import Secrets
import Statements
import TransparencyLog
import Testing

/// `doctor` on things that are truly broken: beside the other programs' tests, in worlds of its own, one after the other.
@Suite(.serialized) struct DoctorCommandTests {
    /// A device that has received one message, and its relay.
    private func run(_ body: @Sendable (LieWorld, Person) async throws -> Void) async throws {
        try await LieWorld.run { world in
            let message = try await world.send("for the doctor")
            try await world.expectDeliveredOnce(message, text: "for the doctor")
            try await body(world, world.person(.clara))
        }
    }

    private func examine(_ person: Person) async throws -> Examined { Examined(try await person.run("doctor")) }

    /// What a run found.
    private struct Examined {
        let outcome: Outcome
        let checks: [JSONValue]

        init(_ outcome: Outcome) {
            self.outcome = outcome
            checks = (try? outcome.json()["checks"]?.array) ?? []
        }

        /// The statuses of a check's results.
        func statuses(_ name: String) -> [String] {
            checks.filter { $0["name"]?.string == name }.compactMap { $0["status"]?.string }
        }

        func message(_ name: String) -> String {
            checks.first { $0["name"]?.string == name }?["message"]?.string ?? ""
        }

        func next(_ name: String) -> String {
            checks.first { $0["name"]?.string == name }?["next"]?.string ?? ""
        }
    }

    @Test func aSoundDeviceHasNoProblem() async throws {
        try await run { world, clara in
            let found = try await examine(clara)
            #expect(found.outcome.status == 0, "\(found.outcome)")
            for name in [
                "profile", "permissions", "unlock", "store", "outbox", "prekeys", "findings", "steps", "tls",
                "relay",
                "clock", "logs", "disk", "agent",
            ] {
                #expect(found.statuses(name) == ["ok"], "\(name): \(found.message(name))")
            }
            #expect(found.message("store").contains("1 message in it"))
            #expect(found.message("tls").hasPrefix("TLS 1.3 with localhost:"), "\(found.message("tls"))")
            let said = try await clara.say("doctor")
            #expect(said.status == 0 && said.out.contains("ok       profile"), "\(said)")
            #expect(!said.out.contains("for the doctor") && !found.outcome.out.contains("for the doctor"))
        }
    }

    @Test func aFileThatOthersCanReadComesWithItsRepair() async throws {
        try await run { _, clara in
            let path = clara.profile + "/store.sqlite"
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let found = try await examine(clara)
            #expect(found.outcome.status == 1)
            #expect(found.statuses("permissions") == ["problem"])
            #expect(found.next("permissions") == "run: chmod 600 '\(path)'")
            // What needs no opened profile is looked at all the same.
            #expect(found.statuses("store") == ["ok"])
            #expect(found.statuses("tls") == ["ok"])
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            #expect(try await examine(clara).outcome.status == 0)
        }
    }

    @Test func aLockedProfileIsLookedAtFromOutside() async throws {
        try await run { _, clara in
            let outcome = try await Programs.run(
                Programs.nightbell, ["--json", "--profile", clara.profile, "doctor"])
            let found = Examined(outcome)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(found.statuses("unlock") == ["warning"])
            #expect(found.statuses("relay") == ["warning"])
            for name in ["store", "steps", "prekeys", "permissions", "tls"] {
                #expect(found.statuses(name) == ["ok"], "\(name): \(found.message(name))")
            }
        }
    }

    @Test func aRelayThatIsAwayIsAProblemAndTheRestIsTold() async throws {
        try await run { world, clara in
            try await world.relay.stop()
            let found = try await examine(clara)
            #expect(found.outcome.status == 1, "\(found.outcome)")
            #expect(found.statuses("relay") == ["problem"], "\(found.message("relay"))")
            #expect(found.message("relay").contains("its last word is"), "\(found.message("relay"))")
            #expect(found.statuses("store") == ["ok"])
            #expect(found.statuses("steps") == ["ok"])
            try await world.relay.start()
        }
    }

    @Test func clocksThatAreApartAreSaid() async throws {
        try await run { world, clara in
            let keys = world.keys
            world.liar.tell(
                LyingRelay.Lie(head: { head, asker in
                    guard asker == world.device(.clara), let time = try? keys.read(head).time,
                        let untrue = try? keys.changed(head, time: time.adding(seconds: 3_600))
                    else { return head }
                    return untrue
                }))
            let found = try await examine(clara)
            world.liar.tell(nil)
            #expect(found.outcome.status == 1, "\(found.outcome)")
            #expect(found.statuses("clock") == ["problem"])
            #expect(
                found.message("clock").contains("59 min behind") || found.message("clock").contains("60 min behind")
            )
        }
    }

    @Test func aRelayThatLiesEndsIt65() async throws {
        try await run { world, clara in
            let keys = world.keys
            world.liar.tell(
                LyingRelay.Lie(head: { head, asker in
                    guard asker == world.device(.clara), let honest = try? keys.read(head),
                        let untrue = try? keys.changed(
                            head, activity: Head.Tree(size: honest.activity.size, root: Digest.sha256([1])))
                    else { return head }
                    return untrue
                }))
            let found = try await examine(clara)
            world.liar.tell(nil)
            #expect(found.outcome.status == 65, "\(found.outcome)")
            #expect(found.statuses("relay") == ["problem"])
            #expect(found.statuses("store") == ["ok"])
            #expect(found.statuses("logs") == ["problem"])
            // Two signed logs are proof for ever: nothing is sent any more.
            let later = try await examine(clara)
            #expect(later.outcome.status == 65, "\(later.outcome)")
            #expect(later.statuses("findings") == ["problem"])
        }
    }

    @Test func aDamagedStoreIsNotOpened() async throws {
        try await run { _, clara in
            let path = clara.profile + "/store.sqlite"
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            // Whole pages in the middle: the tables' own.
            for place in stride(from: 4_096, to: bytes.count, by: 2) { bytes[place] = 0x55 }
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.write(contentsOf: bytes)
            try handle.close()
            let found = try await examine(clara)
            #expect(found.outcome.status == 1, "\(found.outcome)")
            #expect(found.statuses("store") == ["problem"], "\(found.message("store"))")
            #expect(found.statuses("unlock") == ["problem"])
            #expect(found.statuses("tls") == ["ok"])
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes, "it was left as it was")
        }
    }

    @Test func keysThatAreGoneAreMissed() async throws {
        try await run { _, clara in
            try sqlite(
                clara,
                "UPDATE prekey SET state = 'destroyed', private = NULL, published = NULL WHERE purpose = 'fallback'"
            )
            let found = try await examine(clara)
            #expect(found.outcome.status == 1, "\(found.outcome)")
            #expect(found.statuses("prekeys") == ["problem"])
            #expect(found.next("prekeys").contains("nightbell inbox"))
            #expect(try await clara.run("inbox").status == 0)
            #expect(try await examine(clara).statuses("prekeys") == ["ok"], "what it says helps")
        }
    }

    @Test func aStepLogThatWasChangedIsALie() async throws {
        try await run { _, clara in
            try sqlite(clara, "UPDATE step SET line = replace(line, 'keys_made', 'keys_made ') WHERE number = 1")
            let found = try await examine(clara)
            #expect(found.outcome.status == 65, "\(found.outcome)")
            #expect(found.statuses("steps") == ["problem"])
        }
    }

    @Test func theAgentIsSeenAndWhileItIsUnlockedIdsAreCompleted() async throws {
        try await run { _, clara in
            func complete(_ words: String...) async throws -> [Substring] {
                let line = ["__complete", "--profile", clara.profile] + words + [""]
                return try await Programs.run(Programs.nightbell, line).out.split(separator: "\n")
            }
            func ids() async throws -> [Substring] { try await complete("read") }
            #expect(try await ids() == ["words"])
            try await clara.json("unlock")
            #expect(try await examine(clara).message("agent").contains("is unlocked"))
            let completed = try await ids()
            #expect(completed.count == 2 && completed[1].hasPrefix("msg-"), "\(completed)")
            let names = try await complete("send", "--to")
            #expect(names.contains("Ben"), "\(names)")
            try await clara.json("lock")
            #expect(try await examine(clara).message("agent").hasPrefix("it runs, and is locked"))
            #expect(try await ids() == ["words"])
            #expect(try await complete("send", "--to") == ["words"])
            try await clara.json("lock", "--end")
            // It has answered, and then ends.
            let isGone = try await ProfileProcesses.wait {
                try await examine(clara).message("agent").hasPrefix("none runs")
            }
            #expect(isGone)
        }
    }

    @Test func withoutAProfileTheMachineIsLookedAt() async throws {
        let folder = try Programs.temporaryFolder()
        let outcome = try await Programs.run(
            Programs.nightbell, ["--json", "--profile", folder + "/none", "doctor"])
        let found = Examined(outcome)
        #expect(outcome.status == 1)
        #expect(found.next("profile").contains("nightbell join"))
        #expect(found.statuses("disk") == ["ok"])
    }

    /// Changes the store's file behind its back.
    private func sqlite(_ person: Person, _ sql: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c", "import sqlite3,sys;c=sqlite3.connect(sys.argv[1]);c.execute(sys.argv[2]);c.commit()",
            person.profile + "/store.sqlite", sql,
        ]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
