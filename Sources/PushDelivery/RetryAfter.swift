import Foundation

/// `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date.
enum RetryAfter {
    /// A day: whoever asks for more gets that.
    static let mostSeconds = 86_400

    /// - Returns: Seconds from `now`; `nil` for what is neither.
    static func seconds(_ value: String?, now: Date = Date()) -> Int? {
        guard let value = value?.trimmingCharacters(in: .whitespaces), !value.isEmpty else { return nil }
        if value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            return min(Int(value) ?? mostSeconds, mostSeconds)
        }
        guard let date = date(value) else { return nil }
        return min(max(0, Int(date.timeIntervalSince(now).rounded(.up))), mostSeconds)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ text: String) -> Date? {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        format.isLenient = false
        return format.date(from: text)
    }
}
