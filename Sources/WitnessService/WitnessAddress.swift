import NIOCore

/// Where a witness listens: `ADDRESS:PORT` with a numeric address, IPv6 in brackets.
public struct WitnessAddress: Hashable, Sendable, CustomStringConvertible {
    /// Numeric, without brackets.
    public let host: String
    /// 0–65535; 0 lets the system choose.
    public let port: Int
    /// Whether only processes of this machine can reach it.
    public let isLoopback: Bool

    /// - Returns: `nil` unless `text` has exactly this form.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            text[text.index(after: colon)...] == "\(port)"
        else { return nil }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard isBracketed == host.contains(":"), !host.contains("%"),
            let address = try? SocketAddress(ipAddress: String(host), port: Int(port))
        else { return nil }
        self.host = String(host)
        self.port = Int(port)
        isLoopback =
            switch address {
            case .v4: host.hasPrefix("127.")
            case .v6: address.ipAddress == "::1"
            case .unixDomainSocket: false
            }
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
