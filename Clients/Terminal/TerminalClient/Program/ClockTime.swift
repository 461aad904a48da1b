import DeviceKit
import Foundation
import Statements

/// Times as the people here say them.
enum ClockTime {
    /// `03:30 (2026-11-28T02:30:00.000Z)`.
    static func text(_ time: Timestamp) -> String { "\(clock(time)) (\(time))" }

    /// `03:30`.
    static func clock(_ time: Timestamp) -> String {
        let date = Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)
        let parts = Calendar.current.dateComponents([.hour, .minute], from: date)
        return "\(two(parts.hour ?? 0)):\(two(parts.minute ?? 0))"
    }

    /// What a person means by `03:30`: the next time that a clock here shows it; or an instant, written out.
    static func parse(
        _ text: String, now: Timestamp = .now(), calendar: Calendar = .current
    ) throws(DeviceKitError) -> Timestamp {
        let bytes = Array(text.utf8)
        if let time = Timestamp(bytes) ?? Timestamp(bytes.dropLast() + Array(".000Z".utf8)) {
            guard time > now else { throw past() }
            return time
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let hour = number(parts[0], below: 24), let minute = number(parts[1], below: 60),
            parts[1].utf8.count == 2,
            let next = calendar.nextDate(
                after: Date(timeIntervalSince1970: Double(now.milliseconds) / 1000),
                matching: DateComponents(hour: hour, minute: minute, second: 0), matchingPolicy: .nextTime)
        else {
            throw DeviceKitError(
                "bad_time", .usage, "that is no time", next: "say when, as 03:30 or 2026-11-28T02:30:00Z")
        }
        return Timestamp(milliseconds: Int64(next.timeIntervalSince1970 * 1000))
    }

    private static func past() -> DeviceKitError {
        DeviceKitError("bad_time", .usage, "that time is over", next: "promise a time that is yet to come")
    }

    private static func number(_ text: Substring, below limit: Int) -> Int? {
        guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text).flatMap { $0 < limit ? $0 : nil }
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
