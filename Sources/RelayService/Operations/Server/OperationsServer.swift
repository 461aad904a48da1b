import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle
public import Statements

/// Whether the relay can do its work now.
public enum Readiness: Sendable, Equatable {
    case ready
    /// Why not, in words of ours for the operator: `draining`, `head_lock_behind`.
    case notReady(reason: String)
}

/// Serves operators, in clear, on an address apart from the one where clients connect.
///
/// | path | answer |
/// |---|---|
/// | `GET /health` | 200 while the process lives |
/// | `GET /ready` | 200, or 503 with the reason, while it should get no traffic |
/// | `GET /metrics` | Prometheus' text format |
///
/// Nothing here names an organisation, a member, a device or a message. List it before the services that it reports on,
/// so that it stops after them.
public struct OperationsServer: Service, CustomStringConvertible {
    private static let maximumConnections = 64

    private let address: ListenAddress
    private let metrics: PrometheusMetrics
    private let readiness: @Sendable () async -> Readiness
    private let onRunning: @Sendable (Int) async -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - readiness: Asked on every `/ready`; should answer from memory.
    ///   - onRunning: Told the port once connections are taken, for an address whose port is 0.
    public init(
        address: ListenAddress, metrics: PrometheusMetrics, logger: Logger,
        readiness: @escaping @Sendable () async -> Readiness,
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.address = address
        self.metrics = metrics
        self.readiness = readiness
        self.onRunning = onRunning
        self.logger = logger
    }

    public var description: String { "operations server" }

    public func run() async throws {
        var configuration = ApplicationConfiguration(address: .hostname(address.host, port: address.port))
        configuration.availableConnectionsDelegate = MaximumAvailableConnections(Self.maximumConnections)
        let application = Application(
            router: router(),
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    idleTimeout: .seconds(15),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 8192, maxHeaderListSize: 16_384, maxHeaderFieldCount: 64))),
            configuration: configuration,
            onServerRunning: { [onRunning] channel in await onRunning(channel.localAddress?.port ?? 0) },
            logger: logger)
        try await application.run()
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("/health") { _, _ in Self.json(.ok, #"{"status":"ok"}"#) }
        router.get("/ready") { [readiness] _, _ in
            switch await readiness() {
            case .ready: Self.json(.ok, #"{"status":"ready"}"#)
            case .notReady(let reason):
                Self.json(.serviceUnavailable, #"{"status":"not_ready","reason":\#(JSONText.quoted(reason))}"#)
            }
        }
        router.get("/metrics") { [metrics] _, _ in
            Response(
                status: .ok, headers: [.contentType: PrometheusMetrics.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.text())))
        }
        return router
    }

    private static func json(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text + "\n")))
    }
}
