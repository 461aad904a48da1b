import DeviceKit
import Foundation
import Testing

extension ProgramTests {
    /// Bad input to every command: refused with the cause and the next step, with the exit code that scripts know.
    @Suite struct CommandRefusalTests {
        /// One wrong command.
        struct Wrong: Sendable, CustomTestStringConvertible {
            let person: String
            let words: [String]
            let status: Int32
            let code: String
            var input: String?

            var testDescription: String { "\(person): \(words.map { $0.prefix(40) }.joined(separator: " "))" }

            init(_ person: String, _ words: [String], _ status: Int32, _ code: String, input: String? = nil) {
                self.person = person
                self.words = words
                self.status = status
                self.code = code
                self.input = input
            }
        }

        private static let toClara = ["send", "--to", Practice.claraName, "--urgency", "urgent"]
        private static let noSuchMessage = "msg-aaaaaaaaaaaaaaaaaaaaaaaaaa"

        static let wrong: [Wrong] = [
            Wrong("desk", ["sned"], ExitCode.usage, "usage"),
            Wrong("desk", ["admin", "fond"], ExitCode.usage, "usage"),
            Wrong("desk", ["inbox", "--no-such-option"], ExitCode.usage, "usage"),
            Wrong("desk", ["inbox", "surplus"], ExitCode.usage, "usage"),
            Wrong("desk", ["send", "--to"], ExitCode.usage, "usage"), Wrong("desk", ["send"], ExitCode.usage, "usage"),
            Wrong("desk", ["read"], ExitCode.usage, "usage"), Wrong("desk", ["join"], ExitCode.usage, "usage"),

            Wrong("desk", toClara, ExitCode.usage, "no_content"),
            Wrong("desk", toClara + ["--text", "a", "--record", "b"], ExitCode.usage, "no_content"),
            Wrong("desk", toClara + ["--text", ""], ExitCode.usage, "empty_text"),
            Wrong("desk", toClara + ["--text", "-"], ExitCode.usage, "empty_text", input: ""),
            Wrong(
                "desk", toClara + ["--text", "-"], ExitCode.usage, "content_too_long",
                input: String(repeating: "x", count: 65_536)),
            Wrong(
                "desk", toClara + ["--text", "-"], ExitCode.usage, "file_too_large",
                input: String(repeating: "x", count: 1 << 21)),
            Wrong("desk", toClara + ["--text", "a", "--expires", "0"], ExitCode.usage, "bad_expires"),
            Wrong("desk", toClara + ["--text", "a", "--expires", "604801"], ExitCode.usage, "bad_expires"),
            Wrong("desk", toClara + ["--text", "a", "--timeout", "9"], ExitCode.usage, "timeout_without_wait"),
            Wrong("desk", toClara + ["--text", "a", "--wait", "--timeout", "0"], ExitCode.usage, "bad_timeout"),
            Wrong("desk", toClara + ["--text", "a", "--expires", "-1"], ExitCode.usage, "usage"),
            Wrong("desk", toClara + ["--text", "a", "--expires", "99999999999999999999"], ExitCode.usage, "usage"),
            Wrong(
                "desk", toClara + ["--text", "a", "--patient", String(repeating: "p", count: 257)], ExitCode.usage,
                "bad_patient"),
            Wrong("desk", toClara + ["--text", "a", "--patient", " \t"], ExitCode.usage, "bad_patient"),
            Wrong(
                "desk", toClara + ["--record", "-", "--patient", "p"], ExitCode.usage, "patient_of_record", input: "{}"),
            Wrong("desk", toClara + ["--record", "/no/such/file"], ExitCode.notFound, "file_unreadable"),
            Wrong("desk", toClara + ["--record", "/"], ExitCode.usage, "bad_record"),
            Wrong("desk", toClara + ["--record", "-"], ExitCode.usage, "bad_record", input: "not json"),
            Wrong("desk", toClara + ["--record", "-"], ExitCode.usage, "bad_record", input: "{}"),
            Wrong(
                "desk", toClara + ["--record", "-"], ExitCode.usage, "bad_record",
                input: Samples.record(id: "not a uuid")),
            Wrong(
                "desk", toClara + ["--record", "-"], ExitCode.usage, "bad_record",
                input: String(Samples.record().dropLast(3))),
            Wrong(
                "desk", toClara + ["--record", "-"], ExitCode.usage, "bad_record",
                input: Samples.record().replacing("\"urgent\"", with: "\"now\"")),
            Wrong(
                "desk", toClara + ["--record", "-"], ExitCode.usage, "bad_record",
                input: Samples.record().replacing("{\"schema\"", with: "{\"surplus\":1,\"schema\"")),
            Wrong(
                "desk", toClara + ["--record", "-"], ExitCode.usage, "bad_record",
                input: String(repeating: "[", count: 100_000)),
            Wrong(
                "desk", ["send", "--to", Practice.claraName, "--urgency", "now", "--text", "a"], ExitCode.usage,
                "bad_urgency"),
            Wrong(
                "desk", ["send", "--to", "Nobody", "--urgency", "urgent", "--text", "a"], ExitCode.notFound,
                "no_such_member"),
            Wrong(
                "desk", ["send", "--to", "", "--urgency", "urgent", "--text", "a"], ExitCode.notFound, "no_such_member"),
            Wrong(
                "desk", ["send", "--to", "mem-aaaaaaaaaaaaaaaa", "--urgency", "urgent", "--text", "a"],
                ExitCode.notFound, "no_such_member"),
            Wrong(
                "desk", ["send", "--to", Practice.deskName, "--urgency", "urgent", "--text", "a"], ExitCode.refused,
                "to_oneself"),
            Wrong("auditor", toClara + ["--text", "a"], ExitCode.refused, "not_permitted"),
            // Whoever named nobody is not asked for a text first.
            Wrong(
                "desk", ["send", "--to", "Dr. Nobody Here", "--urgency", "urgent", "--text", "-"],
                ExitCode.notFound, "no_such_member"),

            Wrong("clara", ["read", noSuchMessage], ExitCode.notFound, "no_such_message"),
            Wrong("clara", ["read", ""], ExitCode.notFound, "no_such_message"),
            Wrong("desk", ["sent", ""], ExitCode.notFound, "no_such_message"),
            Wrong("clara", ["read", "%_"], ExitCode.notFound, "no_such_message"),
            Wrong("clara", ["ack", noSuchMessage], ExitCode.notFound, "no_such_message"),
            Wrong("clara", ["ack", noSuchMessage, "--reason", "not_mine"], ExitCode.usage, "bad_reason"),
            Wrong("clara", ["decline", noSuchMessage, "--reason", "calling_now"], ExitCode.usage, "bad_reason"),
            Wrong("clara", ["close", noSuchMessage], ExitCode.notFound, "no_such_message"),
            Wrong("clara", ["close", noSuchMessage, "--reason", "x"], ExitCode.usage, "usage"),
            Wrong("desk", ["sent", noSuchMessage], ExitCode.notFound, "no_such_message"),

            Wrong("admin", ["admin", "invite", "--member", "X", "--role", "king"], ExitCode.usage, "bad_role"),
            Wrong(
                "admin", ["admin", "invite", "--member", "X", "--role", "admin"], ExitCode.usage, "admin_by_invitation"),
            Wrong("admin", ["admin", "invite", "--member", "", "--role", "provider"], ExitCode.usage, "bad_name"),
            Wrong(
                "admin", ["admin", "invite", "--member", String(repeating: "n", count: 257), "--role", "provider"],
                ExitCode.usage, "bad_name"),
            Wrong(
                "admin", ["admin", "invite", "--member", "two\nlines", "--role", "provider"], ExitCode.usage, "bad_name"
            ),
            Wrong(
                "admin", ["admin", "invite", "--member", "X", "--role", "provider", "--hours", "0"], ExitCode.usage,
                "bad_hours"),
            Wrong(
                "admin", ["admin", "invite", "--member", "X", "--role", "provider", "--hours", "169"], ExitCode.usage,
                "bad_hours"),
            Wrong("clara", ["admin", "invite", "--member", "X", "--role", "provider"], ExitCode.refused, "not_admin"),
            // An auditor is a member of their own: nobody may write to one.
            Wrong(
                "admin", ["admin", "invite", "--member", Practice.danName, "--role", "auditor"], ExitCode.refused,
                "auditor_alone"),
            Wrong(
                "admin", ["admin", "invite", "--member", Practice.auditorName, "--role", "provider"], ExitCode.refused,
                "auditor_alone"),
            Wrong("admin", ["admin", "roles", Practice.danName, "auditor"], ExitCode.refused, "auditor_alone"),
            Wrong(
                "admin", ["admin", "roles", Practice.danName, "provider", "auditor"], ExitCode.refused, "auditor_alone"),
            Wrong("admin", ["admin", "roles", Practice.auditorName, "provider"], ExitCode.refused, "auditor_alone"),
            Wrong("admin", ["admin", "roles", Practice.danName], ExitCode.usage, "no_role_named"),
            Wrong("admin", ["admin", "roles", Practice.danName, "intake", "--none"], ExitCode.usage, "no_role_named"),
            Wrong("admin", ["admin", "roles", Practice.danName, "king"], ExitCode.usage, "bad_role"),
            Wrong("admin", ["admin", "roles", Practice.danName, "admin"], ExitCode.usage, "admin_by_role"),
            Wrong("admin", ["admin", "roles", "Nobody", "provider"], ExitCode.notFound, "no_such_member"),
            Wrong("clara", ["admin", "roles", Practice.danName, "intake"], ExitCode.refused, "not_admin"),
            // Also where nothing would change: whoever is told "done" believes that they may.
            Wrong("clara", ["admin", "roles", Practice.danName, "provider"], ExitCode.refused, "not_admin"),
            Wrong("admin", ["admin", "rename", Practice.danName, Practice.claraName], ExitCode.refused, "name_taken"),
            Wrong(
                "admin", ["admin", "rename", Practice.danName, Practice.claraName.uppercased()], ExitCode.refused,
                "name_taken"),
            Wrong("admin", ["admin", "rename", Practice.danName, ""], ExitCode.usage, "bad_name"),
            Wrong("admin", ["admin", "rename", Practice.danName, "two\nlines"], ExitCode.usage, "bad_name"),
            Wrong("admin", ["admin", "rename", Practice.danName], ExitCode.usage, "usage"),
            Wrong("admin", ["admin", "rename", "Nobody", "Somebody"], ExitCode.notFound, "no_such_member"),
            Wrong("clara", ["admin", "rename", Practice.danName, "Dr. Scapegoat"], ExitCode.refused, "not_admin"),
            Wrong("clara", ["admin", "rename", Practice.danName, Practice.danName], ExitCode.refused, "not_admin"),
            Wrong("clara", ["admin", "witnesses", "set", "--none"], ExitCode.refused, "not_admin"),
            Wrong("auditor", ["admin", "witnesses", "set", "--none"], ExitCode.refused, "not_admin"),
            Wrong("clara", ["admin", "audit-key", "accept"], ExitCode.refused, "not_admin"),
            Wrong("auditor", ["admin", "audit-key", "accept"], ExitCode.refused, "not_admin"),
            Wrong("admin", ["admin", "revoke", "dev-", "--reason", "x"], ExitCode.notFound, "ambiguous_device"),
            Wrong(
                "admin", ["admin", "revoke", "dev-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "--reason", "x"],
                ExitCode.notFound, "no_such_device"),
            Wrong(
                "admin", ["admin", "revoke", "inv-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "--reason", "x"],
                ExitCode.notFound, "no_such_invitation"),
            Wrong("admin", ["admin", "revoke", "dev-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"], ExitCode.usage, "usage"),
            Wrong(
                "admin", ["admin", "revoke", "dev-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "--reason", ""], ExitCode.usage,
                "bad_name"),
            Wrong("admin", ["admin", "audit-key", "accept", "dev-zzz"], ExitCode.notFound, "no_offer"),
            Wrong(
                "admin", ["admin", "found", "--relay", "localhost:1", "--organisation", "X", "--member", "Y"],
                ExitCode.wouldOverwrite, "profile_in_use"),
            Wrong(
                "admin", ["admin", "found", "--relay", "http://x/", "--organisation", "X", "--member", "Y"],
                ExitCode.usage, "bad_address"),
            Wrong(
                "admin", ["admin", "found", "--relay", "localhost:1", "--organisation", "", "--member", "Y"],
                ExitCode.usage, "bad_name"),
            Wrong("desk", ["--ca", "/etc/hostname", "inbox"], ExitCode.configuration, "ca_file_unreadable"),
            Wrong("desk", ["--ca", "/no/such/file", "inbox"], ExitCode.configuration, "ca_file_unreadable"),

            Wrong("nobody", ["inbox"], ExitCode.configuration, "profile_missing"),
            Wrong("nobody", ["steps"], ExitCode.configuration, "profile_missing"),
            Wrong("nobody", ["join", "hello"], ExitCode.usage, "bad_invitation"),
            Wrong("nobody", ["join", ""], ExitCode.usage, "bad_invitation"),
        ]

        @Test(arguments: wrong)
        func isRefused(_ wrong: Wrong) async throws {
            let practice = try await SharedPractice.shared.practice()
            let outcome = try await practice.person(wrong.person).run(wrong.words, input: wrong.input)
            Refusal.check(outcome, wrong.status, wrong.code)
        }

        @Test func peopleReadTheSameInWords() async throws {
            let practice = try await SharedPractice.shared.practice()
            let outcome = try await practice.desk.say("read", Self.noSuchMessage)
            #expect(outcome.status == ExitCode.notFound)
            #expect(outcome.out.isEmpty)
            #expect(outcome.err.hasPrefix("nightbell: error: this device has no such message"))
            #expect(outcome.err.contains("\nnightbell: hint: "))
            // What would be known of a good reason is not said of one that there is not.
            let reason = try await practice.clara.say("ack", Self.noSuchMessage, "--reason", "soon")
            #expect(reason.err.hasPrefix("nightbell: error: there is no such reason"), "\(reason.err)")
        }

        @Test func aMemberWithoutADeviceCannotBeSentTo() async throws {
            let practice = try await SharedPractice.shared.practice()
            _ = try await practice.invite("Not Yet", "provider")
            let outcome = try await practice.desk.run(
                "send", "--to", "Not Yet", "--urgency", "urgent", "--text", "a")
            Refusal.check(outcome, ExitCode.failed, "no_device")
            #expect(outcome.error?["next"]?.string?.contains("telephone") == true)
        }

        @Test func anotherMembersMessageCannotBeAnswered() async throws {
            let practice = try await SharedPractice.shared.practice()
            let message = try await practice.text("for Clara alone")
            Refusal.check(try await practice.dan.run("ack", message), ExitCode.notFound, "no_such_message")
            Refusal.check(try await practice.desk.run("read", message), ExitCode.notFound, "no_such_message")
        }

        @Test func helpIsNoError() async throws {
            for words in [["--help"], ["help"], ["send", "--help"], ["admin", "--help"], []] {
                let outcome = try await Programs.run(Programs.nightbell, words)
                #expect(outcome.status == ExitCode.done)
                #expect(outcome.out.contains("USAGE"))
            }
        }
    }
}

/// What every refusal of a command must be like.
enum Refusal {
    static func check(
        _ outcome: Outcome, _ status: Int32, _ code: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome.status == status, "\(outcome.err)", sourceLocation: sourceLocation)
        #expect(outcome.code == code, "\(outcome.err)", sourceLocation: sourceLocation)
        #expect(outcome.out.isEmpty, sourceLocation: sourceLocation)
        #expect(outcome.error?["message"]?.string?.isEmpty == false, sourceLocation: sourceLocation)
        #expect(outcome.error?["next"]?.string?.isEmpty == false, sourceLocation: sourceLocation)
        for trace in ["Fatal error", "crashed", "Stack dump", "backtrace", " at /"] {
            #expect(!outcome.err.contains(trace), sourceLocation: sourceLocation)
        }
    }
}
