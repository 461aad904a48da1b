/// An IP address, as bytes: 4 or 16.
public struct NetworkAddress: Hashable, Sendable {
    public let bytes: [UInt8]

    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Whether anybody on the Internet may have it. Everything else leads into this machine, this network, or nowhere:
    /// whoever could make a relay talk there would have its place (the registries of special-purpose addresses, RFC 6890).
    public var isPublic: Bool {
        if bytes.count == 4 { return !Self.specialIPv4.contains { $0.contains(bytes) } }
        // Unicast that is given out is 2000::/3; what embeds an IPv4 address there may lead wherever that does.
        return Prefix([0x20], 3).contains(bytes) && !Self.specialIPv6.contains { $0.contains(bytes) }
    }

    private struct Prefix {
        private let bytes: [UInt8]
        private let bits: Int

        init(_ bytes: [UInt8], _ bits: Int) {
            self.bytes = bytes
            self.bits = bits
        }

        func contains(_ address: [UInt8]) -> Bool {
            (0..<bits).allSatisfy { bit in
                let mask: UInt8 = 0x80 >> UInt8(bit & 7)
                return address[bit >> 3] & mask == bytes[bit >> 3] & mask
            }
        }
    }

    private static let specialIPv4: [Prefix] = [
        .init([0], 8), .init([10], 8), .init([100, 64], 10), .init([127], 8), .init([169, 254], 16),
        .init([172, 16], 12), .init([192, 0, 0], 24), .init([192, 0, 2], 24), .init([192, 31, 196], 24),
        .init([192, 52, 193], 24), .init([192, 88, 99], 24), .init([192, 168], 16), .init([192, 175, 48], 24),
        .init([198, 18], 15), .init([198, 51, 100], 24), .init([203, 0, 113], 24),
        // Multicast, reserved, broadcast.
        .init([224], 4), .init([240], 4),
    ]

    private static let specialIPv6: [Prefix] = [
        // Protocol assignments, among them Teredo; documentation; 6to4.
        .init([0x20, 0x01, 0x00], 23), .init([0x20, 0x01, 0x0D, 0xB8], 32), .init([0x20, 0x02], 16),
        .init([0x3F, 0xFF, 0x00], 20),
    ]
}

extension NetworkAddress: CustomStringConvertible {
    /// As a resolver writes it, without the short forms of IPv6.
    public var description: String {
        guard bytes.count == 16 else { return bytes.map(String.init).joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2).map { place in
            String(UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]), radix: 16)
        }.joined(separator: ":")
    }
}
