import Foundation
import JWTKit
import PushDelivery
import PushPeer
import Secrets
import Testing

/// Google's service and its token endpoint, in another process each.
@Suite(.serialized) struct FCMTransportTests {
    private let peer: PushServicePeer
    private let tokenPeer: PushServicePeer
    private let transport: FCMTransport
    private let clock = TestClock(1_800_000_000)
    private let address = PushAddress.fcm(token: "device:token-1")
    private static let token = #"{"access_token":"ya29.first","expires_in":3599,"token_type":"Bearer"}"#

    init() async throws {
        peer = try await PushServicePeer()
        tokenPeer = try await PushServicePeer()
        transport = FCMTransport(
            try FCMCredentials(
                json: Self.file(tokenAddress: tokenPeer.origin + "/token", key: tokenPeer.accountKey)),
            service: PushService(origin: peer.origin, roots: peer.roots, attemptSeconds: 120),
            tokenService: PushService(origin: tokenPeer.origin, roots: tokenPeer.roots, attemptSeconds: 120),
            now: { [clock] in clock.now })
    }

    private static func file(tokenAddress: String, key: String, type: String = "service_account") throws
        -> SecretBytes
    {
        var json = Array(
            try JSONSerialization.data(
                withJSONObject: [
                    "type": type, "project_id": "practice-1", "private_key_id": "abc123", "private_key": key,
                    "client_email": "relay@practice-1.iam.gserviceaccount.com", "token_uri": tokenAddress,
                ]))
        return SecretBytes(moving: &json)
    }

