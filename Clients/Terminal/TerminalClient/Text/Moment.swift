import DeviceKit
import Statements

/// A moment that somebody types: an RFC 3339 time, what the clock here showed last (`03:00`), or how long ago it was (`90s`,
/// `15m`, `2h`, `7d`).
enum Moment {
    /// Longest that anything lies back: a century.
    private static let longestSeconds: Int64 = 100 * 366 * 86_400

    /// - Parameter option: The option's name, for the complaint.
    /// - Throws: ``DeviceKitError`` of category `usage`.
    static func parse(_ text: String, option: String, now: Timestamp = .now()) throws(DeviceKitError) -> Timestamp {
        if let seconds = duration(text) { return now.adding(seconds: -seconds) }
        if let moment = instant(text) { return moment }
        if let (hour, minute) = ClockTime.hourAndMinute(text) {
            let today = WallClock.today(hour: hour, minute: minute, now: now)
            // Nobody looks for what has yet to happen.
            return today <= now ? today : WallClock.today(hour: hour, minute: minute, now: now, daysLater: -1)
        }
        throw DeviceKitError(
            "bad_time", .usage, "\(option) takes no \"\(text)\"",
            next: "say a time of the last 24 hours (03:00), how long ago (90s, 15m, 2h, 7d), or a time as "
                + "2026-11-28T03:00:00Z or 2026-11-28T04:00:00+01:00")
    }

    /// An instant, written out: to the second as RFC 3339 has it, or to the minute (`2026-11-29T11:00Z`).
    static func instant(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        if let moment = time(bytes) { return moment }
        guard bytes.count > 16, bytes[16] != UInt8(ascii: ":") else { return nil }
        return time(Array(bytes[..<16]) + Array(":00".utf8) + Array(bytes[16...]))
    }

    private static func duration(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let number = digits(text.utf8.dropLast()) else { return nil }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow || seconds > longestSeconds ? nil : seconds
    }

    private static func digits(_ text: some Collection<UInt8>) -> Int64? {
        guard !text.isEmpty, text.count <= 12, text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return text.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// RFC 3339 section 5.6, with up to nine digits of fraction.
    private static func time(_ bytes: [UInt8]) -> Timestamp? {
        guard bytes.count >= 20, bytes[10] | 0x20 == UInt8(ascii: "t") else { return nil }
        var rest = bytes[19...]
        var milliseconds = Array("000".utf8)
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(fraction.count) else { return nil }
            milliseconds = Array((Array(fraction) + Array("00".utf8)).prefix(3))
            rest = rest.dropFirst(1 + fraction.count)
        }
        let plain = bytes[..<10] + [UInt8(ascii: "T")] + bytes[11..<19] + [UInt8(ascii: ".")] + milliseconds
        guard let moment = Timestamp(Array(plain) + [UInt8(ascii: "Z")]) else { return nil }
        if rest.elementsEqual("Z".utf8) || rest.elementsEqual("z".utf8) { return moment }
        let offset = Array(rest)
        guard offset.count == 6, offset[3] == UInt8(ascii: ":"), let hours = digits(offset[1...2]), hours < 24,
            let minutes = digits(offset[4...5]), minutes < 60
        else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        switch offset[0] {
        case UInt8(ascii: "+"): return moment.adding(seconds: -seconds)
        case UInt8(ascii: "-"): return moment.adding(seconds: seconds)
        default: return nil
        }
    }
}
