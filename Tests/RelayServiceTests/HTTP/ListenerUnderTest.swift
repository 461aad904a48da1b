import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Statements
import Synchronization
import Testing

@testable import RelayService

/// The relay's listener with a handful of addresses behind it, and what became of those who asked.
final class ListenerUnderTest: Sendable {
    struct State {
        /// Event streams that are open, and those that have ended.
        var open = 0
        var ended = 0
        /// Bytes that were written into streams.
        var written = 0
        /// Whether event streams are to end by themselves.
        var isStopping = false
        /// Whether streams that are held write much.
        var isWriting = false
    }

    private let state = Mutex(State())

    var now: State { state.withLock { $0 } }

    func stopStreams() { state.withLock { $0.isStopping = true } }

    func writeStreams() { state.withLock { $0.isWriting = true } }

    /// For whoever comes to an agreement at last, on a busy machine.
    static var unhurried: ListenerPatience {
        var patience = ListenerPatience.standard
        patience.handshake = .hours(1)
        return patience
    }

    /// Runs it around `body`, which is told its port, and stops it as the relay is stopped.
    static func running<Result: Sendable>(
        _ patience: ListenerPatience = ListenerUnderTest.unhurried, connections: Int = 100,
        _ body: @escaping @Sendable (ListenerUnderTest, Int) async throws -> Result
    ) async throws -> Result {
        let listener = ListenerUnderTest()
        let directory = try TemporaryDirectory()
        let name = try #require(RelayName("localhost:8443"))
        let issued = try DevelopmentAuthority.issue(for: name, now: .now())
        try DurableFile.replace(directory("server.pem"), with: issued.certificate)
        try DurableFile.replace(directory("server.key"), with: issued.key)
        let files = try TLSFiles.load(certificate: directory("server.pem"), key: directory("server.key"), name: name)
        let builder = HTTPServerBuilder { responder in
            try RelayListener(tls: files.configuration, patience: patience, responder: responder)
        }
        let (ports, running) = AsyncStream<Int>.makeStream()
        let server = try builder.buildServer(
            configuration: ServerConfiguration(
                address: .hostname("127.0.0.1", port: 0),
                availableConnectionsDelegate: MaximumAvailableConnections(connections)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: silent,
            responder: { request, writer, channel in
                try await listener.respond(to: request, writer, channel)
            },
            onServerRunning: { channel in
                running.yield(channel.localAddress?.port ?? 0)
                running.finish()
            })
        return try await whileRunning(server) {
            var bound: Int?
            for await port in ports { bound = port }
            return try await body(listener, try #require(bound))
        }
    }

    // As the server calls it.
    @concurrent
    private func respond(to request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        switch request.uri.path {
        case "/who":
            let text = "\(request.head.authority ?? "") \(RelayContext.key(channel.remoteAddress))"
            try await writer.write(response: .init(status: .ok), body: .init(byteBuffer: ByteBuffer(string: text)))
        case "/count":
            let count = try await request.body.collect(upTo: 1 << 20).readableBytes
            try await writer.write(
                response: .init(status: .ok), body: .init(byteBuffer: ByteBuffer(string: "\(count)")))
        case "/events", "/held", "/quiet":
            var body = try await writer.writeHead(.init(status: .ok))
            state.withLock { $0.open += 1 }
            defer {
                state.withLock {
                    $0.open -= 1
                    $0.ended += 1
                }
            }
            try? await request.body.consumeWithCancellationOnInboundClose { _ in
                while !self.now.isStopping {
                    let chunk = self.chunk(of: request.uri.path)
                    if chunk > 0 {
                        try await body.write(ByteBuffer(repeating: UInt8(ascii: "."), count: chunk))
                        self.state.withLock { $0.written += chunk }
                    }
                    try await Task.sleep(for: .milliseconds(chunk == 1 ? 100 : 5))
                }
            }
            try? await body.finish(nil)
        default: try await writer.writeResponse(.init(status: .notFound))
        }
    }

    /// How many bytes a stream writes at once.
    private func chunk(of path: String) -> Int {
        switch path {
        case "/events": 1_024
        // Until it writes, a sign of life; then much: on a busy machine few writes must fill what sockets hold.
        case "/held": now.isWriting ? 32_768 : 1
        default: 0
        }
    }
}
