import ArgumentParser
import DeviceKit
import Statements

/// Messages a second with S senders and as many connected devices, and what each costs the relay.
struct ThroughputCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throughput",
        abstract: "Accepted, delivered and receipted messages a second, and the relay's CPU for each.")

    @Option(help: "Senders, each with one connected recipient device of its own.")
    var senders = 16

    @Option(help: "Messages of each sender, at most 200 a round (the relay keeps 256 prekeys of a device).")
    var messages = 100

    @Option(help: "Rounds; prekeys and envelopes are made between them, outside the measurement.")
    var rounds = 1

    func run() async throws {
        let relay = try await RelayProcess()
        defer { relay.stop() }
        let floor = Floor.measure(in: relay.folder)
        let organisation = try await BenchOrganisation.found(on: relay)
        let desks = try await organisation.enrol((0..<senders).map { "desk \($0)" }, role: .intake)
        let doctors = try await organisation.enrol((0..<senders).map { "doctor \($0)" }, role: .provider)
        let perRound = min(messages, 200)
        for round in 0..<rounds {
            let result = try await Self.measure(perRound, desks, doctors, relay)
            result.print(round: round, stored: (round + 1) * perRound * senders, floor: floor)
        }
        for device in desks + doctors { await device.close() }
        await organisation.connection.close()
    }

    static func measure(
        _ perSender: Int, _ desks: [BenchDevice], _ doctors: [BenchDevice], _ relay: RelayProcess
    ) async throws -> ThroughputResult {
        let prepared = Shared<[Int: [PreparedMessage]]>([:])
        try await atOnce(desks.count, width: 8) { index in
            let prekeys = try await doctors[index].publishPrekeys(perSender)
            let messages = try prekeys.map { try desks[index].prepare(to: doctors[index], prekey: $0) }
            prepared.withLock { $0[index] = messages }
        }
        let messages = prepared.withLock { $0 }
        let acceptance = Samples()
        let whole = Samples()
        let began = Shared<[MessageID: ContinuousClock.Instant]>([:])
        let cpu = relay.cpuSeconds
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, doctor) in doctors.enumerated() {
                group.addTask {
                    try await doctor.receive(perSender, store: nil) { message in
                        guard let sent = began.withLock({ $0[message] }) else { return }
                        whole.add(ContinuousClock.now - sent)
                    }
                }
                group.addTask {
                    for message in messages[index] ?? [] {
                        let sent = ContinuousClock.now
                        began.withLock { $0[message.id] = sent }
                        try await desks[index].send(message)
                        acceptance.add(ContinuousClock.now - sent)
                    }
                }
            }
            try await group.waitForAll()
        }
        let duration = seconds(ContinuousClock.now - start)
        return ThroughputResult(
            count: perSender * desks.count, senders: desks.count, duration: duration, cpu: relay.cpuSeconds - cpu,
            residentBytes: relay.residentBytes, acceptance: acceptance, whole: whole)
    }
}

/// One round.
struct ThroughputResult {
    let count: Int
    let senders: Int
    let duration: Double
    let cpu: Double
    let residentBytes: Double
    let acceptance: Samples
    let whole: Samples

    func print(round: Int, stored: Int, floor: Floor) {
        let rate = Double(count) / duration
        let cpuPerMessage = cpu / Double(count)
        Swift.print(
            """
            round \(round): \(count) messages from \(senders) senders, each accepted, delivered and receipted; \(stored) stored
              rate                 \(rounded(rate, 0)) messages/s end to end (relay and driver on the same cores)
              relay CPU            \(rounded(cpuPerMessage * 1e6, 0)) us/message = \
            \(rounded(cpuPerMessage / floor.threeVerifications, 1)) x floor (3 Ed25519 verifications, \
            \(rounded(floor.threeVerifications * 1e6, 0)) us); implies \(rounded(2 / cpuPerMessage, 0)) messages/s on two cores
              relay share of CPU   \(rounded(cpu / duration * 100, 0)) % of one core
              send (claim + accept) \(acceptance.summary)
              send -> receipt logged \(whole.summary)
              fsync of this disk   \(milliseconds(floor.fsync)) ms
              relay RSS            \(rounded(residentBytes / 1_048_576, 0)) MiB
            """)
    }
}
