import Foundation
import NIOCore
import NIOSSL

/// The certificate that a witness shows, and its key.
public struct WitnessTLS: Sendable {
    /// 64 KiB.
    private static let maximumByteCount = 65_536

    let configuration: TLSConfiguration

    /// Reads both, and finds them fit for use together.
    /// - Parameters:
    ///   - certificate: PEM, the server's certificate first.
    ///   - key: PEM, readable by its owner alone. A link to it will do: whoever renews certificates lays them out so.
    /// - Throws: ``WitnessError/Code/certificateUnusable`` or ``WitnessError/Code/keyTooOpen``.
    public init(certificate: String, key: String) throws(WitnessError) {
        guard let chain = try? NIOSSLCertificate.fromPEMFile(certificate), !chain.isEmpty else {
            throw WitnessError(.certificateUnusable, "\"\(certificate)\" holds no certificate in PEM")
        }
        // Of the file, not of the link, which is open to everybody.
        let file = URL(fileURLWithPath: key).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        if let mode = attributes?[.posixPermissions] as? Int, mode & 0o077 != 0 {
            throw WitnessError(.keyTooOpen, "\"\(key)\"")
        }
        guard attributes?[.type] as? FileAttributeType == .typeRegular,
            (attributes?[.size] as? Int).map({ $0 <= Self.maximumByteCount }) == true,
            let bytes = FileManager.default.contents(atPath: file)
        else { throw WitnessError(.certificateUnusable, "\"\(key)\" cannot be read") }
        guard let privateKey = try? NIOSSLPrivateKey(bytes: [UInt8](bytes), format: .pem) else {
            throw WitnessError(.certificateUnusable, "\"\(key)\" is no private key in PEM without a passphrase")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        // For 1.2; the suites of 1.3 are all of this kind.
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.applicationProtocols = ["http/1.1"]
        configuration.renegotiationSupport = .none
        configuration.shutdownTimeout = .seconds(1)
        guard (try? NIOSSLContext(configuration: configuration)) != nil else {
            throw WitnessError(.certificateUnusable, "\"\(certificate)\" cannot be used with \"\(key)\"")
        }
        self.configuration = configuration
    }
}
