/// An address that a user's device gave, parsed strictly: `https://host[:port]/path`, in ASCII, without user, fragment or
/// IP address. What the name leads to is checked each time that something is sent (``HostCheck``).
public struct PushEndpoint: Hashable, Sendable {
    /// 1,000 bytes (UnifiedPush).
    public static let maximumByteCount = 1_000
    /// 443.
    public static let standardPort = 443

    /// Why an address is refused.
    public enum Refusal: String, Error, Sendable {
        case tooLong = "too_long"
        case notHTTPS = "not_https"
        /// It has a user, a fragment, a character that no address has, or no path.
        case malformed
        /// It names an IP address.
        case addressForName = "ip_address"
    }

    /// In lower case.
    public let host: String
    public let port: Int
    /// From its first slash on, with the query.
    public let path: String

    public init(parsing text: String) throws(Refusal) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumByteCount else { throw .tooLong }
        // Printable ASCII alone; a backslash is a slash to some readers, and not to others.
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) && !Array(#"\"<>^`{|}#"#.utf8).contains($0) }) else {
            throw .malformed
        }
        guard text.lowercased().hasPrefix("https://") else { throw .notHTTPS }
        let rest = text.dropFirst("https://".count)
        guard let slash = rest.firstIndex(of: "/") else { throw .malformed }
        let authority = rest[..<slash].split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(authority.count), !rest[..<slash].contains("@") else { throw .malformed }
        host = authority[0].lowercased()
        port = authority.count == 1 ? Self.standardPort : try Self.port(authority[1])
        path = String(rest[slash...])
        try Self.check(host: host)
    }

    private static func port(_ text: Substring) throws(Refusal) -> Int {
        guard let port = Int(text), String(port) == text, (1...65_535).contains(port) else { throw .malformed }
        return port
    }

    /// Labels of letters, digits and hyphens (RFC 1123 section 2.1). A name whose last label is a number is an IP address to
    /// somebody's resolver, in whatever base.
    private static func check(host: String) throws(Refusal) {
        guard !host.hasPrefix("[") else { throw .addressForName }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard host.utf8.count <= 253,
            labels.allSatisfy({ label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { Self.isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
            }), let last = labels.last
        else { throw .malformed }
        let isNumber =
            last.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } || last.hasPrefix("0x")
        if isNumber { throw .addressForName }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// What one VAPID token is good for (RFC 8292 section 2): scheme, host, and the port where it is not 443.
    public var origin: String { port == Self.standardPort ? "https://\(host)" : "https://\(host):\(port)" }

    /// In the one form that it is stored in.
    public var text: String { origin + path }
}
