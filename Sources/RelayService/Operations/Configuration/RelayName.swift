import Statements

/// The relay's name, `HOST:PORT`: where clients reach it, and for ever a part of every log's origin.
///
/// `HOST` is a lower-case DNS name, an IPv4 address, or an IPv6 address in brackets; a part of what `genesis` admits, in
/// that a port must be there, and that a name which looks like an IPv4 address must be one.
public struct RelayName: Hashable, Sendable, CustomStringConvertible {
    /// Without brackets.
    public let host: String
    /// 1–65535.
    public let port: Int

    /// - Returns: `nil` unless `text` has exactly this form.
    public init?(_ text: String) {
        // As bytes: a Character can hide a combining mark behind a colon or a bracket.
        let bytes = Array(text.utf8)
        guard bytes.count <= 300, bytes.allSatisfy({ (0x21...0x7E).contains($0) && !(0x41...0x5A).contains($0) }),
            let colon = bytes.lastIndex(of: UInt8(ascii: ":"))
        else { return nil }
        let portText = String(decoding: bytes[(colon + 1)...], as: UTF8.self)
        guard let port = UInt16(portText), port > 0, "\(port)" == portText else { return nil }
        let host = String(decoding: bytes[..<colon], as: UTF8.self)
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), IPLiteral(host.dropFirst().dropLast())?.bytes.count == 16 else { return nil }
            self.host = String(host.dropFirst().dropLast())
        } else {
            guard IPLiteral(host)?.bytes.count == 4 || Self.isDNSName(host) else { return nil }
            self.host = host
        }
        self.port = Int(port)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The host as an address; `nil` when it is a DNS name.
    var address: IPLiteral? { IPLiteral(host) }

    /// RFC 1123 section 2.1: labels of letters, digits and inner hyphens, 253 bytes in all; the last one not all digits.
    private static func isDNSName(_ host: String) -> Bool {
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        let hyphen = UInt8(ascii: "-")
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard host.utf8.count <= 253, let last = labels.last, !last.allSatisfy(isDigit) else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
                && label.allSatisfy { (0x61...0x7A).contains($0) || isDigit($0) || $0 == hyphen }
        }
    }
}
