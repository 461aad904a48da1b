public import Statements

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Moments as a clock on the wall shows them: in the time of a place, and with the day when it is not today.
public struct WallClock: Sendable {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds east of UTC at a moment.
    public let offset: @Sendable (Timestamp) -> Int64

    /// `CET`: what the time of the place is called at a moment.
    public let zone: @Sendable (Timestamp) -> String

    public init(
        offset: @escaping @Sendable (Timestamp) -> Int64,
        zone: @escaping @Sendable (Timestamp) -> String = { _ in "local" }
    ) {
        self.offset = offset
        self.zone = zone
    }

    /// This machine's.
    public static let here = WallClock(
        offset: { unsafe Int64(parts(of: $0).tm_gmtoff) },
        zone: { moment in
            let parts = unsafe parts(of: moment)
            return unsafe parts.tm_zone.map { unsafe String(cString: $0) } ?? "local"
        })

    /// `03:30`.
    public func minute(_ moment: Timestamp) -> String { String(local(moment).dropFirst(11).prefix(5)) }

    /// `03:30:09`.
    public func second(_ moment: Timestamp) -> String { String(local(moment).dropFirst(11).prefix(8)) }

    /// `03:30:09.250`.
    public func precise(_ moment: Timestamp) -> String { String(local(moment).dropFirst(11).prefix(12)) }

    /// `29 Nov`.
    public func day(_ moment: Timestamp) -> String {
        let text = local(moment)
        let month = Int(text.dropFirst(5).prefix(2)) ?? 1
        return "\(Int(text.dropFirst(8).prefix(2)) ?? 1) \(Self.months[month - 1])"
    }

    /// `03:30`; `29 Nov 03:30` when that is another day than `now`.
    public func moment(_ moment: Timestamp, now: Timestamp = .now()) -> String {
        local(moment).prefix(10) == local(now).prefix(10) ? minute(moment) : "\(day(moment)) \(minute(moment))"
    }

    /// `29 Nov 03:30 CET`: in a sentence that may be read on any day, by the time of this machine's place.
    public static func stamp(_ moment: Timestamp) -> String {
        "\(here.day(moment)) \(here.minute(moment)) \(here.zone(moment))"
    }

    /// As a timestamp is written, but of the clock's place.
    private func local(_ moment: Timestamp) -> String { moment.adding(seconds: offset(moment)).description }

    /// When a clock of this machine shows a time today, or some days later; where the clocks skip it, an hour later.
    public static func today(hour: Int, minute: Int, now: Timestamp = .now(), daysLater: Int = 0) -> Timestamp {
        var parts = unsafe parts(of: now)
        unsafe parts.tm_mday += Int32(daysLater)
        unsafe parts.tm_hour = Int32(hour)
        unsafe parts.tm_min = Int32(minute)
        unsafe parts.tm_sec = 0
        // Whether it is summer then is for the time zone to say.
        unsafe parts.tm_isdst = -1
        return Timestamp(milliseconds: unsafe Int64(mktime(&parts)) * 1000)
    }

    private static func parts(of moment: Timestamp) -> tm {
        var seconds = time_t(moment.milliseconds / 1000)
        var parts = unsafe tm()
        unsafe localtime_r(&seconds, &parts)
        return unsafe parts
    }
}
