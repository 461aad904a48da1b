import AsyncHTTPClient
import DeviceKit
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import RelayAPI
import Secrets
import Statements
import Testing

extension ProgramTests {
    /// The ring token: what a locked device hears, what it does not, and what ends it.
    @Suite struct RingTests {
        /// A device of Clara's beside her other one, with a token.
        private func ringer(_ name: String, in practice: Practice, member: String = Practice.claraName) async throws
            -> (session: DeviceSession, token: RingToken, device: String)
        {
            let device = try await practice.join(name, as: member, "provider")["device"]?.string ?? ""
            let person = practice.person(name)
            let session = try DeviceSession.open(
                try Profile.open(person.profile, unlock: .keyFile(person.keyFile)), observer: SilentObserver())
            do {
                return (session, try await session.obtainRingToken(), device)
            } catch {
                await session.close()
                throw error
            }
        }

        /// However a test ends: connections that are dropped while they are open end the run.
        private func letGo(_ session: DeviceSession) {
            let connection = session.connection
            Task { await connection.close() }
        }

        @Test func somethingWaitsAndHowUrgentItIsAndTheEndWhenAnotherDeviceAnswers() async throws {
            let practice = try await SharedPractice.shared.practice()
            let (session, token, _) = try await ringer("ring-waits", in: practice, member: "Dr. Ring Waits")
            defer { letGo(session) }
            let other = practice.person("ring-waits-2")
            try await practice.join("ring-waits-2", as: "Dr. Ring Waits", "provider")
            try await RingEar.listening(token, at: practice.relay) { ear in
                try await ear.wait("first word") { $0.rings.count == 1 }
                #expect(ear.rings == [RingEvent.Ring(waiting: 0, urgency: nil, isNew: false)])
                let routine = try await practice.text("later", to: "Dr. Ring Waits", urgency: "routine")
                try await ear.wait("ring") { $0.rings.count == 2 }
                let emergent = try await practice.text("now", to: "Dr. Ring Waits", urgency: "emergent")
                try await ear.wait("second ring") { $0.rings.count == 3 }
                #expect(
                    ear.rings.dropFirst() == [
                        RingEvent.Ring(waiting: 1, urgency: .routine, isNew: true),
                        RingEvent.Ring(waiting: 2, urgency: .emergent, isNew: true),
                    ])
                try await other.json("ack", emergent)
                let signs = ear.signsOfLife
                try await ear.wait("word after the answer") { $0.rings.count == 4 }
                // By itself, however long that takes here: not with the sixth of the relay's signs of life, when it looks anyway.
                #expect(ear.signsOfLife - signs <= 3)
                #expect(ear.rings.last == RingEvent.Ring(waiting: 1, urgency: .routine, isNew: false))
                try await other.json("decline", routine, "--reason", "unavailable")
                try await ear.wait("silence") { $0.rings.last?.waiting == 0 }
            }
            await session.close()
        }

        /// The bytes themselves: no id of a message, no name, nothing sealed.
        @Test func theStreamCarriesNothingElse() async throws {
            let practice = try await SharedPractice.shared.practice()
            let (session, token, device) = try await ringer("ring-bytes", in: practice, member: "Dr. Ring Bytes")
            defer { letGo(session) }
            let message = try await practice.text("secret text", to: "Dr. Ring Bytes", urgency: "urgent")
            let text = try await raw(token, at: practice.relay) { $0.contains("event: ring") }
            for word in [message, "secret text", "Ring Bytes", Practice.deskName, "sealed", "manifest", "entry"] {
                #expect(!text.contains(word), "\(word) in \(text)")
            }
            let names = text.split(separator: "\n").filter { $0.hasPrefix("event: ") }
            #expect(names.prefix(2) == ["event: head", "event: ring"])
            // A sign of life may come with the word.
            #expect(names.dropFirst(2).allSatisfy { $0 == "event: \(RingStreamEvent.keepAlive.rawValue)" }, "\(names)")
            #expect(text.contains("data: {\"new\":false,\"urgency\":\"urgent\",\"waiting\":1}"))
            // The head is about this device, and says no more than a head does.
            #expect(text.contains(device))
            await session.close()
        }

        @Test func theDevicesOwnStreamGoesOn() async throws {
            let practice = try await SharedPractice.shared.practice()
            let (session, token, _) = try await ringer("ring-beside", in: practice, member: "Dr. Ring Beside")
            defer { letGo(session) }
            let watcher = try practice.person("ring-beside").start("watch")
            try await watcher.waitForLine(containing: "\"drained\"")
            try await RingEar.listening(token, at: practice.relay) { ear in
                try await ear.wait("first word") { $0.rings.count == 1 }
                let message = try await practice.text("to both streams", to: "Dr. Ring Beside")
                try await ear.wait("ring") { $0.rings.last?.waiting == 1 }
                try await watcher.waitForLine(containing: "\"message\"", message)
                #expect(!watcher.now.outText.contains("\"disconnected\""))
                // Delivered is not answered: it rings on for whoever has locked the device meanwhile.
                #expect(ear.rings.last?.waiting == 1)
            }
            watcher.signal(SIGTERM)
            _ = try await watcher.outcome()
            await session.close()
        }

