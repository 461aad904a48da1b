public import Auditing
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
public import Statements
public import TransparencyLog
import UnixSignals

/// A witness on the network (c2sp.org/tlog-witness v1.0.0): `POST /add-checkpoint`, and `GET /<hash of an origin>/checkpoint`
/// for monitors.
///
/// Whoever reaches it may ask; what it signs follows from its own memory alone. Over TLS, or in clear on loopback behind a
/// reverse proxy. Everything that a stranger controls is bounded: connections, their idle time, headers, bodies, and the time
/// that a body may take. Not how many connections one address holds: a reverse proxy knows whom it serves, and this program
/// behind one sees the proxy alone. Whoever holds all of them delays cosignatures, and nothing that a relay does waits for one.
public struct WitnessServer: Sendable {
    /// What was answered, for whoever runs the witness.
    public struct Event: Sendable {
        public let word: String
        public let status: Int
        /// What was cosigned, or asked for in vain; `nil` unless it names a log that is known.
        public let checkpoint: Checkpoint?
        /// Whether the request shows that its log signed two histories: kept as evidence.
        public let convicts: Bool
        /// Whether the proof of that is kept.
        public let isProofKept: Bool
    }

    /// 256.
    static let connectionLimit = 256
    /// For a handshake, for the next request, and for the next piece of one.
    static let idleSeconds: Int64 = 10
    /// For a whole body.
    static let bodySeconds: Int64 = 10
    /// What is under way gets this long to end after SIGTERM.
    static let drainSeconds: Int64 = 5

    private let keeper: WitnessKeeper
    private let address: ListenAddress
    private let tls: WitnessTLS?
    private let onEvent: @Sendable (Event) -> Void
    private let now: @Sendable () -> UInt64

    /// - Parameters:
    ///   - tls: May be left out on loopback alone.
    ///   - now: Seconds since 1970; by this machine's clock unless a test says otherwise.
    ///   - onEvent: Told of every answer to `add-checkpoint`.
    /// - Throws: ``WitnessError/Code/plaintextRefused``.
    public init(
        _ keeper: WitnessKeeper, at address: ListenAddress, tls: WitnessTLS?,
        now: (@Sendable () -> UInt64)? = nil,
        onEvent: @escaping @Sendable (Event) -> Void = { _ in }
    ) throws(WitnessError) {
        guard tls != nil || address.isLoopback else { throw WitnessError(.plaintextRefused, "\(address)") }
        self.keeper = keeper
        self.address = address
        self.tls = tls
        self.now = now ?? { UInt64(max(1, Timestamp.now().milliseconds / 1_000)) }
        self.onEvent = onEvent
    }

    /// Serves until SIGTERM or SIGINT; what was asked by then is answered.
    /// - Parameter onRunning: Told the port once connections are taken.
    /// - Throws: ``WitnessError/Code/addressUnusable``.
    public func run(onRunning: @escaping @Sendable (Int) -> Void) async throws {
        // Not a word of the libraries' own: what is to be told goes to `onEvent`.
        let logger = Logger(label: "witness", factory: { _ in SwiftLogNoOpLogHandler() })
        var configuration = ApplicationConfiguration(address: .hostname(address.host, port: address.port))
        configuration.availableConnectionsDelegate = MaximumAvailableConnections(Self.connectionLimit)
        let http = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                idleTimeout: .seconds(Self.idleSeconds),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 4_096, maxHeaderListSize: 8_192, maxHeaderFieldCount: 64)))
        let application = Application(
            router: router(),
            server: try tls.map { try .tls(http, tlsConfiguration: $0.configuration) } ?? http,
            configuration: configuration,
            onServerRunning: { channel in onRunning(channel.localAddress?.port ?? 0) }, logger: logger)
        var group = ServiceGroupConfiguration(
            services: [.init(service: application)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(Self.drainSeconds)
        group.maximumCancellationDuration = .seconds(2)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch is IOError {
            throw WitnessError(.addressUnusable, "\(address)")
        }
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.post("/add-checkpoint") { request, _ in
            guard let body = await Self.body(of: request) else {
                return Self.response(413, WitnessKeeper.Answer.plain, Array("too long, or too slow\n".utf8))
            }
            let answer = try await answer(body)
            onEvent(
                Event(
                    word: answer.word, status: answer.status, checkpoint: answer.checkpoint, convicts: answer.convicts,
                    isProofKept: answer.isProofKept))
            return Self.response(answer.status, answer.type, answer.body)
        }
        router.get("/:hash/checkpoint") { _, context in
            guard let hash = context.parameters.get("hash"), let note = keeper.latest(originHash: hash) else {
                return Self.response(404, WitnessKeeper.Answer.plain, Array("no checkpoint\n".utf8))
            }
            return Self.response(200, WitnessKeeper.Answer.plain, note)
        }
        return router
    }

    /// Off the executor: this waits for the disk, and for its turn.
    private func answer(_ body: [UInt8]) async throws -> WitnessKeeper.Answer {
        try await NIOThreadPool.singleton.runIfActive { [keeper, now] in keeper.answer(body, at: now) }
    }

    /// A whole body in time; `nil` otherwise.
    private static func body(of request: Request) async -> [UInt8]? {
        await withTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                (try? await request.body.collect(upTo: AddCheckpoint.maximumByteCount)).map {
                    Array($0.readableBytesView)
                }
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(bodySeconds))
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private static func response(_ status: Int, _ type: String, _ body: [UInt8]) -> Response {
        Response(
            status: .init(code: status), headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
