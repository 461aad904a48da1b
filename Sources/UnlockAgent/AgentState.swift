public import Foundation

/// What an agent says of itself.
public struct AgentState: Sendable, Equatable {
    static let byteCount = 23

    public let isLocked: Bool
    /// Since when it is locked or unlocked.
    public let since: Date
    /// After how long without a person it locks.
    public let lockAfterSeconds: UInt32
    /// How long nobody has done anything; 0 when locked.
    public let idleSeconds: UInt32
    /// How many processes hold keys.
    public let holders: UInt16
    /// Whether it would hear of a message while locked.
    public let listensWhileLocked: Bool
    /// Whether it hears when the machine goes to sleep.
    public let hearsSleep: Bool
    /// Whether the machine waits with sleeping until it has locked.
    public let holdsSleepUp: Bool

    var bytes: [UInt8] {
        var bytes: [UInt8] = [isLocked ? 1 : 0]
        bytes += Self.bytes(UInt64(max(0, since.timeIntervalSince1970) * 1000), 8)
        bytes += Self.bytes(UInt64(lockAfterSeconds), 4) + Self.bytes(UInt64(idleSeconds), 4)
        bytes += Self.bytes(UInt64(holders), 2)
        return bytes + [listensWhileLocked ? 1 : 0, hearsSleep ? 1 : 0, holdsSleepUp ? 1 : 0, AgentFrame.version]
    }

    init(
        isLocked: Bool, since: Date, lockAfterSeconds: UInt32, idleSeconds: UInt32, holders: UInt16,
        listensWhileLocked: Bool, hearsSleep: Bool, holdsSleepUp: Bool
    ) {
        self.isLocked = isLocked
        self.since = since
        self.lockAfterSeconds = lockAfterSeconds
        self.idleSeconds = idleSeconds
        self.holders = holders
        self.listensWhileLocked = listensWhileLocked
        self.hearsSleep = hearsSleep
        self.holdsSleepUp = holdsSleepUp
    }

    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, bytes[22] == AgentFrame.version else { return nil }
        for flag in [bytes[0], bytes[19], bytes[20], bytes[21]] { guard flag <= 1 else { return nil } }
        let milliseconds = Self.number(bytes[1..<9])
        guard milliseconds < 1 << 53 else { return nil }
        self.init(
            isLocked: bytes[0] == 1, since: Date(timeIntervalSince1970: Double(milliseconds) / 1000),
            lockAfterSeconds: UInt32(Self.number(bytes[9..<13])), idleSeconds: UInt32(Self.number(bytes[13..<17])),
            holders: UInt16(Self.number(bytes[17..<19])), listensWhileLocked: bytes[19] == 1,
            hearsSleep: bytes[20] == 1, holdsSleepUp: bytes[21] == 1)
    }

    static func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64(count - 1 - $0))) }
    }

    static func number(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
