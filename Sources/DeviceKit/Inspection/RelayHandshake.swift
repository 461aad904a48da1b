import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
public import Statements

/// One TLS handshake with a relay, for looking at it: nothing is asked, nothing is sent.
public struct RelayHandshake: Sendable {
    /// A certificate of the relay's.
    public struct Certificate: Sendable, Equatable {
        public let validFrom: Timestamp
        public let validUntil: Timestamp

        public init(validFrom: Timestamp, validUntil: Timestamp) {
            self.validFrom = validFrom
            self.validUntil = validUntil
        }
    }

    /// How it ended.
    public enum Outcome: Sendable, Equatable {
        /// The certificate is one that this profile trusts. `version` is the protocol's, for instance `TLS 1.3`.
        case trusted(version: String)
        /// Somebody answers, and not with a certificate that this profile trusts.
        case untrusted
        /// Nobody answers with TLS; in words.
        case unreachable(String)
        /// The CA file that the profile remembers is none.
        case unusableAuthority
    }

    public let outcome: Outcome
    /// What the relay showed, trusted or not; `nil` when it showed none.
    public let certificate: Certificate?

    public init(outcome: Outcome, certificate: Certificate?) {
        self.outcome = outcome
        self.certificate = certificate
    }

    private static let connectSeconds: Int64 = 5
    private static let standardPort = 443

    /// Connects, shakes hands as every request does, and closes.
    /// - Parameters:
    ///   - address: `host` or `host:port`.
    ///   - certificateAuthority: The relay's own CA; `nil` trusts the system's roots.
    public static func examine(address: String, certificateAuthority: String?) async -> RelayHandshake {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let path = certificateAuthority {
            guard let certificates = try? NIOSSLCertificate.fromPEMFile(path) else {
                return RelayHandshake(outcome: .unusableAuthority, certificate: nil)
            }
            tls.trustRoots = .certificates(certificates)
        }
        do {
            let (version, certificate) = try await shakeHands(address, tls)
            return RelayHandshake(outcome: .trusted(version: version), certificate: certificate)
        } catch {
            guard isAboutTrust(error) else {
                return RelayHandshake(outcome: .unreachable(words(error)), certificate: nil)
            }
        }
        // A second look without trust, only to say what is wrong with the certificate.
        tls.certificateVerification = .none
        let shown = try? await shakeHands(address, tls).certificate
        return RelayHandshake(outcome: .untrusted, certificate: shown ?? nil)
    }

    private static func shakeHands(
        _ address: String, _ tls: TLSConfiguration
    ) async throws -> (version: String, certificate: Certificate?) {
        let (host, port) = parts(address)
        let context = try NIOSSLContext(configuration: tls)
        // An address of numbers is no name that a certificate is asked for by.
        let name = (try? SocketAddress(ipAddress: host, port: port)) == nil ? host : nil
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(connectSeconds))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(context: context, serverHostname: name)
                    try channel.pipeline.syncOperations.addHandlers([
                        handler, HandshakeEnd(promise: channel.eventLoop.makePromise()),
                    ])
                }
            }
            .connect(host: host, port: port).get()
        do {
            let result = try await channel.eventLoop.flatSubmit {
                do {
                    return try channel.pipeline.syncOperations.handler(type: HandshakeEnd.self).promise.futureResult
                } catch {
                    return channel.eventLoop.makeFailedFuture(error)
                }
            }.get()
            try? await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private static func parts(_ address: String) -> (host: String, port: Int) {
        guard let colon = address.lastIndex(of: ":"), let port = Int(address[address.index(after: colon)...]) else {
            return (bare(address), standardPort)
        }
        return (bare(String(address[..<colon])), port)
    }

    /// Without the brackets of an IPv6 address.
    private static func bare(_ host: String) -> String { host.filter { $0 != "[" && $0 != "]" } }

    private static func isAboutTrust(_ error: any Error) -> Bool {
        guard let error = error as? NIOSSLError else { return error is NIOSSLExtraError }
        return if case .handshakeFailed = error { true } else { false }
    }

    /// The cause in our words.
    private static func words(_ error: any Error) -> String {
        switch error {
        case is HandshakeTimeout: "somebody takes the connection and does not shake hands in \(connectSeconds) s"
        case let error as NIOConnectionError where error.dnsAError != nil && error.connectionErrors.isEmpty:
            "the name \(error.host) is not known to this machine"
        case is NIOConnectionError: "nobody takes connections there"
        case is NIOSSLError: "somebody takes the connection and speaks no TLS"
        default: "there is no way to it"
        }
    }

    struct HandshakeTimeout: Error {}

    /// Waits for the end of the handshake, and no longer than is decent.
    private final class HandshakeEnd: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = Any

        let promise: EventLoopPromise<(version: String, certificate: Certificate?)>
        private var timeout: Scheduled<Void>?

        init(promise: EventLoopPromise<(version: String, certificate: Certificate?)>) { self.promise = promise }

        func handlerAdded(context: ChannelHandlerContext) {
            timeout = context.eventLoop.scheduleTask(in: .seconds(connectSeconds)) { [promise] in
                promise.fail(HandshakeTimeout())
            }
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            timeout?.cancel()
            promise.fail(ChannelError.eof)
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
                let operations = context.pipeline.syncOperations
                let version = (try? operations.nioSSL_tlsVersion()).flatMap { $0 }
                let certificate = (try? operations.nioSSL_peerCertificate()).flatMap { $0 }
                promise.succeed((Self.name(version), certificate.map(Certificate.init)))
            }
            context.fireUserInboundEventTriggered(event)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            promise.fail(error)
            context.close(promise: nil)
        }

        private static func name(_ version: TLSVersion?) -> String {
            switch version {
            case .tlsv13: "TLS 1.3"
            case .tlsv12: "TLS 1.2"
            default: "TLS"
            }
        }
    }
}

extension RelayHandshake.Certificate {
    init(_ certificate: NIOSSLCertificate) {
        validFrom = Timestamp(milliseconds: Int64(certificate.notValidBefore) * 1000)
        validUntil = Timestamp(milliseconds: Int64(certificate.notValidAfter) * 1000)
    }
}
