import DeviceKit
import Foundation
import Testing

extension OwnPracticeTests {
    /// Files on their way through links that break and programs that are killed.
    @Suite struct AttachmentTransferTests {
        /// 64 MiB: what no program may hold, whatever it carries.
        private static let memoryKibibytes = 65_536
        private static let mebibyte = 1 << 20
        /// 25 MiB.
        private static let recordingByteCount = 26_214_400

        /// A practice behind a link.
        private struct World {
            let practice: Practice
            let link: BreakingLink

            static func run(_ body: (World) async throws -> Void) async throws {
                let folder = try Programs.temporaryFolder()
                let port = try RelayUnderTest.freePort()
                let listening = try RelayUnderTest.freePort()
                let relay = RelayUnderTest(data: folder + "/relay", port: port, listening: listening)
                try await relay.initialise()
                try await relay.start()
                let link = try BreakingLink(port: port, target: listening)
                defer { link.end() }
                let practice = try await Practice.found(in: folder, at: relay)
                try await body(World(practice: practice, link: link))
                try await practice.remove()
            }

            /// A file of bytes that nobody has seen.
            func recording(_ byteCount: Int = recordingByteCount) throws -> (path: String, bytes: Data) {
                let path = "\(practice.folder)/call \(UUID().uuidString.prefix(4)).wav"
                let handle = try #require(FileHandle(forReadingAtPath: "/dev/urandom"))
                let bytes = try #require(try handle.read(upToCount: byteCount))
                try bytes.write(to: URL(fileURLWithPath: path))
                return (path, bytes)
            }

            func cuts(_ direction: BreakingLink.Direction) -> [BreakingLink.Place] {
                [2, 7, 12, 17, 22].map { .init(direction: direction, bytes: $0 * mebibyte, trouble: .cut) }
            }

            func sendingFolder(of name: String) -> [String] {
                (try? FileManager.default.contentsOfDirectory(atPath: practice.person(name).profile + "/sending")) ?? []
            }
        }

        private static func words(_ path: String) -> [String] {
            ["send", "--to", Practice.claraName, "--urgency", "urgent", "--text", "hear this", "--attach", path]
        }

        @Test func aRecordingOf25MiBGoesThroughALinkThatBreaksFiveTimes() async throws {
            try await World.run { world in
                let practice = world.practice
                let (path, bytes) = try world.recording()
                let relayMemory = PeakMemory(of: try #require(practice.relay.child))

                world.link.breaks(at: world.cuts(.up))
                let sender = try practice.desk.start(words: Self.words(path))
                let senderMemory = PeakMemory(of: sender)
                let sent = try await sender.outcome(seconds: 180)
                #expect(sent.status == ExitCode.done, "\(sent.err)")
                #expect(world.link.now.cuts == 5)
                // What was through stayed through.
                #expect(world.link.now.up < Self.recordingByteCount + 4 * Self.mebibyte)
                let file = try #require(try sent.json()["attachments"]?.array?.first)
                #expect(file["bytes"]?.integer == Int64(Self.recordingByteCount))
                #expect(file["kind"]?.string == "recording")
                #expect(world.sendingFolder(of: "desk").isEmpty)
                let message = try #require(try sent.json()["message"]?.string)

                world.link.breaks(at: world.cuts(.down))
                let target = practice.folder + "/saved.wav"
                let receiver = try practice.clara.start("read", message, "--save", target, "--attachment", "1")
                let receiverMemory = PeakMemory(of: receiver)
                let read = try await receiver.outcome(seconds: 180)
                #expect(read.status == ExitCode.done, "\(read.err)")
                #expect(world.link.now.cuts == 5)
                #expect(world.link.now.down < Self.recordingByteCount + 4 * Self.mebibyte)
                #expect(try read.json()["content"]?["text"]?.string == "hear this")
                #expect(try read.json()["attachments"]?.array?.first?["saved"]?.string == target)
                #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == bytes)
                let mode = try FileManager.default.attributesOfItem(atPath: target)[.posixPermissions] as? NSNumber
                #expect(mode?.intValue == 0o600)

                for (who, peak) in [("sender", senderMemory), ("relay", relayMemory), ("receiver", receiverMemory)] {
                    #expect(
                        peak.kibibytes > 0 && peak.kibibytes < Self.memoryKibibytes, "\(who): \(peak.kibibytes) KiB")
                }
                // What left the client is on record, for the sender and for the auditor.
                world.link.breaks(at: [])
                let states = try await practice.desk.json("sent", message)["states"]?.array ?? []
                #expect(Set(states.map { $0["action"]?.string }) == ["delivered", "read", "disclosed"])
                #expect(try await practice.auditor.json("audit", "verify")["ok"]?.bool == true)
            }
        }

