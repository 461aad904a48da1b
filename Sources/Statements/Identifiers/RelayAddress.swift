/// The form of `host` and `host:port`, as they stand in an invitation and, as the relay's name, in `genesis`.
///
/// A host is a lower-case name of letters, digits and inner hyphens (RFC 1123 section 2.1; an IPv4 address has that form
/// too) or an IPv6 address in brackets (RFC 3986 section 3.2.2, without zone). A port is 1–65535 without leading zeros.
enum RelayAddress {
    /// 253: the longest DNS name.
    private static let maximumHostByteCount = 253

    static func isValid(_ text: String) -> Bool {
        // As bytes: a Character can hide a combining mark behind a colon or a bracket.
        let bytes = Array(text.utf8)
        let rest: ArraySlice<UInt8>
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")), isIPv6(bytes[1..<end]) else { return false }
            rest = bytes[(end + 1)...]
        } else {
            let end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
            guard isName(bytes[..<end]) else { return false }
            rest = bytes[end...]
        }
        return rest.isEmpty || rest.first == UInt8(ascii: ":") && isPort(rest.dropFirst())
    }

    private static func isName(_ host: ArraySlice<UInt8>) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return host.count <= maximumHostByteCount
            && host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
                    && label.allSatisfy { isLetter($0) || isDigit($0) || $0 == hyphen }
            }
    }

    private static func isIPv6(_ host: ArraySlice<UInt8>) -> Bool {
        guard host.allSatisfy({ isDigit($0) || (0x61...0x66).contains($0) || $0 == 0x3A || $0 == 0x2E }) else {
            return false
        }
        return IPLiteral(String(decoding: host, as: UTF8.self))?.bytes.count == 16
    }

    private static func isPort(_ port: ArraySlice<UInt8>) -> Bool {
        guard (1...5).contains(port.count), port.first != UInt8(ascii: "0"), port.allSatisfy(isDigit) else {
            return false
        }
        return port.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } <= 65_535
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
