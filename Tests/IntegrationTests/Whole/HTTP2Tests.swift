import DeviceKit
import Foundation
import RelayAPI
import Secrets
import Statements
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension WatcherTests {
    /// The relay as it is spoken to over HTTP/2 by a program that is not ours, beside our own watcher.
    @Suite struct HTTP2Tests {
        /// A device of a new member, with a ring token.
        private func ringer(_ name: String, _ member: String, in practice: Practice) async throws -> RingToken {
            try await practice.join(name, as: member, "provider")
            let person = practice.person(name)
            let session = try DeviceSession.open(
                try Profile.open(person.profile, unlock: .keyFile(person.keyFile)), observer: SilentObserver())
            let token = try await session.obtainRingToken()
            await session.close()
            return token
        }

        private struct Request: Encodable {
            let `do` = "request"
            let name: String
            var path: String?
            var fields: [[String]]?
            /// The whole header list, in place of both.
            var head: [[String]]?

            static func ring(_ name: String, _ token: RingToken) -> Request {
                Request(
                    name: name, path: APIPath.ring,
                    fields: [["authorization", "Bearer " + Base64.encode(token.duplicateSecret().exposed())]])
            }

            static func signed(_ name: String, _ path: String, by device: RawDevice) -> Request {
                Request(name: name, path: path, fields: device.signature("GET", path).map { [$0.0, $0.1] })
            }
        }

        /// As proxies may pass on what came to them over HTTP/1.1: the name is in `host`.
        private func passedOn(_ name: String, _ path: String, by device: RawDevice) -> Request {
            let fields = [(":method", "GET"), (":scheme", "https"), (":path", path), ("host", device.http.address)]
            return Request(name: name, head: (fields + device.signature("GET", path)).map { [$0.0, $0.1] })
        }

        /// All of it over one connection.
        private func ask(_ requests: [Request], of relay: RelayUnderTest) throws -> ChildProcess {
            let program = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../RelayServiceTests/Peers/http2_client.py").standardized.path
            let orders = try requests.map { try JSONEncoder().encode($0) + Data("\n".utf8) }
            return try ChildProcess(
                "/usr/bin/python3", ["-u", program, "\(relay.port)", "h2"], input: orders.flatMap { Array($0) })
        }

        @Test func devicesShareAConnectionBesideAWatcher() async throws {
            let practice = try await SharedPractice.watchers.practice()
            let (one, two, three) = ("Dr. Shared One", "Dr. Shared Two", "Dr. Shared Three")
            let (tokenOne, tokenTwo) = (
                try await ringer("shared-one", one, in: practice), try await ringer("shared-two", two, in: practice)
            )
            let device = try await RawDevice.join(try await practice.invite(three, "provider"), at: practice.relay)
            let watcher = try practice.person("shared-one").start("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            let peer = try ask(
                [
                    .ring("one", tokenOne), .ring("two", tokenTwo), .signed("stream", APIPath.stream, by: device),
                    .signed("inbox", APIPath.inbox, by: device), passedOn("passed-on", APIPath.inbox, by: device),
                ], of: practice.relay)
            defer { peer.signal(SIGKILL) }
            for name in ["one", "two", "stream", "inbox", "passed-on"] {
                try await peer.waitForLine(containing: "\"head\"", "\"name\": \"\(name)\"", "\"status\": 200")
            }
            try await peer.waitForLine(containing: "\"end\"", "\"name\": \"inbox\"")
            try await peer.waitForLine(containing: "\"name\": \"stream\"", "event: drained")
            let message = try await practice.text("for the first", to: one, urgency: "emergent")
            try await peer.waitForLine(containing: "\"name\": \"one\"", "\\\"waiting\\\":1")
            try await watcher.waitForLine(containing: "\"message\"", message)
            try await practice.text("for the second", to: two)
            try await peer.waitForLine(containing: "\"name\": \"two\"", "\\\"waiting\\\":1")
            watcher.signal(SIGTERM)
            #expect(try await watcher.outcome().status == ExitCode.done)
        }

        @Test func streamsAreCountedAndEndedAsElsewhere() async throws {
            let practice = try await Practice.make()
            let token = try await ringer("counted", "Dr. Counted", in: practice)
            let device = try await RawDevice.join(
                try await practice.invite("Dr. Counted Too", "provider"), at: practice.relay)
            try await practice.relay.stop()
            // Longer than anybody here waits: streams are to end at once, and not with their time.
            try await practice.relay.start(settings: ["--limits-streams", "1", "--drain-seconds", "600"])
            let peer = try ask(
                [.signed("stream", APIPath.stream, by: device), .signed("inbox", APIPath.inbox, by: device)],
                of: practice.relay)
            defer { peer.signal(SIGKILL) }
            try await peer.waitForLine(containing: "\"name\": \"stream\"", "event: head")
            // One stream is open, on whatever connection.
            let late = try ask([.ring("ring", token)], of: practice.relay)
            defer { late.signal(SIGKILL) }
            try await late.waitForLine(containing: "\"head\"", "\"status\": 503")
            #expect(try await practice.relay.stop().status == 0)
            let lines = try await peer.outcome().out.split(separator: "\n")
            #expect(lines.contains { $0.contains("\"name\": \"stream\"") && $0.contains("event: end") })
            #expect(lines.contains { $0.contains("\"end\"") && $0.contains("\"name\": \"stream\"") })
            #expect(lines.filter { $0.contains("\"goaway\"") && $0.contains("\"code\": 0") }.count == 2)
            #expect(try await late.outcome().out.contains("\"goaway\""))
            try await practice.remove()
        }
    }
}
