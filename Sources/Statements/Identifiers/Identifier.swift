public import Secrets

/// What an identifier names: its prefix and its length.
public protocol IdentifierKind: Sendable {
    static var prefix: StaticString { get }
    /// At most 24.
    static var byteCount: Int { get }
}

/// A prefix and lower-case unpadded base32; kept as bytes, inline, so that maps of millions stay small.
public struct Identifier<Kind: IdentifierKind>: Hashable, Comparable, Sendable, CustomStringConvertible, TextField {
    private let word0, word1, word2: UInt64

    /// - Precondition: `bytes` has exactly ``IdentifierKind/byteCount`` bytes.
    public init(bytes: some Collection<UInt8>) {
        precondition(bytes.count == Kind.byteCount)
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        var position = 0
        for byte in bytes {
            let shift = UInt64(56 - 8 * (position & 7))
            switch position >> 3 {
            case 0: words.0 |= UInt64(byte) << shift
            case 1: words.1 |= UInt64(byte) << shift
            default: words.2 |= UInt64(byte) << shift
            }
            position += 1
        }
        (word0, word1, word2) = words
    }

    /// Parses the one written form.
    public init?(_ text: some Collection<UInt8>) {
        let length = Kind.prefix.utf8CodeUnitCount
        let text = Array(text)
        guard text.count > length, Kind.prefix.matches(text[..<length]) else { return nil }
        guard text.count - length == (Kind.byteCount * 8 + 4) / 5, let bytes = Base32.decode(text[length...]),
            bytes.count == Kind.byteCount
        else { return nil }
        self.init(bytes: bytes)
    }

    /// Parses the one written form.
    public init?(_ text: String) { self.init(Array(text.utf8)) }

    public var bytes: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(Kind.byteCount)
        for position in 0..<Kind.byteCount {
            result.append(UInt8(truncatingIfNeeded: word(position >> 3) >> UInt64(56 - 8 * (position & 7))))
        }
        return result
    }

    public var description: String {
        var text: [UInt8] = []
        write(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The base32 characters alone.
    public var characters: String { Base32.encode(bytes) }

    /// The order of the written forms as bytes. ASCII has digits before letters, and base32 the other way about, so this
    /// is not the order of ``bytes``.
    public static func < (left: Self, right: Self) -> Bool {
        for index in 0..<3 {
            let difference = left.word(index) ^ right.word(index)
            guard difference != 0 else { continue }
            let character = (64 * index + difference.leadingZeroBitCount) / 5
            return left.rank(ofCharacter: character) < right.rank(ofCharacter: character)
        }
        return false
    }

    public func write(to bytes: inout [UInt8]) {
        Kind.prefix.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: Base32.encodedBytes(self.bytes))
    }

    private func word(_ index: Int) -> UInt64 {
        switch index {
        case 0: word0
        case 1: word1
        case 2: word2
        default: 0
        }
    }

    /// Where a base32 character stands in ASCII among the 32: `2`–`7` (values 26–31) come before `a`–`z` (0–25).
    private func rank(ofCharacter index: Int) -> UInt64 {
        let bit = 5 * index
        let offset = UInt64(bit & 63)
        // The five bits may lie across two words; a shift by 64 gives 0.
        let bits = word(bit >> 6) << offset | word((bit >> 6) + 1) >> (64 - offset)
        return ((bits >> 59) + 6) & 31
    }
}

public enum OrganisationKind: IdentifierKind {
    public static let prefix: StaticString = "org-"
    public static let byteCount = 20
}
public enum DeviceKind: IdentifierKind {
    public static let prefix: StaticString = "dev-"
    public static let byteCount = 20
}
public enum InvitationKind: IdentifierKind {
    public static let prefix: StaticString = "inv-"
    public static let byteCount = 20
}
public enum PrekeyKind: IdentifierKind {
    public static let prefix: StaticString = "pk-"
    public static let byteCount = 20
}
public enum MemberKind: IdentifierKind {
    public static let prefix: StaticString = "mem-"
    public static let byteCount = 10
}
public enum MessageKind: IdentifierKind {
    public static let prefix: StaticString = "msg-"
    public static let byteCount = 16
}

/// First 20 bytes of SHA-256(genesis text).
public typealias OrganisationID = Identifier<OrganisationKind>
/// First 20 bytes of SHA-256(device signing key): no other key can claim it.
public typealias DeviceID = Identifier<DeviceKind>
/// First 20 bytes of SHA-256(invitation key).
public typealias InvitationID = Identifier<InvitationKind>
/// First 20 bytes of SHA-256(prekey text), or of X25519 ‖ ML-KEM-768 key for recovery and audit keys.
public typealias PrekeyID = Identifier<PrekeyKind>
/// 10 random bytes.
public typealias MemberID = Identifier<MemberKind>
/// 16 bytes, a UUIDv7 (RFC 9562 section 5.7) chosen by the sender: the idempotency key from intake to chart.
public typealias MessageID = Identifier<MessageKind>

extension Identifier where Kind == OrganisationKind {
    public init(genesisText: [UInt8]) { self.init(bytes: Digest.sha256(genesisText).bytes.prefix(Kind.byteCount)) }
}

extension Identifier where Kind == DeviceKind {
    public init(key: VerifyingKey) { self.init(bytes: Digest.sha256(key.bytes).bytes.prefix(Kind.byteCount)) }
}

extension Identifier where Kind == InvitationKind {
    public init(key: VerifyingKey) { self.init(bytes: Digest.sha256(key.bytes).bytes.prefix(Kind.byteCount)) }
}

extension Identifier where Kind == PrekeyKind {
    public init(prekeyText: [UInt8]) { self.init(bytes: Digest.sha256(prekeyText).bytes.prefix(Kind.byteCount)) }

    public init(x25519: [UInt8], mlkem768: [UInt8]) {
        self.init(bytes: Digest.sha256(x25519 + mlkem768).bytes.prefix(Kind.byteCount))
    }
}

extension Identifier where Kind == MemberKind {
    public static func random() -> MemberID { MemberID(bytes: randomBytes(Kind.byteCount)) }
}

extension Identifier where Kind == MessageKind {
    /// A new UUIDv7: 48 bits of milliseconds, version, variant and 74 random bits.
    public static func make(at time: Timestamp) -> MessageID {
        var bytes = randomBytes(Kind.byteCount)
        for index in 0..<6 {
            bytes[index] = UInt8(truncatingIfNeeded: time.milliseconds >> Int64(40 - 8 * index))
        }
        bytes[6] = bytes[6] & 0x0F | 0x70
        bytes[8] = bytes[8] & 0x3F | 0x80
        return MessageID(bytes: bytes)
    }
}
