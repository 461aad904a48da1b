import DeviceKit
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension ProgramTests {
    /// A member who has no device left has nothing, whatever the list of members says: admin and desk are told at once.
    @Suite struct LastDeviceTests {
        @Test func whoeverRevokesTheLastDeviceIsToldWhatIsLost() async throws {
            let practice = try await SharedPractice.shared.practice()
            let (name, phone, tablet) = ("Dr. Last Device", "last-phone", "last-tablet")
            let first = try #require(try await practice.join(phone, as: name, "provider")["device"]?.string)
            let second = try #require(try await practice.join(tablet, as: name, "provider")["device"]?.string)

            let one = try await practice.admin.json("admin", "revoke", first, "--reason", "lost")
            #expect(one["devices_left"]?.integer == 1)
            #expect(one["warnings"]?.array?.isEmpty == true)
            #expect(try await Self.devices(of: name, practice) == 1)

            let other = try await practice.admin.run("admin", "revoke", second, "--reason", "lost too")
            #expect(other.status == ExitCode.done)
            let revoked = try other.json()
            #expect(revoked["devices_left"]?.integer == 0)
            let warning = try #require(revoked["warnings"]?.array?.first?.string)
            #expect(warning.hasPrefix("\(name) HAS NO DEVICE LEFT"))
            #expect(warning.contains("nightbell admin invite --member \"\(name)\" --role provider"), "\(warning)")
            #expect(other.err.contains("HAS NO DEVICE LEFT"), "\(other.err)")
            #expect(try await Self.devices(of: name, practice) == 0)
            let list = try await practice.admin.say("admin", "members").out
            let line = list.split(separator: "\n").first { $0.contains(name) }
            #expect(line?.contains("NO DEVICE LEFT") == true, "\(list)")
            _ = try await practice.invite("Dr. No Device Yet", "provider")
            let invited = try await practice.admin.say("admin", "members").out.split(separator: "\n")
                .first { $0.contains("Dr. No Device Yet") }
            #expect(invited?.contains("invited, not joined yet") == true)
        }

        @Test func theDeskIsToldToTelephoneBeforeAnyDeadline() async throws {
            let practice = try await SharedPractice.shared.practice()
            let (name, phone) = ("Dr. Phone Gone", practice.person("phone-gone"))
            let device = try #require(try await practice.join(phone.name, as: name, "provider")["device"]?.string)
            let message = try await practice.text("read, and then nothing", to: name, urgency: "routine")
            let taken = try await practice.text("acknowledged before", to: name, urgency: "routine")
            _ = try await phone.json("read", message)
            _ = try await phone.json("ack", taken)
            let before = try await practice.desk.json("sent", message)
            #expect(before["no_device"]?.bool == false)
            try await practice.admin.json("admin", "revoke", device, "--reason", "in the river")

            let state = try await practice.desk.json("sent", message)
            #expect(state["no_device"]?.bool == true)
            #expect(state["overdue"]?.bool == true)
            let page = try await practice.desk.say("sent", message).out
            #expect(page.hasPrefix("NO DEVICE LEFT, CALL BY TELEPHONE Dr. Phone Gone  ROUTINE"), "\(page)")
            let list = try await practice.desk.json("sent", "--overdue")["messages"]?.array ?? []
            #expect(list.contains { $0["message"]?.string == message })
            // What they had promised they may not be able to keep.
            #expect(list.contains { $0["message"]?.string == taken })
            let promised = try await practice.desk.say("sent", taken).out
            #expect(promised.contains("they acknowledged it, and may have LOST THE NUMBER"), "\(promised)")
            #expect(promised.contains("what you sent:\n  acknowledged before"), "\(promised)")
            try await practice.desk.json("sent", "--dismiss", taken)
            let left = try await practice.desk.json("sent", "--overdue")["messages"]?.array ?? []
            #expect(!left.contains { $0["message"]?.string == taken })
            #expect(try await practice.desk.json("sent", taken)["dealt_with"]?.bool == true)

            let watcher = try practice.desk.start("watch")
            try await watcher.waitForLine(containing: "\"unanswered\"", message, "\"no_device\":true")
            watcher.signal(SIGTERM)
            let events = try await watcher.outcome().lines()
            let told = events.filter { $0["event"]?.string == "unanswered" && $0["no_device"]?.bool == true }
            #expect(told.filter { $0["message"]?.string == message }.count == 1)

            // A device that joins later has nothing of it, whoever's it is.
            try await practice.join("phone-anew", as: name, "provider")
            let later = try await practice.desk.json("sent", message)
            #expect(later["no_device"]?.bool == true)
            #expect(!told.contains { $0["message"]?.string == taken })
        }

        private static func devices(of name: String, _ practice: Practice) async throws -> Int64? {
            let members = try await practice.admin.json("admin", "members")["members"]?.array ?? []
            return members.first { $0["name"]?.string == name }?["devices"]?.integer
        }
    }
}
