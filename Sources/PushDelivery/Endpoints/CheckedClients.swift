public import NIOSSL
import Synchronization

/// HTTP clients of which each connects to one service at one checked address. The name stays what TLS verifies.
public final class CheckedClients: Sendable {
    /// How many are kept; the one that was not used for longest goes first.
    private static let limit = 64

    private struct Key: Hashable {
        let host: String
        let port: Int
        let address: NetworkAddress

        init(_ endpoint: PushEndpoint, _ address: NetworkAddress) {
            host = endpoint.host
            port = endpoint.port
            self.address = address
        }
    }

    private struct State {
        var clients: [Key: PushClient] = [:]
        var order: [Key] = []
    }

    private let authorities: PushAuthorities
    private let attemptSeconds: Int
    private let now: @Sendable () -> Double
    private let state = Mutex(State())

    /// - Parameters:
    ///   - roots: Which authorities a service's certificate may come from.
    ///   - further: Authorities besides those.
    ///   - attemptSeconds: How long one attempt may take.
    ///   - now: Seconds of a clock that never goes back.
    public init(
        roots: NIOSSLTrustRoots = .default, further: [NIOSSLCertificate] = [],
        attemptSeconds: Int = PushLimits.attemptSeconds,
        now: @escaping @Sendable () -> Double = { PushClock.uptime() }
    ) {
        authorities = PushAuthorities(roots: roots, further: further)
        self.attemptSeconds = attemptSeconds
        self.now = now
    }

    deinit { close() }

    /// The client for an address that was checked just now.
    func client(for endpoint: PushEndpoint, at address: NetworkAddress) -> PushClient {
        let key = Key(endpoint, address)
        return state.withLock { state in
            state.order.removeAll { $0 == key }
            state.order.append(key)
            if let client = state.clients[key] { return client }
            let client = make(key)
            state.clients[key] = client
            if state.order.count > Self.limit { state.clients[state.order.removeFirst()] = nil }
            return client
        }
    }

    /// After a failure: the next attempt gets a fresh connection, unless these work for others. What else is on its way over
    /// them comes to its own end.
    func forget(_ client: PushClient, for endpoint: PushEndpoint, at address: NetworkAddress) {
        guard !client.isProven else { return }
        let key = Key(endpoint, address)
        state.withLock { state in
            // Another's failure may have put a fresh one in its place.
            guard state.clients[key] === client else { return }
            state.order.removeAll { $0 == key }
            state.clients[key] = nil
        }
    }

    /// Ends every connection.
    public func close() {
        let clients = state.withLock { state in
            defer { state = State() }
            return Array(state.clients.values)
        }
        for client in clients { client.close() }
    }

    private func make(_ key: Key) -> PushClient {
        PushHTTP.client(
            authorities, addresses: [key.host: key.address.description], attemptSeconds: attemptSeconds, now: now)
    }
}
