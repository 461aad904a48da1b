/// Which addresses of users a relay talks to: public ones on port 443, and what its operator named besides.
public struct EndpointRules: Sendable {
    /// Besides 443.
    public let ports: Set<Int>
    /// Hosts that may lead to addresses that are not public: the operator's own push server.
    public let hosts: Set<String>

    public init(ports: Set<Int> = [], hosts: Set<String> = []) {
        self.ports = ports
        self.hosts = Set(hosts.map { $0.lowercased() })
    }
}

/// Looks up the addresses of a name; gives up at once when it is cancelled.
public protocol HostResolver: Sendable {
    /// - Throws: When the name has none, or none can be asked for at the moment.
    func addresses(of host: String, port: Int) async throws -> [NetworkAddress]
}

/// Whether a push may go to an endpoint now, and to which address: the name is looked up at each connection, and the address
/// that was checked is the one that is connected to. A name that led to a public address yesterday is no promise.
public struct HostCheck: Sendable {
    /// Why nothing is sent.
    public enum Refusal: Error, Equatable, Sendable {
        case portNotPermitted
        /// An address of the name is not public.
        case addressNotPermitted
        /// The name has no address at the moment.
        case unknownHost
    }

    /// 5: longer than a resolver asks one name server. Of a name that is not answered for by then, nothing is known.
    private static let lookUpSeconds = 5

    private let rules: EndpointRules
    private let resolver: any HostResolver

    public init(_ rules: EndpointRules, resolver: any HostResolver) {
        self.rules = rules
        self.resolver = resolver
    }

    /// What can be said without asking for the name: before an endpoint is stored.
    public func checkPort(_ endpoint: PushEndpoint) throws(Refusal) {
        guard endpoint.port == PushEndpoint.standardPort || rules.ports.contains(endpoint.port) else {
            throw .portNotPermitted
        }
    }

    /// The address to connect to.
    public func address(of endpoint: PushEndpoint) async throws(Refusal) -> NetworkAddress {
        try checkPort(endpoint)
        let addresses: [NetworkAddress]
        do { addresses = try await lookUp(endpoint) } catch { throw .unknownHost }
        guard let first = addresses.first else { throw .unknownHost }
        // One that is not public among public ones is no mistake but an attempt.
        guard rules.hosts.contains(endpoint.host) || addresses.allSatisfy(\.isPublic) else {
            throw .addressNotPermitted
        }
        return first
    }

    /// Whoever has a domain can let its name servers hang.
    private func lookUp(_ endpoint: PushEndpoint) async throws -> [NetworkAddress] {
        let resolver = resolver
        return try await Attempt.within(seconds: Self.lookUpSeconds) {
            try await resolver.addresses(of: endpoint.host, port: endpoint.port)
        }
    }
}
