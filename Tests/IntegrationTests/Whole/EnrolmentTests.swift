import DeviceKit
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension ProgramTests {
    /// Founding, inviting, joining, revoking, and what each prints.
    @Suite struct EnrolmentTests {
        @Test func foundingPrintsTheRecoverySecretOnce() async throws {
            let practice = try await SharedPractice.shared.practice()
            let founder = practice.person("second-founder")
            let words = [
                "--ca", practice.relay.authority, "admin", "found", "--relay", practice.relay.address, "--organisation",
                "Second Practice", "--member", "Second Founder",
            ]
            let founded = try await founder.json(words)
            #expect(founded["organisation"]?.string?.hasPrefix("org-") == true)
            #expect(founded["member"]?.string?.hasPrefix("mem-") == true)
            #expect(founded["device"]?.string?.hasPrefix("dev-") == true)
            #expect((founded["recovery"]?.string?.count ?? 0) >= 52)
            // Told again, for whoever was cut off while it was printed; the secret is no longer here.
            let again = try await founder.json(words)
            for key in ["organisation", "member", "device"] { #expect(again[key] == founded[key]) }
            #expect(again["recovery"] == .null)
            let other = try await founder.run(words.dropLast() + ["Somebody Else"])
            Refusal.check(other, ExitCode.wouldOverwrite, "profile_in_use")
        }

        @Test func anInvitationLetsOneDeviceIn() async throws {
            let practice = try await SharedPractice.shared.practice()
            let invited = try await practice.admin.json(
                "admin", "invite", "--member", "Eve Early", "--role", "provider", "--hours", "2")
            let invitation = try #require(invited["invitation"]?.string)
            #expect(invitation.hasPrefix("nightbell:\(practice.relay.address)/"))
            #expect(invited["expires"]?.string?.hasSuffix("Z") == true)
            let eve = practice.person("eve")
            // A person who was told it by telephone shouts it back.
            let joined = try await eve.json("--ca", practice.relay.authority, "join", invitation.uppercased())
            #expect(joined["organisation"]?.string == practice.organisation)
            #expect(joined["member"] == invited["member"])
            let devices = try await practice.admin.json("admin", "devices")["devices"]?.array ?? []
            let own = try #require(devices.first { $0["device"] == joined["device"] })
            #expect(own["status"]?.string == "active")
            #expect(own["member"] == joined["member"])
            #expect(own["label"]?.string?.isEmpty == false)
            // The same words again: the same device.
            let again = try await eve.json("join", invitation)
            #expect(again["device"] == joined["device"])

            let thief = try await practice.person("thief").run("--ca", practice.relay.authority, "join", invitation)
            #expect(thief.status == ExitCode.refused)
            #expect(["invitation_used", "invitation_spent"].contains(thief.code))
            #expect(thief.error?["message"]?.string?.contains(joined["device"]?.string ?? "?") == true)
        }

        @Test func aNameThatNobodyTellsApartIsRefused() async throws {
            let practice = try await SharedPractice.shared.practice()
            let name = "Dr. Alike Once"
            let invite = ["admin", "invite", "--role", "provider", "--member"]
            let invited = try await practice.admin.json(invite + [name])
            for near in ["dr. alike once", "Dr.  Alike Once"] {
                let refused = try await practice.admin.run(invite + [near])
                Refusal.check(refused, ExitCode.usage, "name_too_alike")
                #expect(refused.error?["message"]?.string?.contains("\"\(name)\"") == true, "\(refused.err)")
                #expect(refused.error?["next"]?.string?.contains("exactly so: \"\(name)\"") == true)
                #expect(refused.error?["next"]?.string?.contains("can be told apart") == true)
            }
            for other in ["Dr. Al\u{3164}ike Twice", try #require(invited["member"]?.string)] {
                Refusal.check(try await practice.admin.run(invite + [other]), ExitCode.usage, "bad_name")
            }
            // That very name is the same person.
            #expect(try await practice.admin.json(invite + [name])["member"] == invited["member"])
        }

        @Test func aRevokedDeviceGetsNothingMore() async throws {
            let practice = try await SharedPractice.shared.practice()
            let lost = practice.person("lost-phone")
            let device = try await practice.join(lost.name, as: "Lena Lost", "provider")["device"]?.string ?? ""
            let message = try await practice.text("before", to: "Lena Lost")
            let revoked = try await practice.admin.json("admin", "revoke", device, "--reason", "left in a taxi")
            #expect(revoked["revoked"]?.string == device)
            let inbox = try await lost.run("inbox")
            #expect(inbox.status == ExitCode.refused)
            #expect(inbox.code == "revoked")
            #expect(inbox.error?["message"]?.string?.contains("left in a taxi") == true)
            let states = try await practice.desk.json("sent", message)["states"]?.array ?? []
            #expect(states.map { $0["action"]?.string } == ["undeliverable"])
            let later = try await practice.desk.run(
                "send", "--to", "Lena Lost", "--urgency", "urgent", "--text", "after")
            #expect(later.status == ExitCode.failed)
            #expect(later.code == "no_device")
            // Said again, it is another message, and each stays until somebody takes it off.
            let again = try await practice.desk.say(
                "send", "--to", "Lena Lost", "--urgency", "urgent", "--text", "after")
            let refused = try #require(again.err.firstMatch(of: /(msg-\S+) will never be sent/)?.1)
            #expect(
                again.err.contains(
                    "lists it until \"nightbell --profile \(practice.desk.profile) sent --dismiss \(refused)\""),
                "\(again.err)")
            #expect(try await practice.desk.json("sent", String(refused))["state"]?.string == "refused")
            try await practice.desk.json("sent", "--dismiss", String(refused))
            // What never left is first among what is as urgent.
            for words in [["sent"], ["sent", "--open"]] {
                let list = try await practice.desk.say(words).out
                let first = list.split(separator: "\n").first { $0.contains("URGENT  to Lena Lost") }
                #expect(
                    first?.hasPrefix("NOT SENT, NOBODY HAS IT: TELEPHONE Lena Lost  URGENT  to ") == true, "\(list)")
            }
            let devices = try await practice.admin.json("admin", "devices")["devices"]?.array ?? []
            #expect(devices.first { $0["device"]?.string == device }?["status"]?.string == "revoked")
            // The same command again changes nothing.
            let size = try await practice.admin.json("status")["roster"]?["size"]
            try await practice.admin.json("admin", "revoke", device, "--reason", "left in a taxi")
            #expect(try await practice.admin.json("status")["roster"]?["size"] == size)
        }

        @Test func whoJoinsIsToldWhoTheyAreAndWhatCountsAsUse() async throws {
            let practice = try await SharedPractice.shared.practice()
            let wanda = practice.person("wanda")
            let invitation = try await practice.invite("Wanda Words", "provider")
            let joined = try await wanda.say("--ca", practice.relay.authority, "join", invitation, "--label", "phone")
            #expect(joined.status == ExitCode.done, "\(joined)")
            #expect(
                joined.out.hasPrefix(
                    "you are Wanda Words (provider) of Example Family Practice, on this device \"phone\""))
            #expect(joined.out.contains("next:\n  nightbell --profile \(wanda.profile) ui\n"), "\(joined.out)")
            let unlocked = try await wanda.say("unlock")
            #expect(unlocked.out.contains("locks by itself after 15 minutes without use"), "\(unlocked.out)")
            #expect(unlocked.out.contains("use is each command that you type and each key that you press"))
            try await wanda.endAgent()
        }

        @Test func aDeviceMayRevokeItself() async throws {
            let practice = try await SharedPractice.shared.practice()
            let leaver = practice.person("self-revoker")
            let device = try await practice.join(leaver.name, as: "Leo Leaver", "provider")["device"]?.string ?? ""
            let revoked = try await leaver.run("admin", "revoke", device, "--reason", "sold")
            #expect(revoked.status == ExitCode.done)
            #expect(try await leaver.run("inbox").code == "revoked")
        }

        /// An admin finds in `admin members` who has not joined, and takes the invitation back by the id that stands there.
        @Test func whoIsInvitedIsSeenUntilTheyJoinOrAreNotWantedAnyMore() async throws {
            let practice = try await SharedPractice.shared.practice()
            let invited = try await practice.admin.json(
                "admin", "invite", "--member", "Iris Invited", "--role", "provider")
            let id = try #require(invited["id"]?.string)
            #expect(id == (try RawDevice.inviter(invited["invitation"]?.string ?? "", at: practice.relay).keyID))
            func member(_ name: String) async throws -> JSONValue? {
                try await practice.admin.json("admin", "members")["members"]?.array?.first {
                    $0["name"]?.string == name
                }
            }
            func line() async throws -> String {
                try await practice.admin.say("admin", "members").out.split(separator: "\n")
                    .first { $0.contains("Iris Invited") }.map(String.init) ?? ""
            }
            let listed = try await member("Iris Invited")
            #expect(listed?["joined"] == .bool(false))
            #expect(listed?["status"]?.string == "active")
            #expect(listed?["invitations"]?.array?.map { $0["id"]?.string } == [id])
            #expect(listed?["invitations"]?.array?.map { $0["expires"] } == [invited["expires"]])
            #expect(try await member(Practice.claraName)?["joined"] == .bool(true))
            let short = String(id.prefix(12))
            let shown = try await line()
            #expect(shown.contains("invited, not joined yet") && shown.contains("\(short) until "), "\(shown)")

            let said = try await practice.admin.say("admin", "invite", "--member", "Ivo Invited", "--role", "provider")
            let back = "take it back before it is used: nightbell --profile \(practice.admin.profile) admin revoke inv-"
            #expect(said.out.contains(back), "\(said.out)")

            let revoked = try await practice.admin.json("admin", "revoke", short, "--reason", "wrong person")
            #expect(revoked["revoked"]?.string == id)
            #expect(revoked["revoked_before"] == .bool(false))
            let twice = try await practice.admin.json("admin", "revoke", short, "--reason", "again")
            #expect(twice["revoked_before"] == .bool(true))
            #expect(try await member("Iris Invited")?["invitations"] == .array([]))
            #expect(try await line().contains("none is open: invite again"))
            let refused = try await practice.person("iris").run(
                "--ca", practice.relay.authority, "join", invited["invitation"]?.string ?? "")
            #expect(refused.code == "invitation_spent")

            try await practice.join("iris", as: "Iris Invited", "provider")
            #expect(try await member("Iris Invited")?["joined"] == .bool(true))
            let present = try await line()
            #expect(present.contains("  active") && !present.contains("invited"), "\(present)")
            let none = try await practice.admin.run("admin", "revoke", "inv-1", "--reason", "x")
            Refusal.check(none, ExitCode.notFound, "no_such_invitation")
            let unnamed = try await practice.admin.run("admin", "revoke", "", "--reason", "x")
            Refusal.check(unnamed, ExitCode.usage, "empty_id")
            let used = try await practice.admin.json(
                "admin", "invite", "--member", "Iris Invited", "--role", "provider")
            let joined = try await practice.join("iris-tablet", invitation: used["invitation"]?.string ?? "")
            let late = try await practice.admin.run("admin", "revoke", used["id"]?.string ?? "", "--reason", "x")
            Refusal.check(late, ExitCode.refused, "invitation_used")
            #expect(late.error?["next"]?.string?.contains(" admin revoke dev-") == true)
            // What every id begins with may be left out, as with messages.
            let tablet = try #require(joined["device"]?.string)
            let gone = try await practice.admin.json(
                "admin", "revoke", String(tablet.dropFirst(4).prefix(16)), "--reason", "x")
            #expect(gone["revoked"]?.string == tablet)
        }

        @Test func theOnlyAdminDeviceIsNotRevokedAndTheWayOutIsSaid() async throws {
            let practice = try await SharedPractice.shared.practice()
            let devices = try await practice.admin.json("admin", "devices")["devices"]?.array ?? []
            let admin = try #require(devices.first { $0["admin"] == .bool(true) }?["device"]?.string)
            let refused = try await practice.admin.run("admin", "revoke", admin, "--reason", "x")
            #expect(refused.status == ExitCode.refused)
            let message = refused.error?["message"]?.string ?? ""
            #expect(message.contains("too few admins would be left") && !message.contains("too_few_admins"))
            #expect(refused.error?["next"]?.string?.contains("found a new organisation") == true)
        }

        @Test func anInvitationCanBeRevoked() async throws {
            let practice = try await SharedPractice.shared.practice()
            let invitation = try await practice.invite("Nora Never", "provider")
            let id = try RawDevice.inviter(invitation, at: practice.relay).keyID
            try await practice.admin.json("admin", "revoke", id, "--reason", "wrong person")
            let joined = try await practice.person("never").run("--ca", practice.relay.authority, "join", invitation)
            #expect(joined.status == ExitCode.refused)
            #expect(joined.code == "invitation_spent")
            // The folder is free for a better one, which lets one device in.
            let better = try await practice.invite("Nora Never", "provider")
            let device = try await practice.person("never").json("--ca", practice.relay.authority, "join", better)
            #expect(device["device"]?.string?.hasPrefix("dev-") == true)
            let again = try await practice.person("never").run("--ca", practice.relay.authority, "join", invitation)
            Refusal.check(again, ExitCode.wouldOverwrite, "already_enrolled")
        }

        @Test func anInvitationThatNobodyIssuedLeavesTheFolderFree() async throws {
            let practice = try await SharedPractice.shared.practice()
            let person = practice.person("mistaken")
            let wrong = try Invented.invitation(of: practice)
            #expect(try await person.run("--ca", practice.relay.authority, "join", wrong).status != ExitCode.done)
            let right = try await practice.invite("Mina Mistaken", "provider")
            let joined = try await person.json("--ca", practice.relay.authority, "join", right)
            #expect(joined["device"]?.string?.hasPrefix("dev-") == true)
        }

        @Test func membersAndTheAuditKeyAreShown() async throws {
            let practice = try await SharedPractice.shared.practice()
            let members = try await practice.clara.json("admin", "members")["members"]?.array ?? []
            let clara = try #require(members.first { $0["name"]?.string == Practice.claraName })
            #expect(clara["roles"]?.array?.compactMap(\.string) == ["provider"])
            #expect(clara["status"]?.string == "active")
            let shown = try await practice.admin.json("admin", "audit-key", "show")
            #expect(shown["audit_key"]?.string?.hasPrefix("pk-") == true)
            let key = try #require(shown["audit_key"]?.string)
            let accepted = shown["offers"]?.array?.first { $0["key"]?.string == key }
            #expect(accepted?["state"]?.string == "in_force", "\(shown)")
            // What is accepted is named once, with whose it is, and is no offer any more.
            let lines = try await practice.admin.say("admin", "audit-key").out.split(separator: "\n")
            #expect(lines.filter { $0.contains(key) }.count == 1, "\(lines)")
            #expect(lines.first?.contains("\(key), made by \(Practice.auditorName) on dev-") == true, "\(lines)")
        }

        /// All roles of a member are named at once; what is not named is taken back, and said again it changes nothing.
        @Test func rolesAreGivenAndTakenBack() async throws {
            let practice = try await SharedPractice.shared.practice()
            let name = "Rita Roles"
            let joined = try await practice.join("rita", as: name, "provider")
            func roles() async throws -> [String]? {
                let members = try await practice.admin.json("admin", "members")["members"]?.array
                return members?.first { $0["name"]?.string == name }?["roles"]?.array?.compactMap(\.string)
            }
            func set(_ words: String...) async throws -> JSONValue {
                try await practice.admin.json(["admin", "roles", name] + words)
            }
            let both = try await set("intake", "provider")
            #expect(both["changed"] == .bool(true) && both["member"] == joined["member"], "\(both)")
            #expect(both["roles"]?.array?.compactMap(\.string) == ["provider", "intake"])
            #expect(try await roles() == ["provider", "intake"])
            let size = try await practice.admin.json("status")["roster"]?["size"]
            #expect(try await set("provider", "intake")["changed"] == .bool(false))
            #expect(try await practice.admin.json("status")["roster"]?["size"] == size)
            let said = try await practice.admin.say("admin", "roles", name, "provider")
            #expect(said.out.hasPrefix("\(name) is provider from now on"), "\(said.out)")
            #expect(try await roles() == ["provider"])

            // Nobody may write to somebody without a role: nothing is kept of what was refused.
            #expect(try await set("--none")["roles"] == .array([]))
            let words = ["send", "--to", name, "--urgency", "urgent", "--text", "for nobody"]
            let refused = try await practice.desk.run(words)
            Refusal.check(refused, ExitCode.refused, "not_permitted")
            #expect(refused.error?["message"]?.string?.hasPrefix("NOT SENT, and nothing is kept") == true)
            let repeated = try await practice.desk.say(words)
            #expect(!repeated.err.contains("will never be sent"), "\(repeated.err)")
            let sent = try await practice.desk.json("sent")["messages"]?.array ?? []
            #expect(!sent.contains { $0["to"] == joined["member"] })
        }

        /// The member stays who they are: what was sent to the old name is theirs, and the new one is written to.
        @Test func aMemberIsRenamed() async throws {
            let practice = try await SharedPractice.shared.practice()
            let (old, new) = ("Nina Name", "Nina Ne\u{301}e")
            let joined = try await practice.join("nina", as: old, "provider")
            let message = try await practice.text("under the old name", to: old)
            func rename(_ member: String, _ name: String) async throws -> JSONValue {
                try await practice.admin.json("admin", "rename", member, name)
            }
            let renamed = try await rename(old, new)
            #expect(renamed["changed"] == .bool(true) && renamed["member"] == joined["member"], "\(renamed)")
            // As it is compared: in one normal form, whatever was typed.
            let normal = "Nina N\u{E9}e"
            #expect(renamed["name"]?.string?.unicodeScalars.elementsEqual(normal.unicodeScalars) == true)
            #expect(renamed["roles"]?.array?.compactMap(\.string) == ["provider"])
            let size = try await practice.admin.json("status")["roster"]?["size"]
            #expect(try await rename(normal, new)["changed"] == .bool(false))
            #expect(try await practice.admin.json("status")["roster"]?["size"] == size)
            Refusal.check(
                try await practice.admin.run("admin", "rename", old, "Nobody"), ExitCode.notFound, "no_such_member")

            let later = try await practice.text("under the new name", to: normal)
            let nina = practice.person("nina")
            let inbox = try await nina.json("inbox")["messages"]?.array?.compactMap { $0["message"]?.string } ?? []
            #expect(Set(inbox) == [message, later])
            #expect(try await nina.json("status")["member_name"]?.string == normal)
            let told = try await practice.admin.json("audit", "message", message)
            #expect(told["addressed"]?["name"]?.string == old && told["addressed"]?["name_now"]?.string == normal)
            // By the id, and back.
            let id = try #require(joined["member"]?.string)
            let said = try await practice.admin.say("admin", "rename", id, old)
            #expect(said.out.hasPrefix("\(normal) is called \(old) from now on"), "\(said.out)")
        }

        @Test func statusIsOneScreen() async throws {
            let practice = try await SharedPractice.shared.practice()
            let status = try await practice.clara.json("status")
            #expect(status["organisation"]?.string == practice.organisation)
            #expect(status["member_name"]?.string == Practice.claraName)
            #expect(status["device_status"]?.string == "active")
            #expect(status["reachable"]?.bool == true)
            #expect(status["findings"]?.array?.isEmpty == true)
            for log in ["roster", "activity"] {
                #expect((status[log]?["size"]?.integer ?? 0) > 0)
                #expect(status[log]?["root"]?.string?.count == 64)
            }
            let file = practice.folder + "/heads-\(UUID().uuidString)"
            _ = try await practice.clara.json("status", "--heads", file)
            #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("nightbell.head/v1\n"))
            let again = try await practice.clara.run("status", "--heads", file)
            #expect(again.status == ExitCode.wouldOverwrite)
        }

        @Test func theStepLogTellsWhatWasEstablished() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("steps")
            _ = try await practice.clara.json("inbox")
            let lines = try await practice.clara.run("steps", message).lines()
            let steps = lines.compactMap { $0["step"]?.string }
            let received = [
                "page", "roster", "manifest", "sealed_key", "commitment", "content", "stored", "receipt", "proof",
                "prekey_destroyed",
            ]
            #expect(steps == received)
            #expect(lines.allSatisfy { $0["message"]?.string == message && $0["milliseconds"] != nil })
            #expect(lines.allSatisfy { $0["at"]?.string?.hasSuffix("Z") == true })
            let sender = try await practice.desk.run("steps", message).lines().compactMap { $0["step"]?.string }
            #expect(Array(sender.prefix(3)) == ["prekeys_claimed", "sealed", "accepted"])
            let own = try await practice.clara.run("steps").lines().compactMap { $0["step"]?.string }
            #expect(Set(["keys_made", "enrolled", "prekeys_published"]).isSubset(of: own))
            let verified = try await practice.clara.json("steps", "--verify")
            #expect(verified["ok"]?.bool == true)
            #expect((verified["receipts"]?.integer ?? 0) > 0)
        }

        @Test func aChangedStepLogIsNoticed() async throws {
            let practice = try await SharedPractice.shared.practice()
            let forger = practice.person("forger")
            try await practice.join(forger.name, as: "Fred Forger", "provider")
            let file = forger.profile + "/steps.ndjson"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try Data(text.replacingOccurrences(of: "enrolled", with: "enroIIed").utf8)
                .write(to: URL(fileURLWithPath: file))
            let verified = try await forger.run("steps", "--verify")
            #expect(verified.status == ExitCode.verificationFailed)
            #expect(try verified.json()["ok"]?.bool == false)
            #expect(try verified.json()["faults"]?.array?.first?.string?.contains("steps.ndjson") == true)
            try FileManager.default.removeItem(atPath: file)
            #expect(try await forger.json("steps", "--verify")["ok"]?.bool == true)
            #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
        }

        @Test func aPassphraseOpensAProfile() async throws {
            let practice = try await SharedPractice.shared.practice()
            let folder = practice.folder
            func write(_ text: String, to name: String) throws -> String {
                let path = "\(folder)/\(name)"
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
                return path
            }
            func run(_ file: String, _ words: String...) async throws -> Outcome {
                try await Programs.run(
                    Programs.nightbell,
                    ["--profile", "\(folder)/profile-pass", "--passphrase-file", file, "--json"] + words)
            }
            let right = try write("correct horse battery\n", to: "right")
            let short = try write("too short\n", to: "short")
            let wrong = try write("incorrect horse\n", to: "wrong")
            let invitation = try await practice.invite("Paula Pass", "provider")
            let ca = practice.relay.authority
            #expect(try await run(short, "--ca", ca, "join", invitation).code == "passphrase_too_short")
            #expect(try await run(right, "--ca", ca, "join", invitation).status == ExitCode.done)
            let locked = try await run(wrong, "inbox")
            #expect(locked.status == ExitCode.locked)
            #expect(locked.code == "wrong_passphrase")
            try await typeThePassphrase(of: "\(folder)/profile-pass")
        }

        /// Where a command asks for it, Ctrl-C ends it at once: else the next line that is typed would be its, and the one
        /// after that, the passphrase, the shell's.
        private func typeThePassphrase(of profile: String) async throws {
            let terminal = try await TmuxTerminal.open(commands: [
                "inbox": "exec '\(Programs.nightbell)' --profile '\(profile)' inbox"
            ])
            let before = try await terminal.settings()
            try await terminal.run("clear; ./inbox")
            try await terminal.waitFor("Passphrase:")
            try await terminal.press("h", "o", "r", "C-c")
            try await terminal.waitFor("no passphrase was given")
            try await terminal.expectUsable(before)
            // Whoever ends it from elsewhere leaves no terminal behind in which nothing is seen.
            try await terminal.run("clear; ./inbox")
            try await terminal.waitFor("Passphrase:")
            kill(try await terminal.program(), SIGTERM)
            try await terminal.expectUsable(before)
            try await terminal.run("clear; ./inbox")
            try await terminal.waitFor("Passphrase:")
            try await terminal.press("x", "BSpace")
            for character in "correct horse battery" {
                try await terminal.press(character == " " ? "Space" : String(character))
            }
            // What follows while it is checked is neither shown nor the shell's. At once: it is checked within a second.
            try await terminal.tmux("send-keys", "-t", "s", "Enter", "z", "q")
            let text = try await terminal.waitFor("no message has come yet")
            #expect(!text.contains("horse"))
            try await terminal.expectUsable(before)
            let everything = try await terminal.everything()
            #expect(!everything.contains("horse") && !everything.contains("zq"))
            try await terminal.close()
        }
    }
}