        @Test func aSenderThatIsKilledGoesOnWhereItWas() async throws {
            try await World.run { world in
                let practice = world.practice
                let (path, bytes) = try world.recording(8 * Self.mebibyte)
                world.link.breaks(at: [.init(direction: .up, bytes: 5 * Self.mebibyte, trouble: .hold)])
                let sender = try practice.desk.start(words: Self.words(path))
                await world.link.held()
                sender.signal(9)
                #expect(try await sender.outcome().wasKilled)
                world.link.release()
                // What was asked for is kept, whatever becomes of the file.
                try FileManager.default.removeItem(atPath: path)
                #expect(try await practice.desk.json("status")["messages_unsent"]?.integer == 1)
                world.link.breaks(at: [])
                #expect(try await practice.desk.run("sent").status == ExitCode.done)
                #expect(world.link.now.up < 5 * Self.mebibyte, "\(world.link.now.up)")
                #expect(try await practice.desk.json("status")["messages_unsent"]?.integer == 0)
                #expect(world.sendingFolder(of: "desk").isEmpty)
                let inbox = try await practice.clara.json("inbox")["messages"]?.array ?? []
                let message = try #require(inbox.first?["message"]?.string)
                #expect(inbox.count == 1)

                // And the receiver.
                let folder = practice.folder + "/saved"
                world.link.breaks(at: [.init(direction: .down, bytes: 5 * Self.mebibyte, trouble: .hold)])
                let receiver = try practice.clara.start("read", message, "--save", folder)
                await world.link.held()
                receiver.signal(9)
                #expect(try await receiver.outcome().wasKilled)
                world.link.release()
                world.link.breaks(at: [])
                let read = try await practice.clara.json("read", message, "--save", folder)
                #expect(world.link.now.down < 5 * Self.mebibyte, "\(world.link.now.down)")
                let saved = try #require(read["attachments"]?.array?.first?["saved"]?.string)
                #expect(try Data(contentsOf: URL(fileURLWithPath: saved)) == bytes)
                // Once more: it is there, and is left as it is.
                #expect(try await practice.clara.run("read", message, "--save", folder).status == ExitCode.done)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
            }
        }

        @Test func aRelayThatIsKilledLosesNoPieceThatItAnsweredFor() async throws {
            try await World.run { world in
                let practice = world.practice
                let (path, bytes) = try world.recording(8 * Self.mebibyte)
                world.link.breaks(at: [.init(direction: .up, bytes: 5 * Self.mebibyte, trouble: .hold)])
                let sender = try practice.desk.start(words: Self.words(path))
                await world.link.held()
                try await practice.relay.kill()
                try await practice.relay.start()
                world.link.release()
                let sent = try await sender.outcome(seconds: 120)
                #expect(sent.status == ExitCode.done, "\(sent.err)")
                #expect(world.link.now.up < 10 * Self.mebibyte, "\(world.link.now.up)")
                let message = try #require(try sent.json()["message"]?.string)
                let target = practice.folder + "/saved"
                _ = try await practice.clara.json("read", message, "--save", target, "--attachment", "1")
                #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == bytes)
                #expect(try await practice.relay.check().status == ExitCode.done)
            }
        }
    }
}