        @Test func aTokenSurvivesTheRelaysFall() async throws {
            let practice = try await Practice.make()
            let (session, token, _) = try await ringer("ring-falls", in: practice, member: "Dr. Ring Falls")
            defer { letGo(session) }
            try await RingEar.listening(token, at: practice.relay) { ear in
                try await ear.wait("first word") { $0.rings.count == 1 }
                try await practice.relay.kill()
                try await ear.wait("word of the dead link") { !$0.causes.isEmpty }
                try await practice.relay.start()
                try await practice.text("after the fall", to: "Dr. Ring Falls")
                try await ear.wait("ring") { $0.rings.last?.waiting == 1 }
            }
            await session.close()
            try await practice.relay.stop()
            // What the relay keeps and says of a token is its hash.
            var secret = token.duplicateSecret().exposed()
            defer { wipe(&secret) }
            let forms = [Data(secret), Data(Base64.encode(secret).utf8), Data(Hex.encode(secret).utf8)]
            let files = FileManager.default.enumerator(atPath: practice.relay.data)?.compactMap { $0 as? String } ?? []
            #expect(files.contains("relay.sqlite"))
            for file in files {
                guard let bytes = FileManager.default.contents(atPath: practice.relay.data + "/" + file) else {
                    continue
                }
                #expect(!forms.contains { bytes.range(of: $0) != nil }, "\(file)")
            }
            let said = Data((practice.relay.child?.now.errText ?? "").utf8)
            #expect(!forms.contains { said.range(of: $0) != nil })
            try await practice.remove()
        }

        @Test func aNewerTokenEndsTheOneBefore() async throws {
            let practice = try await SharedPractice.shared.practice()
            let (session, token, _) = try await ringer("ring-newer", in: practice, member: "Dr. Ring Newer")
            defer { letGo(session) }
            try await RingEar.listening(token, at: practice.relay) { ear in
                try await ear.wait("first word") { $0.rings.count == 1 }
                let newer = try await session.obtainRingToken()
                try await ear.wait("refusal") { $0.causes.contains("ring_token_refused") }
                try await RingEar.listening(newer, at: practice.relay) { other in
                    try await other.wait("first word") { $0.rings.count == 1 }
                }
            }
            await session.close()
        }

        @Test func aRevocationEndsItAtOnce() async throws {
            let practice = try await SharedPractice.shared.practice()
            let (session, token, device) = try await ringer("ring-revoked", in: practice, member: "Dr. Ring Revoked")
            defer { letGo(session) }
            try await RingEar.listening(token, at: practice.relay) { ear in
                try await ear.wait("first word") { $0.rings.count == 1 }
                try await practice.admin.json("admin", "revoke", device, "--reason", "stolen")
                // By the time that somebody looks there may be more than one.
                try await ear.wait("end") { $0.causes.first == "ring_token_refused" }
                try await ear.wait("second refusal") { $0.causes.count >= 2 }
                #expect(ear.causes.allSatisfy { $0 == "ring_token_refused" })
            }
            await session.close()
        }

        @Test func nothingButATokenThatIsKnownListens() async throws {
            let practice = try await SharedPractice.shared.practice()
            let made = RingToken(secret: SecretBytes(random: 32), expires: Timestamp.now().adding(seconds: 3_600))
            let stranger = try #require(made)
            try await RingEar.listening(stranger, at: practice.relay) { ear in
                try await ear.wait("refusal") { !$0.causes.isEmpty }
                #expect(ear.causes.allSatisfy { $0 == "ring_token_refused" } && ear.rings.isEmpty)
            }
            for header in [nil, "Bearer", "Bearer AAAA", "Basic " + Base64.encode([UInt8](repeating: 1, count: 32))] {
                #expect(try await status(header, at: practice.relay) == 401)
            }
        }

        @Test func aTokenThatIsOverByTheClockRingsNoMore() async throws {
            let practice = try await SharedPractice.shared.practice()
            let made = RingToken(secret: SecretBytes(random: 32), expires: Timestamp.now())
            let over = try #require(made)
            try await RingEar.listening(over, at: practice.relay) { ear in
                try await ear.wait("end") { ear in
                    ear.all.contains { event in
                        if case .over(let cause) = event { return cause.code == "ring_token_over" }
                        return false
                    }
                }
            }
        }

        // MARK: Bytes

        private func request(_ header: String?, at relay: RelayUnderTest) -> HTTPClientRequest {
            var request = HTTPClientRequest(url: "https://\(relay.address)\(APIPath.ring)")
            if let header { request.headers.add(name: "authorization", value: header) }
            return request
        }

        private func configuration(_ relay: RelayUnderTest) throws -> HTTPClient.Configuration {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(relay.authority))
            var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
            configuration.timeout.connect = Self.patience
            return configuration
        }

        private static let patience = TimeAmount.seconds(Int64(Programs.patienceSeconds))

        private func status(_ header: String?, at relay: RelayUnderTest) async throws -> UInt {
            try await HTTPClient.withHTTPClient(configuration: try configuration(relay)) { client in
                try await client.execute(request(header, at: relay), timeout: Self.patience).status.code
            }
        }

        /// What comes, until it is enough.
        private func raw(
            _ token: RingToken, at relay: RelayUnderTest, until isEnough: (String) -> Bool
        ) async throws -> String {
            var secret = token.duplicateSecret().exposed()
            defer { wipe(&secret) }
            let header = "Bearer " + Base64.encode(secret)
            return try await HTTPClient.withHTTPClient(configuration: try configuration(relay)) { client in
                var text = ""
                let response = try await client.execute(request(header, at: relay), timeout: Self.patience)
                for try await chunk in response.body {
                    text += String(buffer: chunk)
                    if isEnough(text), text.hasSuffix("\n\n") { break }
                }
                return text
            }
        }
    }
}
