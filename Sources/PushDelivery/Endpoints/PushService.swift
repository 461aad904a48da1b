import AsyncHTTPClient
public import NIOSSL
import NIOCore

/// One push service that the operator chose: Apple's or Google's, or what stands in front of them. Its address comes from the
/// configuration and not from a user, so the machine's resolver may lead wherever the operator's network says.
public struct PushService: Sendable {
    /// Without a slash at its end.
    public let origin: String
    private let clients: ServiceClients

    /// - Parameters:
    ///   - origin: `https://host[:port]`.
    ///   - roots: Which authorities its certificate may come from.
    ///   - further: Authorities besides those.
    ///   - attemptSeconds: How long one attempt may take.
    public init(
        origin: String, roots: NIOSSLTrustRoots = .default, further: [NIOSSLCertificate] = [],
        attemptSeconds: Int = PushLimits.attemptSeconds
    ) {
        self.origin = origin
        clients = ServiceClients(
            PushAuthorities(roots: roots, further: further), attemptSeconds: attemptSeconds)
    }

    /// A request to a path of the service, within the time of an attempt.
    func answer(_ request: HTTPClientRequest) async throws -> PushAnswer {
        try await PushAnswer.of(request, from: clients.current)
    }

    /// After a refusal that a service remembers with its connection: the next attempt has a fresh one, and those that are on
    /// their way keep theirs.
    func reconnect() { clients.renew() }

    /// After a request that failed: the next attempt has a fresh connection, unless these work for others.
    func noteFailure() { clients.renewUnlessProven() }

    /// Ends every connection.
    public func close() { clients.close() }
}
