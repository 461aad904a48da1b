import Synchronization

/// Sends pages over the transports that this relay has, so many at once: neither a service that hangs nor one that fails takes
/// the others' places.
public final class PushDispatcher: Sendable {
    /// How many attempts run at once.
    public struct Limits: Sendable {
        /// Of one transport.
        public let transport: Int
        /// To one service (for Web Push, one host and port).
        public let service: Int

        /// Of one owner's addresses, whatever the service: nobody's slow ones take the places of others.
        public let owner: Int

        public init(transport: Int = 256, service: Int = 16, owner: Int = 8) {
            self.transport = transport
            self.service = service
            self.owner = owner
        }
    }

    private struct Service {
        let slots: Slots
        var breaker = PushDispatcher.fresh
    }

    /// A service's at first: an attempt must have failed of three owners before all of it is left alone.
    private static let fresh = CircuitBreaker(ownersNeeded: 3)
    /// Addresses that failed lately, each left alone by itself.
    private static let addressLimit = 8_192

    /// Services that are kept; an idle one whose breaker is closed has nothing to be remembered for.
    private static let serviceLimit = 1_024

    private let transports: [PushTransportKind: any PushTransport]
    private let slots: [PushTransportKind: Slots]
    private let limits: Limits
    private let observer: any PushObserver
    private let now: @Sendable () -> Double
    private let services = Mutex<[String: Service]>([:])
    private let addresses = Mutex<[PushAddress: CircuitBreaker]>([:])
    /// Who has attempts now.
    private let owners = Mutex<[String: Slots]>([:])

    /// - Parameter now: Seconds of a clock that never goes back.
    public init(
        _ transports: [any PushTransport], limits: Limits = Limits(), observer: any PushObserver,
        now: @escaping @Sendable () -> Double
    ) {
        self.transports = Dictionary(uniqueKeysWithValues: transports.map { ($0.kind, $0) })
        slots = self.transports.mapValues { _ in Slots(limits.transport) }
        self.limits = limits
        self.observer = observer
        self.now = now
    }

    /// What this relay can push over.
    public var kinds: [PushTransportKind] { PushTransportKind.allCases.filter { transports[$0] != nil } }

    /// One attempt, as soon as there is room for it, or none while its service or the address is left alone.
    /// - Parameter owner: Whose address it is, in any word: the failures of one alone say nothing about a service.
    public func push(_ page: PushPage, to address: PushAddress, of owner: String) async -> PushOutcome {
        guard let transport = transports[address.kind], let slots = slots[address.kind] else {
            return .later(.noTransport, after: nil)
        }
        let name = address.service
        let queued = now()
        observer.queued(address.kind)
        // First a place of one's own, then at the service: whoever waits for one that hangs must not hold a place that others
        // could use.
        let own = owners.withLock { owners in
            let own = owners[owner] ?? Slots(limits.owner)
            owners[owner] = own
            return own
        }
        let outcome = await own.run { [self] in
            await service(name).run { await slots.run { await attempt(page, address, owner, transport, name) } }
        }
        owners.withLock { if own.isIdle(of: limits.owner) { $0[owner] = nil } }
        let result = outcome ?? .later(.cancelled, after: nil)
        observer.ended(address.kind, result, seconds: now() - queued)
        return result
    }

    private func attempt(
        _ page: PushPage, _ address: PushAddress, _ owner: String, _ transport: any PushTransport, _ name: String
    ) async -> PushOutcome {
        if let wait = waitBefore(address) { return .later(.leftAlone, after: wait) }
        guard change(name, address.kind, { $0.mayTry(at: now()) }) else {
            abandon(address)
            let wait = change(name, address.kind) { $0.wait(at: now()) }
            return .later(.leftAlone, after: Int(wait.rounded(.up)))
        }
        observer.sent(address.kind)
        let outcome = await transport.push(page, to: address)
        guard !Task.isCancelled else {
            change(name, address.kind) { $0.abandon(at: now()) }
            abandon(address)
            return outcome
        }
        change(name, address.kind) { $0.record(forService(outcome, address.kind), of: owner, at: now()) }
        note(outcome, of: address)
        return outcome
    }

    /// Whoever runs a service of Web Push may refuse one address and not another; Apple and Google refuse the relay.
    private func forService(_ outcome: PushOutcome, _ kind: PushTransportKind) -> PushOutcome {
        guard kind == .webPush, case .unauthorized(let reason) = outcome else { return outcome }
        return .rejected(reason)
    }

    // MARK: Addresses

    /// Seconds until an attempt at an address that fails again and again; `nil` for now.
    private func waitBefore(_ address: PushAddress) -> Int? {
        addresses.withLock { addresses in
            guard var breaker = addresses[address] else { return nil }
            let mayTry = breaker.mayTry(at: now())
            addresses[address] = breaker
            return mayTry ? nil : Int(breaker.wait(at: now()).rounded(.up))
        }
    }

    private func abandon(_ address: PushAddress) {
        addresses.withLock { $0[address]?.abandon(at: now()) }
    }

    private func note(_ outcome: PushOutcome, of address: PushAddress) {
        addresses.withLock { addresses in
            var breaker = addresses[address] ?? CircuitBreaker()
            // A refusal is one more failure of this address, and not of the relay.
            if case .unauthorized(let reason) = outcome {
                breaker.record(.later(reason, after: nil), at: now())
            } else {
                breaker.record(outcome, at: now())
            }
            // One that works has nothing to be remembered for.
            addresses[address] = breaker == CircuitBreaker() ? nil : breaker
            if addresses.count > Self.addressLimit { addresses = addresses.filter { $0.value.state != .closed } }
            if addresses.count > Self.addressLimit { addresses = [:] }
        }
    }

    // MARK: Services

    @discardableResult
    private func change<Result>(
        _ name: String, _ kind: PushTransportKind, _ body: (inout CircuitBreaker) -> Result
    ) -> Result {
        let (result, change) = services.withLock { services in
            var breaker = services[name]?.breaker ?? Self.fresh
            let before = breaker.state
            let result = body(&breaker)
            services[name]?.breaker = breaker
            return (result, before == breaker.state ? nil : (before, breaker.state))
        }
        if let (before, after) = change { observer.breaker(kind, from: before, to: after) }
        return result
    }

    private func service(_ name: String) -> Slots {
        services.withLock { services in
            if let known = services[name] { return known.slots }
            if services.count >= Self.serviceLimit {
                services = services.filter { _, service in
                    service.breaker != Self.fresh
                        || !service.slots.isIdle(of: limits.service)
                }
            }
            let made = Service(slots: Slots(limits.service))
            services[name] = made
            return made.slots
        }
    }
}

/// What is counted of pushes. It names transports, never a service or a subscription.
public protocol PushObserver: Sendable {
    /// An attempt waits for its place.
    func queued(_ kind: PushTransportKind)
    /// It goes out.
    func sent(_ kind: PushTransportKind)
    /// It has ended, so long after it was queued.
    func ended(_ kind: PushTransportKind, _ outcome: PushOutcome, seconds: Double)
    /// A service of this transport is left alone, tried, or taken up again.
    func breaker(_ kind: PushTransportKind, from: CircuitBreaker.State, to: CircuitBreaker.State)
}

extension PushAddress {
    /// What fails and hangs together.
    fileprivate var service: String {
        switch self {
        case .webPush(let endpoint, _): endpoint.origin
        case .apns: "apns"
        case .fcm: "fcm"
        }
    }
}
