import PushDelivery
import PushPeer
import Synchronization
import Testing
import WebPush
import Secrets

/// Places, breakers and what is counted; what goes over a wire is tested with the transports.
@Suite struct PushDispatcherTests {
    /// Does for each host what it is told to.
    private final class Transport: PushTransport {
        let kind = PushTransportKind.webPush
        let counts = Mutex<[String: (running: Int, most: Int, attempts: Int)]>([:])
        private let act: @Sendable (String) async -> PushOutcome

        init(_ act: @escaping @Sendable (String) async -> PushOutcome) { self.act = act }

        func push(_ page: PushPage, to address: PushAddress) async -> PushOutcome {
            guard case .webPush(let endpoint, _) = address else { return .rejected(.unexpected) }
            counts.withLock { counts in
                var count = counts[endpoint.host] ?? (0, 0, 0)
                count = (count.running + 1, max(count.most, count.running + 1), count.attempts + 1)
                counts[endpoint.host] = count
            }
            let outcome = await act(endpoint.host)
            counts.withLock { $0[endpoint.host]!.running -= 1 }
            return outcome
        }

        func most(_ host: String) -> Int { counts.withLock { $0[host]?.most ?? 0 } }
        func attempts(_ host: String) -> Int { counts.withLock { $0[host]?.attempts ?? 0 } }
    }

    private final class Observer: PushObserver {
        let words = Mutex<[String]>([])
        private func note(_ word: String) { words.withLock { $0.append(word) } }

        func queued(_ kind: PushTransportKind) { note("queued \(kind.rawValue)") }
        func sent(_ kind: PushTransportKind) { note("sent \(kind.rawValue)") }
        func ended(_ kind: PushTransportKind, _ outcome: PushOutcome, seconds: Double) {
            note("\(outcome.word) \(kind.rawValue) \(Int(seconds))")
        }
        func breaker(_ kind: PushTransportKind, from: CircuitBreaker.State, to: CircuitBreaker.State) {
            note("\(kind.rawValue) \(from.rawValue) \(to.rawValue)")
        }
    }

    private let clock = TestClock(0)
    private let observer = Observer()
    private let keys = SubscriptionKeys(publicKey: P256PrivateKey().publicKey, authentication: randomBytes(16))!

    private func dispatcher(_ transport: Transport, _ limits: PushDispatcher.Limits = .init()) -> PushDispatcher {
        PushDispatcher([transport], limits: limits, observer: observer, now: { [clock] in Double(clock.now) })
    }

    private func address(_ host: String, _ path: String = "x") throws -> PushAddress {
        .webPush(try PushEndpoint(parsing: "https://\(host).example/\(path)"), keys)
    }

