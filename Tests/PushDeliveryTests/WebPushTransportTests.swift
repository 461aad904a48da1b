import Foundation
import NIOSSL
import PushDelivery
import PushPeer
import Secrets
import Testing
import WebPush

/// Web Push against a service in another process, over TLS.
@Suite(.serialized) struct WebPushTransportTests {
    private let peer: PushServicePeer
    private let transport: WebPushTransport
    private let address: PushAddress
    private let scalar: [UInt8]
    private let authentication = randomBytes(16)

    init() async throws {
        peer = try await PushServicePeer()
        let receiver = P256PrivateKey()
        scalar = receiver.secret().exposed()
        transport = try Self.transport(peer) { PushClock.uptime() }
        address = .webPush(
            try PushEndpoint(parsing: "https://push.test:\(peer.port)/up/1?x=y"),
            try #require(SubscriptionKeys(publicKey: receiver.publicKey, authentication: authentication)))
    }

    private static func transport(
        _ peer: PushServicePeer, attemptSeconds: Int = 120, now: @escaping @Sendable () -> Double
    ) throws -> WebPushTransport {
        let loopback = try #require(NetworkAddress([127, 0, 0, 1]))
        return WebPushTransport(
            tokens: VAPIDTokens(try VAPIDKey(VAPIDKey.generate()), contact: "mailto:ops@practice.example"),
            check: HostCheck(
                EndpointRules(ports: [peer.port], hosts: ["push.test"]), resolver: FixedResolver([loopback])),
            clients: CheckedClients(roots: peer.roots, attemptSeconds: attemptSeconds, now: now))
    }

    @Test func aPageArrivesAsRFC8030Says() async throws {
        try peer.answer(.init(status: 201))
        #expect(await transport.push(.sample(), to: address) == .accepted)
        let request = try await peer.request()
        #expect(request.method == "POST")
        #expect(request.path == "/up/1?x=y")
        #expect(request.headers["ttl"] == "300")
        #expect(request.headers["urgency"] == "high")
        #expect(request.headers["topic"] == String(repeating: "T", count: 32))
        #expect(request.headers["content-encoding"] == "aes128gcm")
        #expect(request.headers["authorization"]?.hasPrefix("vapid t=ey") == true)
        #expect(request.body.count == 2_048 + PushMessage.overhead)
        let opened = try PushMessage.open(
            Array(request.body), with: try P256PrivateKey(SecretBytes(copying: scalar)),
            authentication: SecretBytes(copying: authentication))
        #expect(opened == PushPage.sample().body)
    }

    @Test func whatCanWaitSaysSo() async throws {
        try peer.answer(.init())
        #expect(await transport.push(.sample(isUrgent: false, lifetime: 0), to: address) == .accepted)
        let request = try await peer.request()
        #expect(request.headers["urgency"] == "normal")
        #expect(request.headers["ttl"] == "1")
    }

    @Test(
        arguments: [
            (404, [:], .gone(.unsubscribed, at: nil)), (410, [:], .gone(.unsubscribed, at: nil)),
            (413, [:], .rejected(.tooLarge)), (400, [:], .rejected(.malformed)),
            (429, ["retry-after": "17"], .later(.rateLimited, after: 17)),
            (503, [:], .later(.serviceUnavailable, after: nil)), (500, [:], .later(.serviceUnavailable, after: nil)),
        ] as [(Int, [String: String], PushOutcome)])
    func itsAnswersAreUnderstood(_ status: Int, _ headers: [String: String], _ outcome: PushOutcome) async throws {
        try peer.answer(.init(status: status, headers: headers, body: "whatever it says"))
        #expect(await transport.push(.sample(), to: address) == outcome)
        _ = try await peer.request()
    }

    /// A redirect would lead anywhere: it is an answer, and nobody follows it.
    @Test func aRedirectIsNotFollowed() async throws {
        try peer.answer(.init(status: 307, headers: ["location": "https://push.test:\(peer.port)/elsewhere"]))
        try peer.answer(.init(status: 201))
        #expect(await transport.push(.sample(), to: address) == .rejected(.redirected))
        #expect(try await peer.request().path == "/up/1?x=y")
        #expect(await transport.push(.sample(), to: address) == .accepted)
        #expect(try await peer.request().path == "/up/1?x=y")
    }

    /// Refused credentials are tried once more with a fresh token, and drop no subscription.
    @Test func aRefusedTokenIsMadeAnewOnce() async throws {
        try peer.answer(.init(status: 403))
        try peer.answer(.init(status: 201))
        #expect(await transport.push(.sample(), to: address) == .accepted)
        let (first, second) = (try await peer.request(), try await peer.request())
        #expect(first.headers["authorization"] != second.headers["authorization"])
        try peer.answer(.init(status: 401))
        try peer.answer(.init(status: 401))
        #expect(await transport.push(.sample(), to: address) == .unauthorized(.credentials))
    }

    @Test(arguments: ["cut", "half"]) func aBrokenConnectionIsTriedAgainOverAFreshOne(_ how: String) async throws {
        try peer.answer(.init(status: 201, how: how))
        try peer.answer(.init(status: 201))
        #expect(await transport.push(.sample(), to: address) == .later(.unreachable, after: nil))
        #expect(await transport.push(.sample(), to: address) == .accepted)
        let (first, second) = (try await peer.request(), try await peer.request())
        #expect(second.connection > first.connection)
    }

    /// An attempt that is given up, or fails, ends no other that is on its way to the same service.
    @Test func aFailureTakesNothingFromTheOthers() async throws {
        let other = PushAddress.webPush(
            try PushEndpoint(parsing: "https://push.test:\(peer.port)/other"),
            try #require(SubscriptionKeys(publicKey: P256PrivateKey().publicKey, authentication: authentication)))
        try peer.answer(.init(path: "/up/1", status: 201, delay: 2))
        try peer.answer(.init(path: "/other", how: "hang"))
        async let slow = transport.push(.sample(), to: address)
        #expect(try await peer.request().path == "/up/1?x=y")
        await withTaskGroup { group in
            group.addTask { _ = await transport.push(.sample(), to: other) }
            _ = try? await peer.request()
            group.cancelAll()
        }
        #expect(await slow == .accepted)
    }

    /// To connect anew costs time: one that hangs costs that of nobody else, where the others are answered.
    @Test func aServiceThatAnswersKeepsItsConnection() async throws {
        let clock = TestClock(0)
        let transport = try Self.transport(peer) { Double(clock.now) }
        let other = PushAddress.webPush(
            try PushEndpoint(parsing: "https://push.test:\(peer.port)/other"),
            try #require(SubscriptionKeys(publicKey: P256PrivateKey().publicKey, authentication: authentication)))
        try peer.answer(.init(path: "/up/1", status: 201))
        try peer.answer(.init(path: "/other", how: "hang"))
        func connection() async throws -> Int {
            #expect(await transport.push(.sample(), to: address) == .accepted)
            return try await peer.request().connection
        }
        func giveUpTheOther() async {
            await withTaskGroup { group in
                group.addTask { _ = await transport.push(.sample(), to: other) }
                _ = try? await peer.request()
                group.cancelAll()
            }
        }
        let first = try await connection()
        await giveUpTheOther()
        #expect(try await connection() == first)
        // Nothing was answered for a while: it may be dead.
        clock.move(2)
        await giveUpTheOther()
        #expect(try await connection() > first)
    }

    /// An answer that never ends, and one that never comes.
    @Test(arguments: ["drip", "hang"]) func aSlowServiceHoldsNobodyUp(_ how: String) async throws {
        try peer.answer(.init(status: 201, how: how))
        let transport = try Self.transport(peer, attemptSeconds: 5) { PushClock.uptime() }
        // Neither answer would ever be whole.
        let outcome = await transport.push(.sample(), to: address)
        #expect(outcome == .later(.timeout, after: nil))
    }

    @Test func ofAHugeAnswerLittleIsRead() async throws {
        try peer.answer(.init(status: 201, how: "huge"))
        #expect(await transport.push(.sample(), to: address) == .accepted)
    }

    /// Attempts of one service share a client: one that times out, or is given up, cuts no other off.
    @Test(arguments: [false, true]) func whatBecomesOfOneIsNoOthersFault(_ isGivenUp: Bool) async throws {
        try peer.answer(.init(path: "/slow", delay: isGivenUp ? 2 : 10))
        try peer.answer(.init(path: "/bad", how: "hang"))
        let (slow, bad) = (try address(at: "/slow"), try address(at: "/bad"))
        // So long that the slow one is answered in time, however busy the machine.
        let transport = try Self.transport(peer, attemptSeconds: 20) { PushClock.uptime() }
        let other = Task { await transport.push(.sample(), to: bad) }
        #expect(try await peer.request().path == "/bad")
        // The other's time is over when this one still waits.
        if !isGivenUp { try await Task.sleep(for: .seconds(14)) }
        async let taken = transport.push(.sample(), to: slow)
        #expect(try await peer.request().path == "/slow")
        if isGivenUp { other.cancel() }
        #expect(await other.value == .later(isGivenUp ? .unreachable : .timeout, after: nil))
        #expect(await taken == .accepted)
    }

    private func address(at path: String) throws -> PushAddress {
        let keys = SubscriptionKeys(publicKey: P256PrivateKey().publicKey, authentication: authentication)
        return .webPush(try PushEndpoint(parsing: "https://push.test:\(peer.port)\(path)"), try #require(keys))
    }

    /// Whoever has a domain can let its name servers hang: an attempt ends all the same.
    @Test func aNameThatIsNotAnsweredForHoldsNobodyUp() async throws {
        let transport = WebPushTransport(
            tokens: VAPIDTokens(try VAPIDKey(VAPIDKey.generate()), contact: "mailto:ops@practice.example"),
            check: HostCheck(EndpointRules(ports: [peer.port]), resolver: SilentResolver()),
            clients: CheckedClients(roots: peer.roots))
        #expect(await transport.push(.sample(), to: address) == .later(.unknownHost, after: nil))
    }

    @Test func nothingListensThere() async throws {
        // The peer's port on another of the machine's addresses, where nobody has it.
        let other = try #require(NetworkAddress([127, 9, 9, 9]))
        let transport = WebPushTransport(
            tokens: VAPIDTokens(try VAPIDKey(VAPIDKey.generate()), contact: "mailto:ops@practice.example"),
            check: HostCheck(EndpointRules(ports: [peer.port], hosts: ["push.test"]), resolver: FixedResolver([other])),
            clients: CheckedClients(roots: peer.roots))
        #expect(await transport.push(.sample(), to: address) == .later(.unreachable, after: nil))
    }

    /// Nobody who has not the certificate of the name gets a byte of a page.
    @Test func aForeignCertificateGetsNothing() async throws {
        let loopback = try #require(NetworkAddress([127, 0, 0, 1]))
        let transport = WebPushTransport(
            tokens: VAPIDTokens(try VAPIDKey(VAPIDKey.generate()), contact: "mailto:ops@practice.example"),
            check: HostCheck(
                EndpointRules(ports: [peer.port], hosts: ["push.test"]), resolver: FixedResolver([loopback])),
            clients: CheckedClients())
        #expect(await transport.push(.sample(), to: address) == .later(.unreachable, after: nil))
        // The next request that it sees is another's.
        try peer.answer(.init(status: 201))
        #expect(await self.transport.push(.sample(isUrgent: false), to: address) == .accepted)
        #expect(try await peer.request().headers["urgency"] == "normal")
    }

    @Test func whereItMayNotGoNothingGoes() async throws {
        let loopback = try #require(NetworkAddress([127, 0, 0, 1]))
        let transport = WebPushTransport(
            tokens: VAPIDTokens(try VAPIDKey(VAPIDKey.generate()), contact: "mailto:ops@practice.example"),
            check: HostCheck(EndpointRules(ports: [peer.port]), resolver: FixedResolver([loopback])),
            clients: CheckedClients(roots: peer.roots))
        #expect(await transport.push(.sample(), to: address) == .rejected(.addressNotPermitted))
        #expect(await transport.push(.sample(), to: .fcm(token: "x")) == .rejected(.unexpected))
    }
}

/// Answers after a time that no attempt has.
private struct SilentResolver: HostResolver {
    func addresses(of host: String, port: Int) async throws -> [NetworkAddress] {
        try await Task.sleep(for: .seconds(3 * PushLimits.attemptSeconds))
        return []
    }
}
