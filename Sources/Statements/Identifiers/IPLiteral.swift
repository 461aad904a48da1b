#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An IP address in its numeric form, as bytes in network order: 4 for IPv4, 16 for IPv6.
public struct IPLiteral: Hashable, Sendable {
    public let bytes: [UInt8]

    /// Parses dotted decimal IPv4 or RFC 4291 IPv6, without brackets or a zone.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        // C strings end at a NUL: what follows it must not be ignored.
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        var four = in_addr()
        var six = in6_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            bytes = unsafe withUnsafeBytes(of: four) { unsafe Array($0) }
        } else if unsafe inet_pton(AF_INET6, text, &six) == 1 {
            bytes = unsafe withUnsafeBytes(of: six) { unsafe Array($0) }
        } else {
            return nil
        }
    }

    /// Whether the address reaches this machine alone: 127.0.0.0/8, `::1`, or 127.0.0.0/8 mapped into IPv6.
    public var isLoopback: Bool {
        if bytes.count == 4 { return bytes[0] == 127 }
        let mapped = [UInt8](repeating: 0, count: 10) + [255, 255]
        return bytes == [UInt8](repeating: 0, count: 15) + [1] || bytes.starts(with: mapped) && bytes[12] == 127
    }
}
