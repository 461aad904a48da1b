import ArgumentParser
import DeviceKit
import RelayAPI
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
        let connection = try relay.connection()
        let organisation = try await BenchOrganisation.found(on: connection)
        let devices = try await organisation.enrol((0..<streams).map { "doctor \($0)" }, role: .provider)
        let before = relay.residentBytes
        let address = relay.address
        let authority = relay.certificateAuthority
        let opened = Shared(0)
        let (isOpen, signal) = AsyncStream<Void>.makeStream()
        await withThrowingTaskGroup(of: Void.self) { group in
            for start in stride(from: 0, to: devices.count, by: 500) {
                // A connection pool of its own for every 500: the client's limit a host.
                let slice = devices[start..<min(start + 500, devices.count)]
                group.addTask {
                    let connection = try RelayConnection(address: address, certificateAuthority: authority)
                    try await withThrowingTaskGroup(of: Void.self) { inner in
                        for device in slice {
                            inner.addTask {
                                var stream = try await connection.stream(.get(APIPath.stream), signer: device.signer)
                                while let event = try await stream.next() {
                                    if event.name == StreamEvent.drained.rawValue {
                                        opened.withLock { $0 += 1 }
                                        signal.yield()
                                    }
                                }
                            }
                        }
                        try await inner.waitForAll()
                    }
                    await connection.close()
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
        await connection.close()
    }
}