    /// A service that hangs holds the places at it, and no other's.
    @Test func whatHangsHoldsNobodyElseUp() async throws {
        let gate = Gate()
        let transport = Transport { host in
            if host == "hangs.example" { await gate.wait() }
            return .accepted
        }
        let dispatcher = dispatcher(transport, .init(transport: 8, service: 4))
        let (hangs, works) = (try address("hangs"), try address("works"))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask { _ = await dispatcher.push(.sample(), to: hangs, of: "device \(number)") }
            }
            while transport.attempts("hangs.example") < 4 { await Task.yield() }
            for _ in 0..<200 { #expect(await dispatcher.push(.sample(), to: works, of: "other") == .accepted) }
            #expect(transport.attempts("hangs.example") == 4)
            gate.open()
            await group.waitForAll()
        }
        #expect(transport.most("hangs.example") == 4)
        #expect(transport.attempts("hangs.example") == 100)
    }

    /// One device has eight subscriptions: at eight hosts that are slow, and still answer, so that no breaker opens.
    @Test func slowServicesOfOneDeviceHoldNobodyElseUp() async throws {
        let gate = Gate()
        let transport = Transport { host in
            if host != "works.example" { await gate.wait() }
            return .accepted
        }
        let dispatcher = dispatcher(transport)
        let addresses = try (0..<8).map { try address("slow\($0)") }
        let works = try address("works")
        await withTaskGroup(of: Void.self) { group in
            for address in addresses {
                for _ in 0..<16 { group.addTask { _ = await dispatcher.push(.sample(), to: address, of: "device") } }
            }
            func slow() -> Int { transport.counts.withLock { $0.values.reduce(0) { $0 + $1.running } } }
            while slow() < 8 { await Task.yield() }
            #expect(await dispatcher.push(.sample(), to: works, of: "other") == .accepted)
            #expect(slow() == 8)
            gate.open()
            await group.waitForAll()
        }
    }

    @Test func aTransportHasSoManyPlaces() async throws {
        let gate = Gate()
        let transport = Transport { _ in
            await gate.wait()
            return .accepted
        }
        let dispatcher = dispatcher(transport, .init(transport: 3, service: 2))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                group.addTask { [keys] in
                    let endpoint = try! PushEndpoint(parsing: "https://h\(number).example/x")
                    _ = await dispatcher.push(.sample(), to: .webPush(endpoint, keys), of: "device \(number)")
                }
            }
            func all() -> Int { transport.counts.withLock { $0.values.reduce(0) { $0 + $1.attempts } } }
            while all() < 3 { await Task.yield() }
            for _ in 0..<100 { await Task.yield() }
            #expect(all() == 3)
            gate.open()
            await group.waitForAll()
            #expect(all() == 6)
        }
    }

    /// A service that fails for many is not asked any more, and tried anew after its pause.
    @Test func whatFailsIsLeftAlone() async throws {
        let works = Mutex(false)
        let transport = Transport { _ in works.withLock { $0 } ? .accepted : .later(.serviceUnavailable, after: nil) }
        let dispatcher = dispatcher(transport)
        func push(_ number: Int, _ host: String = "fails") async throws -> PushOutcome {
            await dispatcher.push(.sample(), to: try address(host, "\(number)"), of: "device \(number)")
        }
        for number in 0..<5 { #expect(try await push(number) == .later(.serviceUnavailable, after: nil)) }
        clock.move(10)
        for number in 5..<10 { #expect(try await push(number) == .later(.leftAlone, after: 20)) }
        #expect(transport.attempts("fails.example") == 5)
        // Another service of the same transport is asked.
        #expect(try await push(0, "other") == .later(.serviceUnavailable, after: nil))
        works.withLock { $0 = true }
        clock.move(20)
        for number in 5..<7 { #expect(try await push(number) == .accepted) }
        let changes = observer.words.withLock { $0.filter { $0.contains("open") } }
        #expect(changes == ["web_push closed open", "web_push open half_open", "web_push half_open closed"])
    }

    /// The addresses of one, failing or refused, are left alone each by itself, and their service is there for others.
    @Test(arguments: [PushOutcome.later(.serviceUnavailable, after: nil), .unauthorized(.credentials)])
    func theAddressesOfOneCloseNoService(_ outcome: PushOutcome) async throws {
        let works = Mutex(false)
        let transport = Transport { _ in works.withLock { $0 } ? .accepted : outcome }
        let dispatcher = dispatcher(transport)
        for path in 0..<8 {
            for _ in 0..<5 {
                #expect(
                    await dispatcher.push(.sample(), to: try address("shared", "\(path)"), of: "one") == outcome)
            }
        }
        let again = await dispatcher.push(.sample(), to: try address("shared", "0"), of: "one")
        #expect(again == .later(.leftAlone, after: 30))
        works.withLock { $0 = true }
        #expect(await dispatcher.push(.sample(), to: try address("shared", "other"), of: "other") == .accepted)
        clock.move(31)
        #expect(await dispatcher.push(.sample(), to: try address("shared", "0"), of: "one") == .accepted)
    }

    @Test func whatIsCountedNamesTransportsAlone() async throws {
        let dispatcher = dispatcher(Transport { _ in .accepted })
        #expect(dispatcher.kinds == [.webPush])
        #expect(await dispatcher.push(.sample(), to: try address("a"), of: "device") == .accepted)
        #expect(observer.words.withLock { $0 } == ["queued web_push", "sent web_push", "accepted web_push 0"])
        #expect(
            await dispatcher.push(.sample(), to: .fcm(token: "x"), of: "device") == .later(.noTransport, after: nil))
    }

    /// A relay that stops waits for nobody's place.
    @Test func whoWaitsForAPlaceAndIsCancelledGoes() async throws {
        let gate = Gate()
        let transport = Transport { _ in
            await gate.wait()
            return .accepted
        }
        let dispatcher = dispatcher(transport, .init(transport: 1, service: 1))
        let address = try address("hangs")
        await withTaskGroup(of: PushOutcome.self) { group in
            group.addTask { await dispatcher.push(.sample(), to: address, of: "device") }
            while transport.attempts("hangs.example") < 1 { await Task.yield() }
            let outcome = await withTaskGroup(of: PushOutcome.self) { waiting in
                waiting.addTask { await dispatcher.push(.sample(), to: address, of: "device") }
                waiting.cancelAll()
                return await waiting.next()
            }
            #expect(outcome == .later(.cancelled, after: nil))
            gate.open()
            #expect(await group.next() == .accepted)
        }
        #expect(transport.attempts("hangs.example") == 1)
    }
}

/// Shut until it is opened.
private final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
