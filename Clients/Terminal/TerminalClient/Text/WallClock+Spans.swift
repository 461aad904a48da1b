import DeviceKit

/// Spans as a screen says them: short.
extension WallClock {
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

    /// `4:48` while every second counts, `12 min` and `1 h 59 min` before.
    static func countdown(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds) / 1000
        func twoDigits(_ number: Int64) -> String { "\(number < 10 ? "0" : "")\(number)" }
        switch seconds {
        case ..<600: return "\(seconds / 60):\(twoDigits(seconds % 60))"
        case 6_000..<36_000: return "\(seconds / 3_600) h \(twoDigits(seconds / 60 % 60)) min"
        default: return span(milliseconds)
        }
    }
}
