import ArgumentParser
import DeviceKit
import Statements

/// What an idle stream costs the relay in memory.
struct StreamsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streams", abstract: "Resident memory of the relay with no stream and with many idle ones.")

    @Option(help: "Idle streams.")
    var streams = 1_000

    func run() async throws {
        let relay = try await RelayProcess()
        defer { relay.stop() }
        let organisation = try await BenchOrganisation.found(on: relay)
        let devices = try await organisation.enrol((0..<streams).map { "doctor \($0)" }, role: .provider)
        let before = relay.residentBytes
        let opened = Shared(0)
        let (isOpen, signal) = AsyncStream<Void>.makeStream()
        await withThrowingTaskGroup(of: Void.self) { group in
            for device in devices {
                group.addTask {
                    try await device.idle {
                        opened.withLock { $0 += 1 }
                        signal.yield()
                    }
                }
            }
            for await _ in isOpen where opened.withLock({ $0 }) == devices.count { break }
            let after = relay.residentBytes
            print(
                """
                relay RSS with 0 streams      \(rounded(before / 1_048_576, 1)) MiB
                relay RSS with \(streams) idle   \(rounded(after / 1_048_576, 1)) MiB
                  a stream                    \(rounded((after - before) / 1_024 / Double(streams), 1)) KiB
                """)
            // The streams end with the relay.
            group.cancelAll()
        }
        for device in devices { await device.close() }
        await organisation.connection.close()
    }
}
