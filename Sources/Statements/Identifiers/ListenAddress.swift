/// Where a server listens: `ADDRESS:PORT` with a numeric address, IPv6 in brackets.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// Numeric, without brackets.
    public let host: String
    /// 0–65535; 0 lets the system choose.
    public let port: Int

    /// - Returns: `nil` unless `text` has exactly this form.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            text[text.index(after: colon)...] == "\(port)"
        else { return nil }
        var host = text[..<colon]
        let bracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if bracketed { host = host.dropFirst().dropLast() }
        guard IPLiteral(host) != nil, bracketed == host.contains(":") else { return nil }
        self.host = String(host)
        self.port = Int(port)
    }

    /// 127.0.0.1 with this port.
    public init(loopbackPort port: Int) {
        host = "127.0.0.1"
        self.port = port
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only processes of this machine can reach it.
    public var isLoopback: Bool { Self.isLoopback(host) }

    /// Whether `address`, numeric and without brackets or port, is this machine's own: the test for open founding.
    public static func isLoopback(_ address: String) -> Bool { IPLiteral(address)?.isLoopback ?? false }
}
