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

    /// How many base32 characters the bytes have.
    private static var characterCount: Int { (Kind.byteCount * 8 + 4) / 5 }

    /// - Precondition: `bytes` has exactly ``IdentifierKind/byteCount`` bytes.
    public init(bytes: some Collection<UInt8>) {
        precondition(bytes.count == Kind.byteCount)
        // A generic loop is not specialised across modules: the bytes are taken from where they lie.
        let taken = bytes.withContiguousStorageIfAvailable { unsafe Self.words($0) }
        let words = unsafe taken ?? Array(bytes).withUnsafeBufferPointer { unsafe Self.words($0) }
        (word0, word1, word2) = words
    }

    private static func words(_ bytes: UnsafeBufferPointer<UInt8>) -> (UInt64, UInt64, UInt64) {
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        for position in bytes.indices {
            put(unsafe UInt64(bytes[position]) << UInt64(56 - 8 * (position & 7)), into: &words, at: position >> 3)
        }
        return words
    }

    private static func put(_ bits: UInt64, into words: inout (UInt64, UInt64, UInt64), at index: Int) {
        switch index {
        case 0: words.0 |= bits
        case 1: words.1 |= bits
        default: words.2 |= bits
        }
    }

    /// Parses the one written form.
    public init?(_ text: some Collection<UInt8>) {
        if let parsed = text.withContiguousStorageIfAvailable({ unsafe Self(contiguous: $0) }) {
            guard let parsed else { return nil }
            self = parsed
        } else {
            let parsed = unsafe Array(text).withUnsafeBufferPointer { unsafe Self(contiguous: $0) }
            guard let parsed else { return nil }
            self = parsed
        }
    }

    /// Parses the one written form.
    public init?(_ text: String) {
        var text = text
        guard let parsed = text.withUTF8({ unsafe Self(contiguous: $0) }) else { return nil }
        self = parsed
    }

    private init?(contiguous text: UnsafeBufferPointer<UInt8>) {
        let length = Kind.prefix.utf8CodeUnitCount
        guard text.count == length + Self.characterCount,
            Kind.prefix.withUTF8Buffer({ unsafe $0.elementsEqual(text[..<length]) })
        else { return nil }
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        for index in 0..<Self.characterCount {
            let value: UInt64
            switch unsafe text[length + index] {
            case let letter where letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z"):
                value = UInt64(letter - UInt8(ascii: "a"))
            case let digit where digit >= UInt8(ascii: "2") && digit <= UInt8(ascii: "7"):
                value = UInt64(digit - UInt8(ascii: "2")) + 26
            default: return nil
            }
            // The five bits may lie across two words.
            let (place, offset) = ((5 * index) >> 6, (5 * index) & 63)
            Self.put((value << 59) >> UInt64(offset), into: &words, at: place)
            if offset > 59 { Self.put(value << UInt64(123 - offset), into: &words, at: place + 1) }
        }
        (word0, word1, word2) = words
        // Bits of the last character that no byte has are zero: else two texts would be one identifier.
        let unused = UInt64(Self.characterCount * 5 - Kind.byteCount * 8)
        guard value(ofCharacter: Self.characterCount - 1) & ((1 << unused) - 1) == 0 else { return nil }
    }

    public var bytes: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(Kind.byteCount)
        for position in 0..<Kind.byteCount {
            result.append(UInt8(truncatingIfNeeded: word(position >> 3) >> UInt64(56 - 8 * (position & 7))))
        }
        return result
    }

    public var description: String {
        let length = Kind.prefix.utf8CodeUnitCount
        return unsafe String(unsafeUninitializedCapacity: length + Self.characterCount) { output in
            Kind.prefix.withUTF8Buffer { _ = unsafe output.update(fromContentsOf: $0) }
            for index in 0..<Self.characterCount { unsafe output[length + index] = character(index) }
            return length + Self.characterCount
        }
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
        // In one piece, five bits at a time, from the highest.
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.characterCount) { piece in
            var (high, middle, low) = (word0, word1, word2)
            for index in 0..<Self.characterCount {
                unsafe piece[index] = Self.character(high >> 59)
                high = high << 5 | middle >> 59
                middle = middle << 5 | low >> 59
                low <<= 5
            }
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(piece))
        }
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
    private func rank(ofCharacter index: Int) -> UInt64 { (value(ofCharacter: index) + 6) & 31 }

    private func character(_ index: Int) -> UInt8 { Self.character(value(ofCharacter: index)) }

    /// - Parameter value: Below 32.
    private static func character(_ value: UInt64) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value)
        return value < 26 ? UInt8(ascii: "a") &+ value : UInt8(ascii: "2") &- 26 &+ value
    }

    /// The five bits that a base32 character stands for.
    private func value(ofCharacter index: Int) -> UInt64 {
        let bit = 5 * index
        let offset = UInt64(bit & 63)
        // The five bits may lie across two words; a shift by 64 gives 0.
        return (word(bit >> 6) << offset | word((bit >> 6) + 1) >> (64 - offset)) >> 59
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

public enum SubscriptionKind: IdentifierKind {
    public static let prefix: StaticString = "sub-"
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
/// 16 random bytes, chosen by the device: a way on which pages reach it.
public typealias SubscriptionID = Identifier<SubscriptionKind>

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

extension Identifier where Kind == SubscriptionKind {
    public static func random() -> SubscriptionID { SubscriptionID(bytes: randomBytes(Kind.byteCount)) }
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
