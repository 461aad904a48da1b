import AsyncHTTPClient
import Dispatch
import NIOCore
import NIOSSL
import Synchronization

/// How push services are spoken to: no redirects, no proxy, no decompression, short idle times. An idle connection that a
/// service gave up without a word would swallow the next page.
enum PushHTTP {
    private static let idleSeconds: Int64 = 30

    /// - Parameters:
    ///   - addresses: Where names lead, instead of what the resolver says.
    ///   - attemptSeconds: How long one attempt may take.
    ///   - now: Seconds of a clock that never goes back.
    static func client(
        _ authorities: PushAuthorities, addresses: [String: String] = [:], attemptSeconds: Int,
        now: @escaping @Sendable () -> Double = { PushClock.uptime() }
    ) -> PushClient {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = authorities.roots
        tls.additionalTrustRoots = [.certificates(authorities.further)]
        tls.minimumTLSVersion = .tlsv12
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(Int64(attemptSeconds) / 2), read: .seconds(Int64(attemptSeconds))),
            proxy: nil, decompression: .disabled)
        configuration.dnsOverride = addresses
        configuration.connectionPool.idleTimeout = .seconds(idleSeconds)
        configuration.connectionPool.retryConnectionEstablishment = false
        return PushClient(
            HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration), attemptSeconds, now: now)
    }
}

/// Connections to one service, which end with the last that uses them: an attempt that failed takes nothing from those that are
/// still on their way.
final class PushClient: Sendable {
    /// 1 s.
    private static let proofSeconds = 1.0

    /// How long one attempt may take.
    let attemptSeconds: Int
    private let client: HTTPClient
    private let now: @Sendable () -> Double
    private let answered = Mutex(-Double.infinity)

    fileprivate init(_ client: HTTPClient, _ attemptSeconds: Int, now: @escaping @Sendable () -> Double) {
        self.client = client
        self.attemptSeconds = attemptSeconds
        self.now = now
    }

    deinit { close() }

    /// - Throws: What the request ended with.
    func execute(_ request: HTTPClientRequest, deadline: NIODeadline) async throws -> HTTPClientResponse {
        try await client.execute(request, deadline: deadline)
    }

    /// A whole answer came.
    func noteAnswer() { answered.withLock { $0 = now() } }

    /// Whether one came in the last second: then a failure is the request's own, and to set up all connections anew would cost
    /// the others their time.
    var isProven: Bool { now() - answered.withLock { $0 } < Self.proofSeconds }

    /// What runs on it ends with it.
    func close() { client.shutdown(queue: .global()) { _ in } }
}

/// The one client of a service, made anew when its connections are not to be trusted any more.
final class ServiceClients: Sendable {
    private let authorities: PushAuthorities
    private let attemptSeconds: Int
    private let client = Mutex<PushClient?>(nil)

    init(_ authorities: PushAuthorities, attemptSeconds: Int) {
        self.authorities = authorities
        self.attemptSeconds = attemptSeconds
    }

    var current: PushClient {
        client.withLock { client in
            if let client { return client }
            let made = PushHTTP.client(authorities, attemptSeconds: attemptSeconds)
            client = made
            return made
        }
    }

    /// Whoever asks next gets fresh connections; what is on its way comes to its own end.
    func renew() { client.withLock { $0 = nil } }

    /// As ``renew()``, but not for connections that work for others.
    func renewUnlessProven() { client.withLock { if $0?.isProven != true { $0 = nil } } }

    /// Ends every connection; whoever asks next gets a fresh client.
    func close() {
        let old = client.withLock { client in
            defer { client = nil }
            return client
        }
        old?.close()
    }
}
