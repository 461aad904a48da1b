import Statements
import SwiftASN1
import X509

/// The hosts that a certificate is for (RFC 9525): its subject alternative names; the common name does not count.
struct CertificateNames {
    private let names: [GeneralName]

    init(_ certificate: Certificate) {
        names = (try? certificate.extensions.subjectAlternativeNames).flatMap { $0 }.map(Array.init) ?? []
    }

    /// Whether clients that connect to `name` find it here.
    func cover(_ name: RelayName) -> Bool {
        names.contains { general in
            switch general {
            case .dnsName(let pattern): name.address == nil && Self.matches(pattern.lowercased(), name.host)
            case .ipAddress(let address): name.address.map { $0.bytes.elementsEqual(address.bytes) } ?? false
            default: false
            }
        }
    }

    /// A star stands for exactly one whole first label.
    private static func matches(_ pattern: String, _ host: String) -> Bool {
        guard pattern.hasPrefix("*.") else { return pattern == host }
        guard let dot = host.firstIndex(of: ".") else { return false }
        return host[dot...] == pattern.dropFirst()
    }
}
