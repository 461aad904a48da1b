import DeviceKit
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension ProgramTests {
    /// Invitations that let nobody in, profiles and key files that must not be used.
    @Suite struct ProfileRefusalTests {
        @Test func aMistypedInvitationIsNoticedBeforeTheRelayHears() async throws {
            let practice = try await SharedPractice.shared.practice()
            let invitation = try await practice.invite("Mia Mistyped", "provider")
            var characters = Array(invitation)
            let last = characters.count - 8
            characters[last] = characters[last] == "a" ? "b" : "a"
            let outcome = try await practice.person("mistyped").run(
                "--ca", practice.relay.authority, "join", String(characters))
            Refusal.check(outcome, ExitCode.usage, "bad_invitation")
            #expect(outcome.error?["message"]?.string?.contains("mistyped") == true)
        }

        @Test func anInventedInvitationIsRefused() async throws {
            let practice = try await SharedPractice.shared.practice()
            let invented = try Invented.invitation(of: practice)
            let outcome = try await practice.person("inventor").run(
                "--ca", practice.relay.authority, "join", invented)
            Refusal.check(outcome, ExitCode.refused, "unauthorized")
        }

        @Test func anInvitationOfAnUnknownOrganisationIsRefused() async throws {
            let practice = try await SharedPractice.shared.practice()
            let outcome = try await practice.person("stranger").run(
                "--ca", practice.relay.authority, "join", try Invented.invitation(of: nil, at: practice.relay.address))
            Refusal.check(outcome, ExitCode.notFound, "not_found")
        }

        @Test func aRelayOfAnUnknownAuthorityIsNotTrusted() async throws {
            let practice = try await SharedPractice.shared.practice()
            let invitation = try await practice.invite("Tim Trustless", "provider")
            let outcome = try await practice.person("trustless").run("join", invitation)
            Refusal.check(outcome, ExitCode.relayUnreachable, "relay_not_trusted")
            #expect(outcome.error?["next"]?.string?.contains("--ca") == true)
        }

        @Test func nobodyListens() async throws {
            let practice = try await SharedPractice.shared.practice()
            let port = try RelayUnderTest.freePort()
            let outcome = try await practice.person("deaf").run(
                "--ca", practice.relay.authority, "join", try Invented.invitation(of: nil, at: "localhost:\(port)"))
            Refusal.check(outcome, ExitCode.relayUnreachable, "relay_unreachable")
        }

        @Test func aProfileJoinsOnce() async throws {
            let practice = try await SharedPractice.shared.practice()
            let second = try await practice.invite("Sam Second", "provider")
            Refusal.check(
                try await practice.clara.run("join", second), ExitCode.wouldOverwrite, "already_enrolled")
        }

        @Test func aKeyFileThatOthersCanReadIsRefused() async throws {
            let practice = try await SharedPractice.shared.practice()
            let person = try await practice.newcomer("open-key")
            try person.change(person.keyFile, to: 0o644)
            let outcome = try await person.run("inbox")
            Refusal.check(outcome, ExitCode.refused, "key_file_too_open")
            #expect(outcome.error?["next"]?.string?.contains("chmod 600") == true)
        }

        @Test(arguments: ["", "/profile.json", "/store.sqlite", "/ca.pem", "/steps.ndjson"])
        func aProfileThatOthersCanReadIsRefused(_ file: String) async throws {
            let practice = try await SharedPractice.shared.practice()
            let person = try await practice.newcomer("open-profile")
            try person.change(person.profile + file, to: file.isEmpty ? 0o755 : 0o640)
            let outcome = try await person.run("inbox")
            Refusal.check(outcome, ExitCode.refused, "profile_too_open")
            #expect(outcome.error?["next"]?.string?.contains("chmod") == true)
        }

        /// An empty store in its place would say "not enrolled", and its step log would be lost with it.
        @Test(arguments: ["emptied", "removed"]) func aLostStoreIsSaidAndNothingIsWrittenOver(_ how: String)
            async throws
        {
            let practice = try await SharedPractice.shared.practice()
            let person = try await practice.newcomer("store-\(how)")
            let store = person.profile + "/store.sqlite"
            let kept = ["profile.json", "steps.ndjson"].map { person.profile + "/" + $0 }
            let before = kept.map { FileManager.default.contents(atPath: $0) }
            try FileManager.default.removeItem(atPath: store)
            if how == "emptied" {
                try Data().write(to: URL(fileURLWithPath: store))
                try person.change(store, to: 0o600)
            }
            for command in ["inbox", "status"] {
                let outcome = try await person.run(command)
                Refusal.check(outcome, ExitCode.configuration, "store_lost")
                #expect(outcome.error?["next"]?.string?.contains("revoked") == true)
            }
            #expect(kept.map { FileManager.default.contents(atPath: $0) } == before)
        }

        @Test func aPipeInPlaceOfTheStepLogHoldsNothingUp() async throws {
            let practice = try await SharedPractice.shared.practice()
            let person = try await practice.newcomer("step-pipe")
            let steps = person.profile + "/steps.ndjson"
            try FileManager.default.removeItem(atPath: steps)
            #expect(unsafe mkfifo(steps, 0o600) == 0)
            let outcome = try await person.run("inbox")
            Refusal.check(outcome, ExitCode.configuration, "not_a_file")
            try FileManager.default.removeItem(atPath: steps)
            #expect(try await person.run("inbox").status == ExitCode.done)
            #expect(try await person.run("steps", "--verify").status == ExitCode.done)
        }

        /// No file may grow beyond what the store has now: as on a full disk.
        @Test func aFullDiskSaysWhetherTheMessageIsKept() async throws {
            let practice = try await SharedPractice.shared.practice()
            let person = practice.person("desk-without-room")
            try await practice.join(person.name, as: "Desk without Room", "intake")
            let store = person.profile + "/store.sqlite"
            let size = try FileManager.default.attributesOfItem(atPath: store)[.size] as? Int ?? 0
            let text = String(repeating: "no room for this. ", count: 2_000)
            let outcome = try await Programs.run(
                "/bin/bash",
                [
                    "-c", "trap '' XFSZ; ulimit -f \(size / 1_024 + 8); exec \"$0\" \"$@\"", Programs.nightbell,
                    "--profile", person.profile, "--key-file", person.keyFile, "--json", "send", "--to",
                    Practice.danName, "--urgency", "emergent", "--text", text,
                ])
            Refusal.check(outcome, ExitCode.failed, "store_unusable")
            let said = outcome.error?["message"]?.string ?? ""
            #expect(said.hasPrefix("NOT SENT"), "\(said)")
            #expect(outcome.error?["next"]?.string?.contains("CALL BY TELEPHONE") == true)
            let sent = try await person.json("sent")["messages"]?.array ?? []
            #expect(sent.isEmpty == said.hasPrefix("NOT SENT, and nothing is kept"), "\(said)")
        }

        @Test func aProfileOpensWithItsOwnKeyAlone() async throws {
            let practice = try await SharedPractice.shared.practice()
            let person = try await practice.newcomer("keyed")
            func run(_ options: [String]) async throws -> Outcome {
                try await Programs.run(
                    Programs.nightbell, ["--profile", person.profile] + options + ["--json", "inbox"])
            }
            Refusal.check(
                try await run(["--key-file", practice.clara.keyFile]), ExitCode.locked, "wrong_key_file")
            Refusal.check(try await run([]), ExitCode.locked, "key_file_needed")
            Refusal.check(
                try await run(["--key-file", person.folder + "/none"]), ExitCode.configuration, "key_file_unreadable")
            Refusal.check(
                try await run(["--key-file", person.keyFile, "--passphrase-file", person.keyFile]), ExitCode.usage,
                "two_unlocks")
            try Data(repeating: 7, count: 31).write(to: URL(fileURLWithPath: person.keyFile))
            Refusal.check(
                try await run(["--key-file", person.keyFile]), ExitCode.configuration, "key_file_unreadable")
        }

        @Test(arguments: [
            ("/profile.json", "garbage"), ("/profile.json", "{}"), ("/profile.json", ""), ("/store.sqlite", "garbage"),
            ("/ca.pem", "garbage"),
        ])
        func aDamagedProfileIsSaid(_ file: String, _ content: String) async throws {
            let practice = try await SharedPractice.shared.practice()
            let person = try await practice.newcomer("damaged")
            try Data(content.utf8).write(to: URL(fileURLWithPath: person.profile + file))
            try person.change(person.profile + file, to: 0o600)
            let outcome = try await person.run("inbox")
            #expect([ExitCode.failed, ExitCode.configuration].contains(outcome.status))
            Refusal.check(outcome, outcome.status, outcome.code ?? "")
        }

        @Test func aStoreFromAnotherProfileDoesNotOpen() async throws {
            let practice = try await SharedPractice.shared.practice()
            let person = try await practice.newcomer("swapped")
            let other = try await practice.newcomer("swapped")
            let store = try Data(contentsOf: URL(fileURLWithPath: other.profile + "/store.sqlite"))
            try store.write(to: URL(fileURLWithPath: person.profile + "/store.sqlite"))
            try person.change(person.profile + "/store.sqlite", to: 0o600)
            Refusal.check(
                try await person.run("inbox"), ExitCode.verificationFailed, "stored_value_does_not_open")
        }
    }
}

extension Practice {
    /// A device of a new member, for a test that spoils it.
    fileprivate func newcomer(_ prefix: String) async throws -> Person {
        let name = "\(prefix)-\(UUID().uuidString.prefix(8).lowercased())"
        try await join(name, as: name, "provider")
        return person(name)
    }
}

extension Person {
    func change(_ path: String, to mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
}
