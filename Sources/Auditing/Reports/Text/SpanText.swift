/// How long something took, for people.
enum SpanText {
    /// `0.4 s`, `42 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`: rounded to the last place that is shown, a half upwards.
    static func words(milliseconds: Int64) -> String {
        // Of a log whose times decrease.
        guard milliseconds >= 0 else { return "-\(words(milliseconds: -milliseconds))" }
        let tenths = rounded(milliseconds, to: 100)
        if tenths < 100 { return "\(tenths / 10).\(tenths % 10) s" }
        let seconds = rounded(milliseconds, to: 1_000)
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3_600 {
            return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds / 60) min \(two(seconds % 60)) s"
        }
        let minutes = rounded(milliseconds, to: 60_000)
        if minutes < 1_440 {
            return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(two(minutes % 60)) min"
        }
        let hours = rounded(milliseconds, to: 3_600_000)
        return "\(hours / 24) d \(hours % 24) h"
    }

    private static func rounded(_ milliseconds: Int64, to unit: Int64) -> Int64 {
        milliseconds / unit + (milliseconds % unit * 2 >= unit ? 1 : 0)
    }

    /// Seconds with three decimals: for programs.
    static func seconds(milliseconds: Int64) -> String {
        guard milliseconds >= 0 else { return "-\(seconds(milliseconds: -milliseconds))" }
        return "\(milliseconds / 1000)." + String("\(1000 + milliseconds % 1000)".dropFirst())
    }

    private static func two(_ number: Int64) -> String { (number < 10 ? "0" : "") + "\(number)" }
}
