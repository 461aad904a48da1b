import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Secrets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a request carries along: where it came from.
struct RelayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The peer's address without port, of IPv6 its network (the first 64 bits), for limits; never logged.
    let address: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        address = Self.key(source.channel.remoteAddress)
    }

    /// Whoever has one IPv6 address has 2^64 of them: they count as one.
    static func key(_ address: SocketAddress?) -> String {
        guard let text = address?.ipAddress else { return "unknown" }
        var parsed = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &parsed) == 1 else { return text }
        let bytes = unsafe withUnsafeBytes(of: parsed) { unsafe Array($0) }
        // An IPv4 peer of a dual-stack listener (RFC 4291, section 2.5.5.2) is an address of its own.
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped
            ? bytes.suffix(4).map(String.init).joined(separator: ".") : Hex.encode(bytes.prefix(8)) + "/64"
    }
}