    @Test func aPageArrivesAsGoogleWantsIt() async throws {
        try tokenPeer.answer(.init(status: 200, body: Self.token))
        try peer.answer(.init(status: 200, body: #"{"name":"projects/practice-1/messages/1"}"#))
        #expect(await transport.push(.sample(), to: address) == .accepted)
        let request = try await peer.request()
        #expect(request.method == "POST")
        #expect(request.path == "/v1/projects/practice-1/messages:send")
        #expect(request.headers["authorization"] == "Bearer ya29.first")
        #expect(request.body.count <= 4_096)
        let payload = try #require(try JSONSerialization.jsonObject(with: request.body) as? [String: [String: Any]])
        let message = try #require(payload["message"])
        #expect(Set(message.keys) == ["token", "data", "android"])
        #expect(message["token"] as? String == "device:token-1")
        let data = try #require(message["data"] as? [String: String])
        #expect(data.keys.elementsEqual(["e"]))
        #expect(data["e"].flatMap { Base64URL.decode($0.utf8) } == PushPage.sample().body)
        let android = try #require(message["android"] as? [String: String])
        #expect(android == ["priority": "HIGH", "ttl": "300s", "collapse_key": String(repeating: "T", count: 32)])
    }

    @Test func theAssertionIsSignedAsGoogleWantsIt() async throws {
        try tokenPeer.answer(.init(status: 200, body: Self.token))
        try peer.answer(.init(status: 200))
        #expect(await transport.push(.sample(), to: address) == .accepted)
        let request = try await tokenPeer.request()
        #expect(request.method == "POST")
        #expect(request.path == "/token")
        #expect(request.headers["content-type"] == "application/x-www-form-urlencoded")
        let form = String(decoding: request.body, as: UTF8.self)
        let prefix = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
        #expect(form.hasPrefix(prefix))
        let assertion = String(form.dropFirst(prefix.count))
        struct Claims: JWTPayload {
            let iss: String, scope: String, aud: String
            let iat: Int, exp: Int
            func verify(using algorithm: some JWTAlgorithm) throws {}
        }
        let keys = JWTKeyCollection()
        let key = try Insecure.RSA.PrivateKey(pem: tokenPeer.accountKey).publicKey
        await keys.add(rsa: key, digestAlgorithm: .sha256)
        let claims = try await keys.verify(assertion, as: Claims.self)
        #expect(claims.iss == "relay@practice-1.iam.gserviceaccount.com")
        #expect(claims.scope == "https://www.googleapis.com/auth/firebase.messaging")
        #expect(claims.aud == tokenPeer.origin + "/token")
        #expect(claims.iat == 1_800_000_000)
        #expect(claims.exp == 1_800_003_600)
        let header = try #require(Base64URL.decode(assertion.prefix { $0 != "." }.utf8))
        let object = try JSONSerialization.jsonObject(with: Data(header)) as? [String: String]
        #expect(object == ["alg": "RS256", "typ": "JWT", "kid": "abc123"])
    }

    /// Many pages at once fetch one token.
    @Test func oneTokenIsFetchedForAllThatWait() async throws {
        try tokenPeer.answer(.init(status: 200, body: Self.token, delay: 0.2))
        for _ in 0..<8 { try peer.answer(.init(status: 200)) }
        let outcomes = await withTaskGroup(of: PushOutcome.self) { group in
            for _ in 0..<8 { group.addTask { await transport.push(.sample(), to: address) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes == [PushOutcome](repeating: .accepted, count: 8))
        // Only near its end is another fetched.
        clock.move(3_599 - 301)
        try peer.answer(.init(status: 200))
        #expect(await transport.push(.sample(), to: address) == .accepted)
        clock.move(1)
        try tokenPeer.answer(.init(status: 200, body: #"{"access_token":"ya29.second","expires_in":3599}"#))
        try peer.answer(.init(status: 200))
        #expect(await transport.push(.sample(), to: address) == .accepted)
        var last: PushServicePeer.Request?
        for _ in 0..<10 { last = try await peer.request() }
        #expect(last?.headers["authorization"] == "Bearer ya29.second")
    }

    @Test(
        arguments: [
            (404, "UNREGISTERED", .gone(.unsubscribed, at: nil)),
            (403, "SENDER_ID_MISMATCH", .gone(.foreignSubscription, at: nil)),
            (400, "INVALID_ARGUMENT", .rejected(.malformed)),
            (401, "THIRD_PARTY_AUTH_ERROR", .rejected(.credentials)), (404, "", .rejected(.malformed)),
            (429, "QUOTA_EXCEEDED", .later(.rateLimited, after: 60)),
            (503, "UNAVAILABLE", .later(.serviceUnavailable, after: nil)),
            (500, "INTERNAL", .later(.serviceUnavailable, after: nil)), (413, "", .rejected(.tooLarge)),
        ] as [(Int, String, PushOutcome)])
    func itsErrorsAreUnderstood(_ status: Int, _ code: String, _ outcome: PushOutcome) async throws {
        try tokenPeer.answer(.init(status: 200, body: Self.token))
        let type = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
        let body =
            #"{"error":{"code":\#(status),"message":"m","status":"S","details":[{"@type":"x"},"#
            + #"{"@type":"\#(type)","errorCode":"\#(code)"}]}}"#
        try peer.answer(.init(status: status, body: code.isEmpty ? "<html>" : body))
        #expect(await transport.push(.sample(), to: address) == outcome)
    }

    /// An access token that was revoked before its time is fetched anew, once.
    @Test func aRefusedTokenIsFetchedAnewOnce() async throws {
        try tokenPeer.answer(.init(status: 200, body: Self.token))
        try tokenPeer.answer(.init(status: 200, body: #"{"access_token":"ya29.second","expires_in":3599}"#))
        try peer.answer(.init(status: 401))
        try peer.answer(.init(status: 200))
        #expect(await transport.push(.sample(), to: address) == .accepted)
        let (first, second) = (try await peer.request(), try await peer.request())
        #expect(first.headers["authorization"] == "Bearer ya29.first")
        #expect(second.headers["authorization"] == "Bearer ya29.second")
    }

    @Test(
        arguments: [
            (400, #"{"error":"invalid_grant"}"#, .unauthorized(.credentials)),
            (429, "", .later(.rateLimited, after: 8)),
            (500, "", .later(.serviceUnavailable, after: 8)), (200, "nonsense", .later(.unexpected, after: nil)),
            (200, #"{"access_token":"a\r\nb","expires_in":9}"#, .later(.unexpected, after: nil)),
            (200, #"{"access_token":"a","expires_in":0}"#, .later(.unexpected, after: nil)),
        ] as [(Int, String, PushOutcome)])
    func aTokenThatIsNotGivenIsNoPage(_ status: Int, _ body: String, _ outcome: PushOutcome) async throws {
        try tokenPeer.answer(.init(status: status, headers: ["retry-after": "8"], body: body))
        #expect(await transport.push(.sample(), to: address) == outcome)
        // Nobody asks again in the next moment; after it, they do.
        #expect(await transport.push(.sample(), to: address) == outcome)
        clock.move(10)
        try tokenPeer.answer(.init(status: 200, body: Self.token))
        try peer.answer(.init(status: 200))
        #expect(await transport.push(.sample(), to: address) == .accepted)
    }

    @Test func badCredentialsAreNamed() throws {
        for (tokenAddress, key, type, word) in [
            ("https://x/t", "unused", "user", "JSON file of a service account"),
            ("http://x/t", "unused", "service_account", "not https"),
            ("https://x", "unused", "service_account", "not https"),
            ("https://10.0.0.1/t", "unused", "service_account", "not https"),
            ("https://x/t\r\nhost: y", "unused", "service_account", "not https"),
            ("https://x/t", "-----", "service_account", "no RSA key"),
        ] {
            let fault = #expect(throws: PushCredentialsFault.self) {
                _ = try FCMCredentials(json: Self.file(tokenAddress: tokenAddress, key: key, type: type))
            }
            #expect(fault?.description.contains(word) == true)
        }
    }
}
