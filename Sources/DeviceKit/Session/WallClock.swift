public import Statements

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Moments as a clock on the wall shows them: in the time zone of this machine, and with the day when it is not today.
public enum WallClock {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `03:30`.
    public static func minute(_ moment: Timestamp) -> String { String(local(moment).dropFirst(11).prefix(5)) }

    /// `03:30:09`.
    public static func second(_ moment: Timestamp) -> String { String(local(moment).dropFirst(11).prefix(8)) }

    /// `03:30`; `29 Nov 03:30` when that is another day than `now`.
    public static func moment(_ moment: Timestamp, now: Timestamp = .now()) -> String {
        let text = local(moment)
        guard text.prefix(10) != local(now).prefix(10) else { return minute(moment) }
        let month = Int(text.dropFirst(5).prefix(2)) ?? 1
        return "\(Int(text.dropFirst(8).prefix(2)) ?? 1) \(months[month - 1]) \(minute(moment))"
    }

    /// When a clock here shows a time today, or some days later; where the clocks skip it, an hour later.
    public static func today(hour: Int, minute: Int, now: Timestamp = .now(), daysLater: Int = 0) -> Timestamp {
        var seconds = time_t(now.milliseconds / 1000)
        var parts = unsafe tm()
        unsafe localtime_r(&seconds, &parts)
        unsafe parts.tm_mday += Int32(daysLater)
        unsafe parts.tm_hour = Int32(hour)
        unsafe parts.tm_min = Int32(minute)
        unsafe parts.tm_sec = 0
        // Whether it is summer then is for the time zone to say.
        unsafe parts.tm_isdst = -1
        return Timestamp(milliseconds: unsafe Int64(mktime(&parts)) * 1000)
    }

    /// As a timestamp is written, but of this place.
    private static func local(_ moment: Timestamp) -> String {
        var seconds = time_t(moment.milliseconds / 1000)
        var parts = unsafe tm()
        unsafe localtime_r(&seconds, &parts)
        return moment.adding(seconds: unsafe Int64(parts.tm_gmtoff)).description
    }
}
