import Statements

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A moment as people read it: in the time zone of this machine (`TZ`), with the zone's name. JSON keeps UTC.
struct LocalTime {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    private let year: Int
    private let month: Int
    private let day: Int
    private let weekday: Int
    private let hour: Int32
    private let minute: Int32
    private let second: Int32
    private let milliseconds: Int64
    private let zone: String

    init(_ moment: Timestamp) {
        var seconds = time_t(moment.milliseconds / 1000)
        var parts = unsafe tm()
        unsafe localtime_r(&seconds, &parts)
        year = unsafe 1900 + Int(parts.tm_year)
        month = unsafe Int(parts.tm_mon)
        day = unsafe Int(parts.tm_mday)
        weekday = unsafe Int(parts.tm_wday)
        hour = unsafe parts.tm_hour
        minute = unsafe parts.tm_min
        second = unsafe parts.tm_sec
        milliseconds = moment.milliseconds % 1000
        zone = unsafe parts.tm_zone.map { unsafe String(cString: $0) } ?? "local"
    }

    /// `28 Nov 08:01 CET`; with the year when it is not the present one.
    static func short(_ moment: Timestamp, now: Timestamp = .now()) -> String {
        short(moment, presentYear: year(of: now))
    }

    /// The same for whoever has thousands of them.
    static func short(_ moment: Timestamp, presentYear: Int) -> String {
        let time = LocalTime(moment)
        var text = time.dayAndMonth
        if time.year != presentYear { text += " \(time.year)" }
        text.append(" ")
        text.append(time.hourAndMinute)
        text.append(" ")
        text.append(time.zone)
        return text
    }

    /// The day, in this machine's time zone.
    static func date(_ moment: Timestamp) -> (year: Int, month: Int, day: Int) {
        let time = LocalTime(moment)
        return (time.year, time.month + 1, time.day)
    }

    static func year(of moment: Timestamp) -> Int { LocalTime(moment).year }

    /// `Sat 28 Nov 2026, CET`: the heading of a day.
    static func day(_ moment: Timestamp) -> String {
        let time = LocalTime(moment)
        return "\(weekdays[time.weekday]) \(time.dayAndMonth) \(time.year), \(time.zone)"
    }

    /// `08:01:42.809`: under the heading of its day.
    static func precise(_ moment: Timestamp) -> String {
        let time = LocalTime(moment)
        return "\(time.hourAndMinute):\(two(time.second)).\(String("\(1000 + time.milliseconds)".dropFirst()))"
    }

    /// `28 Nov 2026 08:01:42 CET`: for what may be compared with a clock.
    static func full(_ moment: Timestamp) -> String {
        let time = LocalTime(moment)
        return "\(time.dayAndMonth) \(time.year) \(time.hourAndMinute):\(two(time.second)) "
            + time.zone
    }

    /// `28 Nov 2026 08:01:42.809 CET`: as exact as the log has it.
    static func exact(_ moment: Timestamp) -> String {
        let time = LocalTime(moment)
        return "\(time.dayAndMonth) \(time.year) \(precise(moment)) \(time.zone)"
    }

    private var dayAndMonth: String { day.description + " " + Self.months[month] }
    private var hourAndMinute: String { Self.two(hour) + ":" + Self.two(minute) }

    private static func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + number.description }

    /// `3 s`, `12 min`, `5 h`, `9 days`: how long something took or is ago.
    static func span(milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds) / 1000
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<7_200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3_600) h"
        default: return "\(seconds / 86_400) days"
        }
    }
}
