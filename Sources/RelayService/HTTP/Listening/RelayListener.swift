import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP2
import NIOHTTPTypes
import NIOHTTPTypesHTTP2
import NIOSSL

/// What clients connect to: TLS, and in it HTTP/2 or HTTP/1.1, whichever a client asks for by ALPN; who asks for neither
/// is taken to speak HTTP/1.1.
///
/// Put together here and not by HummingbirdHTTP2: that has no limit for a handshake, waits for the word of a client before
/// it closes an idle connection, and takes regular pings for an attack.
struct RelayListener: ServerChildChannel {
    typealias Streams = NIOHTTP2Handler.AsyncStreamMultiplexer<Arrival>

    /// A connection, and what is spoken on it once that is known.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let spoken: EventLoopFuture<NIONegotiatedHTTPVersion<Arrival, Streams>>
    }

    private let context: NIOSSLContext
    private let patience: ListenerPatience
    /// Serves requests one after the other: those of a connection, or the one of a stream.
    private let http1: HTTP1Channel

    /// - Throws: `NIOSSLError` when certificate and key cannot be used.
    init(
        tls: TLSConfiguration, patience: ListenerPatience = .standard,
        responder: @escaping HTTPChannelHandler.Responder
    ) throws {
        context = try NIOSSLContext(configuration: tls)
        self.patience = patience
        http1 = HTTP1Channel(
            responder: responder,
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [
                    IdleStateHandler(writeTimeout: patience.reader), StalledReaderHandler(), MalformedRequestHandler(),
                ],
                idleTimeout: patience.idle,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 4_096, maxHeaderListSize: HTTP2Bounds.headerListByteCount,
                    maxHeaderFieldCount: 64)))
    }

    /// For an application.
    static func builder(tls: TLSConfiguration) -> HTTPServerBuilder {
        HTTPServerBuilder { try RelayListener(tls: tls, responder: $0) }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandlers([
                NIOSSLServerHandler(context: context), HandshakeDeadlineHandler(limit: patience.handshake),
            ])
        }.flatMap {
            channel.configureHTTP2AsyncSecureUpgrade { channel in
                http1.setup(channel: channel, logger: logger).map(Arrival.init)
            } http2ConnectionInitializer: { channel in
                channel.eventLoop.makeCompletedFuture { try setUpStreams(on: channel, logger: logger) }
            }
        }.map { Value(channel: channel, spoken: $0) }
    }

    private func setUpStreams(on channel: any Channel, logger: Logger) throws -> Streams {
        let connection = HTTP2ConnectionHandler(patience: patience)
        let delegate = connection.delegate(on: channel.eventLoop)
        let patience = patience
        let streams = try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(
            mode: .server, streamDelegate: delegate, frameDelegate: delegate,
            configuration: HTTP2Bounds.configuration
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandlers([
                    HTTP2FramePayloadToHTTPServerCodec(), IdleStateHandler(writeTimeout: patience.reader),
                    StalledReaderHandler(),
                    HTTPConnectionStateHandler(idleTimeout: Duration(patience.idle), logger: logger),
                ])
                return Arrival(try Arrival.HTTPChannel(wrappingChannelSynchronously: stream))
            }
        }
        try channel.pipeline.syncOperations.addHandler(connection)
        return streams
    }

    func handle(value: Value, logger: Logger) async {
        await withTaskCancellationHandler {
            switch try? await value.spoken.get() {
            case .http1_1(let connection): await http1.handle(value: connection.take(), logger: logger)
            case .http2(let streams):
                await withDiscardingTaskGroup { group in
                    // Ends, or fails, with the connection: there is nobody to tell.
                    var arriving = streams.inbound.makeAsyncIterator()
                    while let stream = try? await arriving.next() {
                        group.addTask { await http1.handle(value: stream.take(), logger: logger) }
                    }
                }
            case nil: value.channel.close(promise: nil)
            }
        } onCancel: {
            value.channel.close(promise: nil)
        }
    }
}
