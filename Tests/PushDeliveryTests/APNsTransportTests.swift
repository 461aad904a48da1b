import Crypto
import Foundation
import PushDelivery
import PushPeer
import Secrets
import Synchronization
import Testing

/// Apple's service, in another process, over HTTP/2.
@Suite(.serialized) struct APNsTransportTests {
    private let peer: PushServicePeer
    private let transport: APNsTransport
    private let key = P256.Signing.PrivateKey()
    private let clock = TestClock(1_800_000_000)
    private let address = PushAddress.apns(token: [0xAB, 0xCD, 0x01])

    init() async throws {
        peer = try await PushServicePeer()
        let pem = SecretBytes(copying: Array(key.pemRepresentation.utf8))
        transport = APNsTransport(
            try APNsCredentials(keyID: "KEYID12345", teamID: "TEAM123456", topic: "example.nightbell", pem: pem),
            service: PushService(origin: peer.origin, roots: peer.roots, attemptSeconds: 120),
            now: { [clock] in clock.now })
    }

    private func claims(_ request: PushServicePeer.Request) throws -> (header: [String: Any], body: [String: Any]) {
        let header = try #require(request.headers["authorization"])
        #expect(header.hasPrefix("bearer "))
        let parts = header.dropFirst("bearer ".count).split(separator: ".")
        let signature = try P256.Signing.ECDSASignature(
            rawRepresentation: try #require(Base64URL.decode(parts[2].utf8)))
        #expect(key.publicKey.isValidSignature(signature, for: Data("\(parts[0]).\(parts[1])".utf8)))
        func object(_ part: Substring) throws -> [String: Any] {
            let bytes = try #require(Base64URL.decode(part.utf8))
            return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        }
        return (try object(parts[0]), try object(parts[1]))
    }

    /// A service that closes this connection still answers what it has taken, and is let finish.
    @Test func aFailureTakesNothingFromTheOthers() async throws {
        try peer.answer(.init(path: "/3/device/abcd01", status: 200, delay: 2))
        try peer.answer(.init(path: "/3/device/ff", status: 503, body: #"{"reason":"Shutdown"}"#))
        async let slow = transport.push(.sample(), to: address)
        #expect(try await peer.request().path == "/3/device/abcd01")
        #expect(await transport.push(.sample(), to: .apns(token: [0xFF])) == .later(.serviceUnavailable, after: nil))
        #expect(await slow == .accepted)
    }

    /// All pages share one connection: one that is given up cuts no other off.
    @Test func whatIsGivenUpIsNoOthersFault() async throws {
        try peer.answer(.init(path: "/3/device/01", status: 200, delay: 2))
        try peer.answer(.init(path: "/3/device/02", how: "hang"))
        async let taken = transport.push(.sample(), to: .apns(token: [1]))
        #expect(try await peer.request().path == "/3/device/01")
        let other = Task { await transport.push(.sample(), to: .apns(token: [2])) }
        #expect(try await peer.request().path == "/3/device/02")
        other.cancel()
        #expect(await other.value == .later(.unreachable, after: nil))
        #expect(await taken == .accepted)
    }

    @Test func aPageArrivesAsAppleWantsIt() async throws {
        try peer.answer(.init(status: 200))
        #expect(await transport.push(.sample(), to: address) == .accepted)
        let request = try await peer.request()
        #expect(request.http == 2)
        #expect(request.method == "POST")
        #expect(request.path == "/3/device/abcd01")
        #expect(request.headers["apns-topic"] == "example.nightbell")
        #expect(request.headers["apns-push-type"] == "alert")
        #expect(request.headers["apns-priority"] == "10")
        #expect(request.headers["apns-expiration"] == "1800000300")
        #expect(request.headers["apns-collapse-id"] == String(repeating: "T", count: 32))
        #expect(request.headers["apns-id"].flatMap(UUID.init(uuidString:)) != nil)
        let (header, body) = try claims(request)
        #expect(header["alg"] as? String == "ES256")
        #expect(header["kid"] as? String == "KEYID12345")
        #expect(body["iss"] as? String == "TEAM123456")
        #expect(body["iat"] as? Int == 1_800_000_000)
        #expect(request.body.count <= 4_096)
        let payload = try #require(try JSONSerialization.jsonObject(with: request.body) as? [String: Any])
        #expect(Set(payload.keys) == ["aps", "e"])
        #expect((payload["e"] as? String).flatMap { Base64URL.decode($0.utf8) } == PushPage.sample().body)
        let aps = try #require(payload["aps"] as? [String: Any])
        #expect(aps["mutable-content"] as? Int == 1)
        #expect(aps["interruption-level"] as? String == "time-sensitive")
        #expect((aps["alert"] as? [String: String])?["body"] == PushText.constant)
    }

    /// Two pages of any content differ in nothing but what is sealed.
    @Test func allPagesAreOfOneLength() async throws {
        var sizes: Set<Int> = []
        for fill: UInt8 in [0, 255] {
            try peer.answer(.init(status: 200))
            let page = PushPage(
                body: [UInt8](repeating: fill, count: 2_048), isUrgent: true, lifetime: 60,
                tag: String(repeating: "t", count: 32))
            #expect(await transport.push(page, to: address) == .accepted)
            sizes.insert(try await peer.request().body.count)
        }
        #expect(sizes.count == 1)
    }

    @Test(
        arguments: [
            (410, "Unregistered", .gone(.unsubscribed, at: 1_799_999_999)),
            (410, "ExpiredToken", .gone(.unsubscribed, at: 1_799_999_999)),
            (400, "BadDeviceToken", .gone(.foreignSubscription, at: nil)),
            (400, "DeviceTokenNotForTopic", .gone(.foreignSubscription, at: nil)),
            (403, "InvalidProviderToken", .unauthorized(.credentials)), (403, "Forbidden", .unauthorized(.credentials)),
            (400, "TopicDisallowed", .unauthorized(.credentials)), (400, "BadPriority", .rejected(.malformed)),
            (404, "BadPath", .rejected(.malformed)), (405, "MethodNotAllowed", .rejected(.malformed)),
            (413, "PayloadTooLarge", .rejected(.tooLarge)), (429, "TooManyRequests", .later(.rateLimited, after: 9)),
            (429, "TooManyProviderTokenUpdates", .later(.rateLimited, after: 9)),
            (500, "InternalServerError", .later(.serviceUnavailable, after: 9)),
            (503, "ServiceUnavailable", .later(.serviceUnavailable, after: 9)),
            (503, "Shutdown", .later(.serviceUnavailable, after: 9)), (400, "IdleTimeout", .later(.timeout, after: 9)),
            (410, "", .rejected(.malformed)),
        ] as [(Int, String, PushOutcome)])
    func itsReasonsAreUnderstood(_ status: Int, _ reason: String, _ outcome: PushOutcome) async throws {
        let body = #"{"reason":"\#(reason)","timestamp":1799999999123}"#
        try peer.answer(.init(status: status, headers: ["retry-after": "9"], body: body))
        #expect(await transport.push(.sample(), to: address) == outcome)
    }

    @Test func oneTokenIsUsedForFiftyMinutes() async throws {
        var headers: [String?] = []
        for seconds in [0, 2_999, 1, 2_999] {
            clock.move(seconds)
            try peer.answer(.init(status: 200))
            #expect(await transport.push(.sample(), to: address) == .accepted)
            headers.append(try await peer.request().headers["authorization"])
        }
        #expect(headers[0] == headers[1])
        #expect(headers[1] != headers[2])
        #expect(headers[2] == headers[3])
    }

    /// Apple holds an expired token against the whole connection.
    @Test func anExpiredTokenIsMadeAnewOverAFreshConnection() async throws {
        try peer.answer(.init(status: 200))
        #expect(await transport.push(.sample(), to: address) == .accepted)
        let before = try await peer.request()
        clock.move(1_500)
        try peer.answer(.init(status: 403, body: #"{"reason":"ExpiredProviderToken"}"#))
        try peer.answer(.init(status: 200))
        #expect(await transport.push(.sample(), to: address) == .accepted)
        let (refused, again) = (try await peer.request(), try await peer.request())
        #expect(refused.headers["authorization"] == before.headers["authorization"])
        #expect(again.headers["authorization"] != refused.headers["authorization"])
        #expect(again.connection > refused.connection)
        // Sooner than 20 minutes after the last, another would only be refused as well.
        try peer.answer(.init(status: 403, body: #"{"reason":"ExpiredProviderToken"}"#))
        #expect(await transport.push(.sample(), to: address) == .unauthorized(.credentials))
    }

    @Test(arguments: ["cut", "half", "goaway"]) func afterABrokenConnectionTheNextIsFresh(_ how: String) async throws {
        try peer.answer(.init(status: 200, body: how == "goaway" ? "" : "{", how: how))
        let outcome = await transport.push(.sample(), to: address)
        #expect(outcome == (how == "goaway" ? .accepted : .later(.unreachable, after: nil)))
        try peer.answer(.init(status: 200))
        #expect(await transport.push(.sample(), to: address) == .accepted)
        let (first, second) = (try await peer.request(), try await peer.request())
        #expect(second.connection > first.connection)
    }

    @Test func badCredentialsAreNamed() throws {
        let pem = key.pemRepresentation
        func credentials(_ keyID: String, _ teamID: String, _ topic: String, _ pem: String) throws {
            _ = try APNsCredentials(
                keyID: keyID, teamID: teamID, topic: topic, pem: SecretBytes(copying: Array(pem.utf8)))
        }
        try credentials("KEYID12345", "TEAM123456", "a.b", pem)
        for (keyID, teamID, topic, pem, word) in [
            ("KEYID1234", "TEAM123456", "a.b", pem, "key id"), ("KEYID12345", "TEAM-23456", "a.b", pem, "team id"),
            ("KEYID12345", "TEAM123456", "", pem, "topic"), ("KEYID12345", "TEAM123456", "a b", pem, "topic"),
            ("KEYID12345", "TEAM123456", "a.b", "-----BEGIN", "no P-256 private key"),
        ] {
            let fault = #expect(throws: PushCredentialsFault.self) { try credentials(keyID, teamID, topic, pem) }
            #expect(fault?.description.contains(word) == true)
            #expect(fault?.description.contains(pem) == false)
        }
    }
}

/// A clock that stands still until it is moved.
final class TestClock: Sendable {
    private let seconds: Mutex<Int>

    init(_ seconds: Int) { self.seconds = Mutex(seconds) }

    var now: Int { seconds.withLock { $0 } }

    func move(_ by: Int) { seconds.withLock { $0 += by } }
}
