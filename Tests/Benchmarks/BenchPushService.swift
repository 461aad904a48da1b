import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A push service in this process, over TLS: takes whatever is posted, notes when it came, and answers as the address says once
/// trouble is asked for. One port is one service; the path of an address is its manner, its device's number, and another.
final class BenchPushService: Sendable {
    /// How an address behaves in trouble.
    enum Manner: String, CaseIterable {
        case well, hangs, fails
    }

    /// A body that came.
    struct Arrival: Sendable {
        let path: String
        let body: [UInt8]
        let at: ContinuousClock.Instant
    }

    private struct State {
        var troubled = 0
        var arrivals: [Arrival] = []
    }

    private let channel: any Channel
    private let state: Shared<State>

    var origin: String { "https://localhost:\(port)" }
    var port: Int { channel.localAddress?.port ?? 0 }

    /// Listens where the name `localhost` leads first, as whoever posts does.
    /// - Parameter relay: The folder of a relay's data, whose development certificate it shows.
    init(relay: String) async throws {
        let tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(relay + "/tls/server.pem").map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: relay + "/tls/server.key", format: .pem)))
        let context = try NIOSSLContext(configuration: tls)
        let state = Shared(State())
        self.state = state
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLServerHandler(context: context))
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Handler(state: state))
                }
            }
            .bind(host: "localhost", port: 0).get()
    }

    /// Addresses of so many devices, from 0 on, behave as their manner is; all others well.
    func setTrouble(devices: Int) { state.withLock { $0.troubled = devices } }

    /// How many bodies came until now.
    var count: Int { state.withLock { $0.arrivals.count } }

    /// What came, from this number on.
    func arrivals(from number: Int) -> [Arrival] { state.withLock { Array($0.arrivals[number...]) } }

    func last(at path: String) -> Arrival? { state.withLock { $0.arrivals.last { $0.path == path } } }

    func close() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let state: Shared<State>
        private var path = ""
        private var body: [UInt8] = []

        init(state: Shared<State>) { self.state = state }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (path, body) = (head.uri, [])
            case .body(let part): body += part.readableBytesView
            case .end: answer(context)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            let arrival = Arrival(path: path, body: body, at: .now)
            let manner = state.withLock { state -> Manner in
                state.arrivals.append(arrival)
                let parts = path.split(separator: "/")
                guard parts.count == 3, let device = Int(parts[1]), device < state.troubled else { return .well }
                return Manner(rawValue: String(parts[0])) ?? .well
            }
            let status: HTTPResponseStatus
            switch manner {
            case .well: status = .created
            case .fails: status = .serviceUnavailable
            case .hangs: return
            }
            let head = HTTPResponseHead(version: .http1_1, status: status, headers: ["content-length": "0"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
