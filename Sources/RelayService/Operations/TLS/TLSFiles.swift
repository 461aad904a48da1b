import Foundation
import NIOCore
public import NIOSSL
public import Statements
import SwiftASN1
public import SystemPackage
import X509

/// The server's certificate and key, read from files and found fit for use.
///
/// Loading checks what would otherwise be found out by the first client: that the files are there, that nobody else can
/// read the key, that both are PEM and belong together, and that the certificate is valid now.
public struct TLSFiles: Sendable {
    /// Server side: TLS 1.3, or 1.2 with forward-secret AEAD suites alone; no client certificates, `h2` or `http/1.1`.
    public let configuration: TLSConfiguration
    /// When the certificate ends.
    public let expires: Timestamp
    /// What an operator should know though it stops nothing: a name that the certificate lacks, an end that is near.
    public let warnings: [String]

    private static let maximumByteCount = 1 << 20
    /// 14 days.
    private static let nearMilliseconds: Int64 = 14 * 86_400_000

    /// Reads and checks.
    /// - Throws: ``OperationsError/Code/certificateUnusable``, ``OperationsError/Code/certificateExpired``,
    ///   ``OperationsError/Code/tooOpen`` or ``OperationsError/Code/fileUnusable``.
    public static func load(
        certificate path: FilePath, key keyPath: FilePath, name: RelayName, now: Timestamp = .now()
    ) throws(OperationsError) -> TLSFiles {
        let chain = try Self.chain(at: path)
        let keyBytes = try Self.key(at: keyPath)
        let leaf: Certificate
        let key: NIOSSLPrivateKey
        do {
            leaf = try Certificate(derEncoded: try chain[0].toDERBytes())
        } catch {
            throw unusable(path, "is no X.509 certificate")
        }
        do {
            key = try NIOSSLPrivateKey(bytes: keyBytes, format: .pem)
        } catch {
            throw unusable(keyPath, "is no private key in PEM without a passphrase")
        }
        try Self.checkMatch(leaf, keyBytes, path, keyPath)
        let configuration = Self.configuration(chain: chain, key: key)
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw unusable(path, "cannot be used with its key")
        }
        let expires = Timestamp(milliseconds: Int64(leaf.notValidAfter.timeIntervalSince1970 * 1000))
        try Self.checkValidity(leaf, expires: expires, path, now: now)
        return TLSFiles(
            configuration: configuration, expires: expires,
            warnings: Self.warnings(about: leaf, at: path, expires: expires, name: name, now: now))
    }

    /// The settings alone, for any chain and key.
    static func configuration(chain: [NIOSSLCertificate], key: NIOSSLPrivateKey) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        // For 1.2; the suites of 1.3 are all of this kind.
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.applicationProtocols = ["h2", "http/1.1"]
        configuration.renegotiationSupport = .none
        // How long a connection that is closed waits for the other side's last word, and a drain with it.
        configuration.shutdownTimeout = .seconds(1)
        return configuration
    }

    private static func chain(at path: FilePath) throws(OperationsError) -> [NIOSSLCertificate] {
        guard let bytes = try DurableFile.read(path, limit: maximumByteCount) else { throw missing(path) }
        let chain = try? NIOSSLCertificate.fromPEMBytes(bytes)
        guard let chain, !chain.isEmpty else { throw unusable(path, "holds no certificate in PEM") }
        return chain
    }

    private static func key(at path: FilePath) throws(OperationsError) -> [UInt8] {
        do {
            let status = try Stat(path)
            guard status.permissions.isDisjoint(with: [.groupReadWriteExecute, .otherReadWriteExecute]) else {
                throw OperationsError(
                    .tooOpen, "permissions of \"\(path)\" are too open: others than its owner can use this private key",
                    next: "chmod 600 \(path)")
            }
        } catch let error as OperationsError {
            throw error
        } catch {
            throw missing(path)
        }
        guard let bytes = try DurableFile.read(path, limit: maximumByteCount) else { throw missing(path) }
        return bytes
    }

    /// Kinds of keys that X509 does not know are left to BoringSSL's own check.
    private static func checkMatch(
        _ leaf: Certificate, _ keyBytes: [UInt8], _ path: FilePath, _ keyPath: FilePath
    ) throws(OperationsError) {
        let key = try? Certificate.PrivateKey(pemEncoded: String(decoding: keyBytes, as: UTF8.self))
        if let key, key.publicKey != leaf.publicKey {
            throw unusable(path, "is for another key than \"\(keyPath)\"")
        }
    }

    private static func checkValidity(
        _ leaf: Certificate, expires: Timestamp, _ path: FilePath, now: Timestamp
    ) throws(OperationsError) {
        let begins = Timestamp(milliseconds: Int64(leaf.notValidBefore.timeIntervalSince1970 * 1000))
        guard now >= begins else {
            throw OperationsError(
                .certificateExpired, "the certificate \"\(path)\" is valid only from \(begins), and it is \(now)",
                next: "check this machine's clock")
        }
        guard now <= expires else {
            throw OperationsError(
                .certificateExpired, "the certificate \"\(path)\" ended at \(expires)",
                next: "renew it, put it in its place and start again")
        }
    }

    private static func warnings(
        about leaf: Certificate, at path: FilePath, expires: Timestamp, name: RelayName, now: Timestamp
    ) -> [String] {
        var warnings: [String] = []
        if !CertificateNames(leaf).cover(name) {
            warnings.append("the certificate \"\(path)\" is not for \(name.host): clients will refuse it")
        }
        if expires.milliseconds(since: now) < nearMilliseconds {
            warnings.append("the certificate \"\(path)\" ends at \(expires)")
        }
        return warnings
    }

    private static func missing(_ path: FilePath) -> OperationsError {
        OperationsError(
            .certificateUnusable, "there is no file \"\(path)\"",
            next: "put certificate and key there, or name others with tls.certificate and tls.key")
    }

    private static func unusable(_ path: FilePath, _ problem: String) -> OperationsError {
        OperationsError(
            .certificateUnusable, "\"\(path)\" \(problem)", next: "replace it, or name another in relay.yaml")
    }
}
