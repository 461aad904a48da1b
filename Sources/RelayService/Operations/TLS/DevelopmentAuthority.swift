import Crypto
import Foundation
import Secrets
import Statements
import SwiftASN1
import X509

/// A certificate authority of one machine, for trying Nightbell out: it signs one server certificate and is gone.
///
/// Its private key is never written and is dropped after that one signature, so that who later trusts `ca.pem` trusts
/// this one certificate and nothing that anybody could still issue. A new certificate needs a new authority.
enum DevelopmentAuthority {
    /// What ``issue(for:now:)`` makes, as PEM.
    struct Issued: Sendable {
        /// The authority's certificate, for clients (`--ca`). Valid for five years.
        let authority: [UInt8]
        /// The server's certificate. Valid for 397 days, which is the most that browsers and Apple's systems accept.
        let certificate: [UInt8]
        /// The server's private key, PKCS #8. Secret: to be written 0600 and nowhere else.
        let key: [UInt8]
    }

    private static let day: TimeInterval = 86_400
    /// Certificates begin a little earlier than they are made: other machines' clocks differ.
    private static let allowance: TimeInterval = 300

    /// Makes an authority and a P-256 server certificate for the relay's host and for this machine (`localhost`,
    /// 127.0.0.1, ::1).
    static func issue(for name: RelayName, now: Timestamp) throws -> Issued {
        let start = Date(timeIntervalSince1970: Double(now.milliseconds) / 1000 - allowance)
        let authorityKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        // Random, so that a client which was given several authorities can tell them apart.
        let authorityName = try DistinguishedName {
            CommonName("Nightbell development authority \(Hex.encode(randomBytes(4)))")
        }
        let authorityKeyID = SubjectKeyIdentifier(hash: authorityKey.publicKey)
        let authority = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: authorityKey.publicKey,
            notValidBefore: start, notValidAfter: start + 1826 * day, issuer: authorityName, subject: authorityName,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true))
                authorityKeyID
            },
            issuerPrivateKey: authorityKey)

        let serverKey = P256.Signing.PrivateKey()
        let publicKey = Certificate.PrivateKey(serverKey).publicKey
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey, notValidBefore: start,
            notValidAfter: start + 397 * day, issuer: authorityName,
            // A common name has at most 64 characters; names that count are the alternative ones.
            subject: try DistinguishedName { CommonName(String(name.host.prefix(64))) },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectKeyIdentifier(hash: publicKey)
                AuthorityKeyIdentifier(keyIdentifier: authorityKeyID.keyIdentifier)
                SubjectAlternativeNames(Self.alternativeNames(of: name))
            },
            issuerPrivateKey: authorityKey)
        return Issued(
            authority: try Self.pem(authority), certificate: try Self.pem(certificate),
            key: Array(serverKey.pemRepresentation.utf8) + [UInt8(ascii: "\n")])
    }

    private static func alternativeNames(of name: RelayName) -> [GeneralName] {
        var names = [Self.generalName(name.host)]
        for host in ["localhost", "127.0.0.1", "::1"] where host != name.host { names.append(generalName(host)) }
        return names
    }

    private static func generalName(_ host: String) -> GeneralName {
        guard let address = IPLiteral(host) else { return .dnsName(host) }
        return .ipAddress(ASN1OctetString(contentBytes: address.bytes[...]))
    }

    private static func pem(_ certificate: Certificate) throws -> [UInt8] {
        Array(try certificate.serializeAsPEM().pemString.utf8) + [UInt8(ascii: "\n")]
    }
}
