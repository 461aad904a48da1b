import Statements

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Moments and spans as a screen says them: in the time of this machine's place, short.
struct ScreenClock: Sendable {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds east of UTC at a moment.
    let offset: @Sendable (Timestamp) -> Int64

    /// This machine's.
    static let here = ScreenClock { moment in
        var seconds = time_t(moment.milliseconds / 1000)
        var parts = unsafe tm()
        unsafe localtime_r(&seconds, &parts)
        return unsafe Int64(parts.tm_gmtoff)
    }

    /// `2026-11-23T03:07:09.250Z`, but of this place.
    private func local(_ moment: Timestamp) -> Substring { moment.adding(seconds: offset(moment)).description[...] }

    /// `03:07`.
    func minute(_ moment: Timestamp) -> String { String(local(moment).dropFirst(11).prefix(5)) }
    /// `03:07:09`.
    func second(_ moment: Timestamp) -> String { String(local(moment).dropFirst(11).prefix(8)) }
    /// `03:07:09.250`.
    func precise(_ moment: Timestamp) -> String { String(local(moment).dropFirst(11).prefix(12)) }

    /// `23 Nov`.
    func day(_ moment: Timestamp) -> String {
        let text = local(moment)
        let month = Int(text.dropFirst(5).prefix(2)) ?? 1
        return "\(Int(text.dropFirst(8).prefix(2)) ?? 1) \(Self.months[month - 1])"
    }

    /// `03:07`, and with the day when it is not today.
    func moment(_ moment: Timestamp, now: Timestamp) -> String {
        day(moment) == day(now) ? minute(moment) : "\(day(moment)) \(minute(moment))"
    }

    /// `12 s`, `5 min`, `3 h`, `4 days`.
    static func span(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds) / 1000
        switch seconds {
        case ..<100: return "\(seconds) s"
        case ..<6_000: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3_600) h"
        default: return "\(seconds / 86_400) days"
        }
    }

    /// `4:48` while every second counts, `12 min` and `1 h 59` before.
    static func countdown(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds) / 1000
        func twoDigits(_ number: Int64) -> String { "\(number < 10 ? "0" : "")\(number)" }
        switch seconds {
        case ..<600: return "\(seconds / 60):\(twoDigits(seconds % 60))"
        case 6_000..<36_000: return "\(seconds / 3_600) h \(twoDigits(seconds / 60 % 60))"
        default: return span(milliseconds)
        }
    }
}
