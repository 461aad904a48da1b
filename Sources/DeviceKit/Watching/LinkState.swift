#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How the link to the relay is, as the one process of a profile that receives tells the others: in `receiving`, a small
/// file of the profile without secrets. It means something only while that process holds the file's lock.
public struct LinkState: Sendable, Equatable {
    public enum Phase: String, Sendable {
        /// A stream is being opened.
        case connecting
        /// The stream is open.
        case connected
        /// The stream is open and its backlog through.
        case drained
        /// The stream is down, and will be tried again.
        case disconnected
    }

    /// 20 s: a receiving process that says nothing for so long was stopped or hangs, and another one takes over.
    static let stuckAfterMilliseconds: Int64 = 20_000
    /// 30 s: a link without a sign of life for so long is not alive, whatever its phase.
    static let silentAfterMilliseconds: Int64 = 30_000
    private static let maximumByteCount = 4_096

    public var phase: Phase
    /// Why it is down.
    public var cause: DeviceKitError?
    public var retryInMilliseconds: Int64
    /// When the process last said that it runs, and when the relay last gave a sign of life: by its own clock, which stands
    /// still while the machine sleeps. Others look whether it changes, and never how old it is: a process in a container, or
    /// on another machine that shares the folder, has another clock.
    var beat: Int64
    var heard: Int64?

    init(_ phase: Phase, at now: Int64 = Self.now) {
        self.phase = phase
        retryInMilliseconds = 0
        beat = now
    }

    /// The stream is open.
    mutating func opened(_ phase: Phase) {
        self.phase = phase
        cause = nil
        retryInMilliseconds = 0
        heard = Self.now
    }

    /// Milliseconds of a clock that no one sets.
    static var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension LinkState {
    /// The link of a profile, when a process receives for it; `nil` when none does.
    public static func read(_ directory: String) -> LinkState? {
        ReceivingLock.isHeld(in: directory) ? stored(in: directory) : nil
    }

    /// What is written in the file, whoever holds it.
    static func stored(in directory: String) -> LinkState? {
        guard let bytes = try? SecureFolder.read(ReceivingLock.path(directory), bound: maximumByteCount),
            bytes.last == UInt8(ascii: "\n"), let document = try? JSONParser.parse(bytes)
        else { return nil }
        return LinkState(document)
    }

    private init?(_ document: JSONValue) {
        guard let phase = document["phase"]?.string.flatMap(Phase.init(rawValue:)),
            let beat = document["beat"]?.integer, let retry = document["retry"]?.integer
        else { return nil }
        self.phase = phase
        self.beat = beat
        retryInMilliseconds = retry
        heard = document["heard"]?.integer
        cause = document["code"]?.string.map { code in
            DeviceKitError(
                DeviceKitError.Code(rawValue: code), .unreachable, document["message"]?.string ?? "",
                next: document["next"]?.string ?? "")
        }
    }

    var bytes: [UInt8] {
        let document: JSONValue = [
            "phase": .string(phase.rawValue), "beat": .integer(beat), "heard": heard.map { .integer($0) } ?? .null,
            "retry": .integer(retryInMilliseconds), "code": .text(orNull: cause?.code.rawValue),
            "message": .text(orNull: cause?.message), "next": .text(orNull: cause?.next),
        ]
        return Array(document.ascii.utf8) + [UInt8(ascii: "\n")]
    }
}
