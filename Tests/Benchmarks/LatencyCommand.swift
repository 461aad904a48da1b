import ArgumentParser
import DeviceKit
import Statements
import Synchronization

/// One sender, an idle machine: from send to receipt logged, beside three fsyncs.
struct LatencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "Send to receipt logged at one sender, unloaded, beside three fsyncs of the same disk.")

    @Option(help: "Messages.")
    var messages = 100

    func run() async throws {
        let relay = try await RelayProcess()
        defer { relay.stop() }
        let organisation = try await BenchOrganisation.found(on: relay)
        let desk = try await organisation.enrol(["desk"], role: .intake)[0]
        let doctor = try await organisation.enrol(["doctor"], role: .provider)[0]
        let count = min(messages, 200)
        let prekeys = try await doctor.publishPrekeys(count)
        let prepared = try prekeys.map { try desk.prepare(to: doctor, prekey: $0) }
        let store = SyncedFile(path: relay.folder + "/device-store")
        let whole = Samples()
        let (receipted, receipt) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await doctor.receive(count, store: store) { _ in receipt.yield() }
            }
            group.addTask {
                var receipts = receipted.makeAsyncIterator()
                for message in prepared {
                    let start = ContinuousClock.now
                    try await desk.send(message)
                    _ = await receipts.next()
                    whole.add(ContinuousClock.now - start)
                }
            }
            try await group.waitForAll()
        }
        let floor = Floor.measure(in: relay.folder)
        let over = whole.median - 3 * floor.fsync
        print(
            """
            one sender: send -> receipt logged \(whole.summary)
              3 fsyncs of this disk  \(milliseconds(3 * floor.fsync)) ms
              over 3 fsyncs (median) \(milliseconds(over)) ms, aim under 10 ms
            """)
        await desk.close()
        await doctor.close()
        await organisation.connection.close()
    }
}
