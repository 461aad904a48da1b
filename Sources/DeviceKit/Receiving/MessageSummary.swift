import Statements

/// What lists show of a message, in few bytes: ten thousand of them are read for one list.
///
/// Version 2, flags (bit 0 verified, bit 1 a member is named, bit 2 others have it too, bit 3 quarantined), `at` and
/// `expires` (milliseconds since 1970), the manifest's place in the activity log (each 8 bytes, big-endian), the sender's
/// device (20 bytes), then the member (10 bytes) where one is named, then the reason of a quarantine.
struct MessageSummary: Sendable, Equatable {
    private static let version: UInt8 = 2
    private static let fixedByteCount = 2 + 3 * 8 + DeviceKind.byteCount

    var isVerified: Bool
    var member: MemberID?
    /// Whether another device could answer it.
    var isSharedWithOthers: Bool
    var quarantine: ReceiptReason?
    var at: Timestamp
    var expires: Timestamp
    var entryIndex: UInt64
    var sender: DeviceID

    init(_ details: MessageDetails) {
        isVerified = details.broken.isEmpty && details.quarantine == nil
        member = details.member
        isSharedWithOthers = details.isSharedWithOthers
        quarantine = details.quarantine
        at = details.at
        expires = details.expires
        entryIndex = details.entryIndex
        sender = details.sender
    }

    var bytes: [UInt8] {
        var flags: UInt8 = isVerified ? 1 : 0
        if member != nil { flags |= 2 }
        if isSharedWithOthers { flags |= 4 }
        if quarantine != nil { flags |= 8 }
        var bytes = [Self.version, flags]
        for number in [UInt64(at.milliseconds), UInt64(expires.milliseconds), entryIndex] {
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
        }
        bytes += sender.bytes
        if let member { bytes += member.bytes }
        if let quarantine { bytes += Array(quarantine.rawValue.utf8) }
        return bytes
    }

    /// - Returns: `nil` for anything that ``bytes`` does not write.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.fixedByteCount, bytes[0] == Self.version, bytes[1] < 16 else { return nil }
        func number(_ place: Int) -> UInt64 { bytes[place..<place + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        let flags = bytes[1]
        isVerified = flags & 1 != 0
        isSharedWithOthers = flags & 4 != 0
        guard let at = Int64(exactly: number(2)), let expires = Int64(exactly: number(10)) else { return nil }
        self.at = Timestamp(milliseconds: at)
        self.expires = Timestamp(milliseconds: expires)
        entryIndex = number(18)
        sender = DeviceID(bytes: bytes[26..<Self.fixedByteCount])
        var rest = bytes[Self.fixedByteCount...]
        if flags & 2 != 0 {
            guard rest.count >= MemberKind.byteCount else { return nil }
            member = MemberID(bytes: rest.prefix(MemberKind.byteCount))
            rest = rest.dropFirst(MemberKind.byteCount)
        }
        if flags & 8 != 0 {
            guard let reason = ReceiptReason(rawValue: String(decoding: rest, as: UTF8.self)) else { return nil }
            quarantine = reason
            rest = []
        }
        guard rest.isEmpty else { return nil }
    }
}
