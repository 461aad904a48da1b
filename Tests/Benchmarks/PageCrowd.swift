import Sealing
import Statements

/// Many devices that are paged, some of their subscriptions at addresses that hang or fail when they are told to.
struct PageCrowd {
    private struct Place {
        let manner: BenchPushService.Manner
        let service: Int
        let path: String
    }

    private struct Awaited: Hashable {
        let message: MessageID
        let path: String
    }

    /// 15 s: how long pages are awaited after the last message of a round.
    private static let patience: Duration = .seconds(15)

    private let desk: BenchDevice
    private let doctors: [BenchDevice]
    private let services: [BenchPushService]
    private let relay: RelayProcess
    private let subscriptions = BenchSubscriptions()
    /// By device.
    private var places: [[Place]] = []

    init(desk: BenchDevice, doctors: [BenchDevice], services: [BenchPushService], relay: RelayProcess) {
        self.desk = desk
        self.doctors = doctors
        self.services = services
        self.relay = relay
    }

    var count: Int { places.joined().count }
    func count(of manner: BenchPushService.Manner) -> Int { places.joined().count { $0.manner == manner } }
    /// At each service that knows trouble, of each manner.
    var troubled: Int { count(of: .hangs) / 2 }

    /// Two devices of five have one subscription each that hangs and that fails, at services of their own, and one each at the
    /// service where all others are.
    mutating func subscribe(each count: Int) async throws {
        places = doctors.indices.map { device in
            (0..<count).map { number in
                let isTroubled = device % 5 < 2
                let (manner, service): (BenchPushService.Manner, Int) =
                    switch number {
                    case 0 where isTroubled: (.hangs, 1)
                    case 1 where isTroubled: (.fails, 2)
                    case 2 where isTroubled: (.hangs, 0)
                    case 3 where isTroubled: (.fails, 0)
                    default: (.well, 0)
                    }
                return Place(manner: manner, service: service, path: "/\(manner)/\(device)/\(number)")
            }
        }
        let (doctors, services, places, subscriptions) = (doctors, services, places, subscriptions)
        try await atOnce(doctors.count, width: 16) { device in
            for place in places[device] {
                try await subscriptions.subscribe(doctors[device], at: place.path, of: services[place.service])
            }
        }
    }

    /// Messages at a steady rate to one device after the other.
    /// - Parameters:
    ///   - inTrouble: The services of which some addresses hang or fail meanwhile.
    ///   - troubled: The number of devices of which they are, from 0 on; `nil` for all.
    func round(
        rate: Int, seconds: Int, inTrouble: [Int] = [], troubled: Int? = nil
    ) async throws -> PageRound {
        let messages = try await prepare(rate * seconds)
        for service in inTrouble { services[service].setTrouble(devices: troubled ?? doctors.count) }
        let before = services[0].count
        let load = OtherLoad(beside: relay)
        let cpu = relay.cpuSeconds
        let sent = try await send(messages, rate: rate)
        var awaited: Set<Awaited> = []
        for (number, message) in messages.enumerated() {
            for place in places[number % doctors.count] where place.manner == .well {
                awaited.insert(Awaited(message: message.id, path: place.path))
            }
        }
        let round = PageRound(count: awaited.count)
        for times in sent.values { round.acceptance.add(times.accepted - times.posted) }
        var next = before
        let deadline = ContinuousClock.now + Self.patience
        repeat {
            for arrival in services[0].arrivals(from: next) {
                next += 1
                guard let message = try subscriptions.page(of: arrival)?.message, let times = sent[message],
                    awaited.remove(Awaited(message: message, path: arrival.path)) != nil
                else { continue }
                round.add(arrival.at, times)
            }
            if !awaited.isEmpty { try await Task.sleep(for: .milliseconds(100)) }
        } while !awaited.isEmpty && ContinuousClock.now < deadline
        round.missing = awaited.count
        for page in awaited { round.add(.now, sent[page.message]!) }
        round.cpu = relay.cpuSeconds - cpu
        round.load = load.summary
        for service in inTrouble { services[service].setTrouble(devices: 0) }
        return round
    }

    private func prepare(_ count: Int) async throws -> [PreparedMessage] {
        let prepared = Shared<[Int: PreparedMessage]>([:])
        let (desk, doctors) = (desk, doctors)
        try await atOnce(doctors.count, width: 8) { device in
            let numbers = stride(from: device, to: count, by: doctors.count)
            for (number, prekey) in zip(numbers, try await doctors[device].publishPrekeys(Array(numbers).count)) {
                let message = try desk.prepare(to: doctors[device], prekey: prekey)
                prepared.withLock { $0[number] = message }
            }
        }
        return prepared.withLock { prepared in (0..<count).map { prepared[$0]! } }
    }

    private func send(
        _ messages: [PreparedMessage], rate: Int
    ) async throws -> [MessageID: PageRound.Times] {
        let sent = Shared<[MessageID: PageRound.Times]>([:])
        let desk = desk
        let began = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, message) in messages.enumerated() {
                try await ContinuousClock().sleep(until: began + .seconds(number) / rate)
                group.addTask {
                    let times = try await desk.send(message)
                    sent.withLock { $0[message.id] = times }
                }
            }
            try await group.waitForAll()
        }
        return sent.withLock { $0 }
    }
}

/// What a round showed.
final class PageRound {
    typealias Times = (posted: ContinuousClock.Instant, accepted: ContinuousClock.Instant)

    let count: Int
    let acceptance = Samples()
    var missing = 0
    var cpu = 0.0
    var load = ""
    private let whole = Samples()
    /// From the relay's word that it has the message; a page may be faster than that, which counts as nothing.
    private let behind = Samples()

    init(count: Int) { self.count = count }

    /// A page came then, of a message that went at these times.
    func add(_ arrived: ContinuousClock.Instant, _ times: Times) {
        whole.add(arrived - times.posted)
        behind.add(max(.zero, arrived - times.accepted))
    }

    func print(_ name: String) {
        let lost = missing == 0 ? "" : ", \(missing) of them not yet there at the end and counted with their age then"
        Swift.print(
            """
            \(name)
              \(count) pages\(lost)
              posted -> page         \(whole.summary)
              of which acceptance    \(acceptance.summary)
              acceptance -> page     \(behind.summary)
              relay CPU              \(rounded(cpu, 1)) s
              \(load)
            """)
    }

    func printRatios(to other: PageRound, aim: String) {
        func ratio(_ samples: KeyPath<PageRound, Samples>, _ share: Double) -> String {
            rounded(self[keyPath: samples].at(share) / max(other[keyPath: samples].at(share), 1e-6), 2)
        }
        Swift.print(
            """
              in times of a          p50 \(ratio(\.whole, 0.5)), p99 \(ratio(\.whole, 0.99))\(aim)
              from acceptance on     p50 \(ratio(\.behind, 0.5)), p99 \(ratio(\.behind, 0.99))
            """)
    }
}
