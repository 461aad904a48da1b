/// How long something took, for people.
enum SpanText {
    /// `0.4 s`, `42 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`: never more than was measured.
    static func words(milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        switch seconds {
        case ..<10: return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
        case ..<60: return "\(seconds) s"
        case ..<3_600: return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds / 60) min \(two(seconds % 60)) s"
        case ..<86_400:
            let minutes = seconds / 60 % 60
            return minutes == 0 ? "\(seconds / 3_600) h" : "\(seconds / 3_600) h \(two(minutes)) min"
        default: return "\(seconds / 86_400) d \(seconds / 3_600 % 24) h"
        }
    }

    /// Seconds with three decimals: for programs.
    static func seconds(milliseconds: Int64) -> String {
        "\(milliseconds / 1000)." + String("\(1000 + milliseconds % 1000)".dropFirst())
    }

    private static func two(_ number: Int64) -> String { (number < 10 ? "0" : "") + "\(number)" }
}
