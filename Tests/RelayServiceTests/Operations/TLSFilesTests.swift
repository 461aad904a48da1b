import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Statements
import SystemPackage
import Testing

@testable import RelayService

@Suite struct TLSFilesTests {
    let directory: TemporaryDirectory
    let name: RelayName
    let now = Timestamp.now()
    var certificate: FilePath { directory("server.pem") }
    var key: FilePath { directory("server.key") }

    init() throws {
        directory = try TemporaryDirectory()
        name = try #require(RelayName("relay.example.org:8443"))
        try write(try DevelopmentAuthority.issue(for: name, now: now))
    }

    private func write(_ issued: DevelopmentAuthority.Issued) throws {
        try DurableFile.replace(directory("ca.pem"), with: issued.authority)
        try DurableFile.replace(certificate, with: issued.certificate)
        try DurableFile.replace(key, with: issued.key)
    }

    private func load(at time: Timestamp? = nil) throws -> TLSFiles {
        try TLSFiles.load(certificate: certificate, key: key, name: name, now: time ?? now)
    }

    private func client(trusting authority: FilePath?) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let authority {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority.string))
        }
        return configuration
    }

    // MARK: Handshakes

    @Test(arguments: ["relay.example.org", "localhost", nil])
    func aClientThatTrustsTheAuthorityConnectsWithTLS13(host: String?) async throws {
        let version = try await handshake(load().configuration, client(trusting: directory("ca.pem")), host: host)
        #expect(version == .tlsv13)
    }

    @Test func aClientThatDoesNotTrustTheAuthorityRefuses() async throws {
        await #expect(throws: (any Error).self) {
            try await handshake(load().configuration, client(trusting: nil), host: "localhost")
        }
        let other = try TemporaryDirectory()
        try DurableFile.replace(other("ca.pem"), with: DevelopmentAuthority.issue(for: name, now: now).authority)
        await #expect(throws: (any Error).self) {
            try await handshake(load().configuration, client(trusting: other("ca.pem")), host: "localhost")
        }
    }

    @Test func aClientThatExpectsAnotherHostRefuses() async throws {
        await #expect(throws: (any Error).self) {
            try await handshake(load().configuration, client(trusting: directory("ca.pem")), host: "other.example.org")
        }
        await #expect(throws: (any Error).self) {
            try await handshake(
                load().configuration, client(trusting: directory("ca.pem")), host: nil, address: "127.0.0.2")
        }
    }

    @Test func tls12IsTakenWithAEADSuitesAlone() async throws {
        var configuration = try client(trusting: directory("ca.pem"))
        configuration.maximumTLSVersion = .tlsv12
        #expect(try await handshake(load().configuration, configuration, host: "localhost") == .tlsv12)
        configuration.cipherSuiteValues = [.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA]
        let weak = configuration
        await #expect(throws: (any Error).self) {
            try await handshake(load().configuration, weak, host: "localhost")
        }
    }

    @Test func olderVersionsAreRefused() async throws {
        var configuration = try client(trusting: directory("ca.pem"))
        configuration.maximumTLSVersion = .tlsv11
        let old = configuration
        await #expect(throws: (any Error).self) {
            try await handshake(load().configuration, old, host: "localhost")
        }
    }

    @Test func anAuthorityForAnAddressIsGoodForThatAddress() async throws {
        let address = try #require(RelayName("127.0.0.1:8443"))
        try write(try DevelopmentAuthority.issue(for: address, now: now))
        let files = try TLSFiles.load(certificate: certificate, key: key, name: address, now: now)
        #expect(files.warnings.isEmpty)
        #expect(try await handshake(files.configuration, client(trusting: directory("ca.pem")), host: nil) == .tlsv13)
    }

    // MARK: Files

    @Test func theCertificateLastsThirteenMonths() throws {
        let files = try load()
        #expect(files.expires.milliseconds(since: now) / 86_400_000 == 396)
        #expect(files.warnings.isEmpty)
    }

    @Test func aCertificateOutsideItsTimeIsRefused() throws {
        #expect(code { try load(at: now.adding(seconds: 397 * 86_400)) } == .certificateExpired)
        #expect(code { try load(at: now.adding(seconds: -3600)) } == .certificateExpired)
        #expect(try load(at: now.adding(seconds: 390 * 86_400)).warnings.count == 1)
    }

    @Test func aCertificateForAnotherNameIsAWarning() throws {
        let other = try #require(RelayName("bell.example.org:8443"))
        let files = try TLSFiles.load(certificate: certificate, key: key, name: other, now: now)
        #expect(files.warnings.count == 1)
        #expect(files.warnings[0].contains("bell.example.org"))
    }

    @Test(arguments: [0o640, 0o604, 0o644])
    func aKeyThatOthersMayReadIsRefusedWithTheRepair(mode: Int) throws {
        try setPermissions(mode, of: key)
        let error = try #require(throws: OperationsError.self) { try load() }
        #expect(error.code == .tooOpen)
        #expect(error.next == "chmod 600 \(key)")
    }

    @Test func aKeyOfAnotherCertificateIsRefused() throws {
        try DurableFile.replace(key, with: DevelopmentAuthority.issue(for: name, now: now).key)
        let error = try #require(throws: OperationsError.self) { try load() }
        #expect(error.code == .certificateUnusable)
        #expect(error.message.contains("is for another key"))
    }

    @Test func missingAndUnreadableFilesAreNamed() throws {
        let good = try #require(try DurableFile.read(certificate, limit: 1 << 20))
        for bytes in [[], Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8), [0xFF, 0]] {
            try DurableFile.replace(certificate, with: bytes)
            let error = try #require(throws: OperationsError.self) { try load() }
            #expect(error.code == .certificateUnusable)
            #expect(error.message.contains("server.pem"))
        }
        try DurableFile.replace(certificate, with: good)
        try DurableFile.replace(key, with: Array("no key".utf8))
        #expect(try #require(throws: OperationsError.self) { try load() }.message.contains("server.key"))
        try DurableFile.remove(key)
        #expect(try #require(throws: OperationsError.self) { try load() }.message.contains("there is no file"))
        try DurableFile.remove(certificate)
        #expect(code { try load() } == .certificateUnusable)
    }

    /// Writes one byte, which leaves only when both sides have agreed.
    private final class Greeter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func channelActive(context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [1])), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    /// Connects over loopback.
    /// - Returns: The version that both agreed on.
    private func handshake(
        _ server: TLSConfiguration, _ client: TLSConfiguration, host: String?, address: String? = nil
    ) async throws -> TLSVersion? {
        // A certificate that names the address is good for every name: hosts are tried at one that it does not name.
        let address = address ?? (host == nil ? "127.0.0.1" : "127.0.0.2")
        let serverContext = try NIOSSLContext(configuration: server)
        let clientContext = try NIOSSLContext(configuration: client)
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        NIOSSLServerHandler(context: serverContext), Greeter(),
                    ])
                }
            }
            .bind(host: address, port: 0).get()
        defer { listener.close(promise: nil) }
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: address, port: #require(listener.localAddress?.port)) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: clientContext, serverHostname: host))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await connection.executeThenClose { inbound, _ in
            var iterator = inbound.makeAsyncIterator()
            guard try await iterator.next()?.readableBytes == 1 else { throw ChannelError.eof }
            return try await connection.channel.nioSSL_tlsVersion().get()
        }
    }
}
