import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import RelayService

struct ArrivalTests {
    /// What the library drops behind an error of a connection: without the arrival's care this ends the process.
    @Test func whatNobodyTakesIsClosedAndTheRelayLivesOn() async throws {
        let (client, arrived) = try await Self.arrival()
        arrived.withLock { $0 = nil }
        try await client.closeFuture.get()
    }

    @Test func whatIsTakenStaysOpenUntilItIsServed() async throws {
        let (client, arrived) = try await Self.arrival()
        let taken = try #require(arrived.withLock { $0?.take() })
        arrived.withLock { $0 = nil }
        try await taken.executeThenClose { _, _ in #expect(client.isActive && taken.channel.isActive) }
        try await client.closeFuture.get()
    }

    /// A client, and what it is to a server.
    private static func arrival() async throws -> (any Channel, Arrived) {
        let arrived = Arrived()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = try Arrival.HTTPChannel(wrappingChannelSynchronously: channel)
                    arrived.withLock { $0 = Arrival(connection) }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: try #require(server.localAddress)).get()
        // Until it is active the library holds on to it.
        try await eventually("the connection") { arrived.withLock { $0?.isActive == true } }
        try await server.close()
        return (client, arrived)
    }
}

/// What a server's initialiser made.
private final class Arrived: Sendable {
    private let arrival = Mutex<Arrival?>(nil)

    func withLock<Result: Sendable>(_ body: (inout sending Arrival?) -> sending Result) -> Result {
        arrival.withLock(body)
    }
}
