import DeviceKit
import Statements

/// Times as the people here say them.
enum ClockTime {
    /// A promise reaches no further: whoever waits for a patient's call waits for no other day.
    private static let longestSeconds: Int64 = 24 * 3_600

    /// `03:30 CET`; `29 Nov 03:30 CET` when that is another day.
    static func text(_ time: Timestamp, now: Timestamp = .now()) -> String {
        "\(WallClock.here.moment(time, now: now)) \(WallClock.here.zone(time))"
    }

    /// `12:40 (in 53 min)`, for a time that is yet to come.
    static func ahead(_ time: Timestamp, now: Timestamp = .now()) -> String {
        // To the nearest minute: "in 52 min" a second after "12:40" was said at 11:47 would puzzle.
        let milliseconds = max(0, time.milliseconds(since: now))
        let minutes = (milliseconds + 30_000) / 60_000
        let span = minutes < 120 ? "\(minutes) min" : LocalTime.span(milliseconds: milliseconds)
        return "\(WallClock.here.moment(time, now: now)) (in \(span))"
    }

    /// What a person promises with what ``PromisedTime`` takes, or with an instant, written out.
    /// - Parameter option: What the time stands behind, for the complaint.
    /// - Throws: ``DeviceKitError`` for what is no time, is over, or is too far away.
    static func promise(_ text: String, option: String = "--by", now: Timestamp = .now()) throws(DeviceKitError)
        -> Timestamp
    {
        let time: Timestamp
        do {
            time = try PromisedTime.parse(text, now: now, clock: .here)
        } catch {
            switch error {
            case .minutes:
                throw bad(
                    "\(text) is no number of minutes from 1 to \(PromisedTime.mostMinutes)",
                    "say the time by the clock, as \(option) 03:30")
            case .past(let next):
                throw bad("\(text) is past", "for tomorrow say \(option) \(next.description.prefix(16))Z")
            case .noTime:
                guard let instant = Moment.instant(text) else {
                    throw bad(
                        "\"\(text)\" is no time",
                        "say when, as \(option) 20 (minutes), \(option) 03:30 or \(option) 2026-11-28T02:30Z")
                }
                guard instant > now else {
                    throw bad(
                        "\(WallClock.here.moment(instant, now: now)) is past", "promise a time that is yet to come")
                }
                time = instant
            }
        }
        guard time.milliseconds(since: now) <= longestSeconds * 1000 else {
            throw bad(
                "\(WallClock.here.moment(time, now: now)) is more than 24 hours away",
                "promise an earlier time, or hand the message off")
        }
        return time
    }

    private static func bad(_ message: String, _ next: String) -> DeviceKitError {
        DeviceKitError("bad_time", .usage, message, next: next)
    }

    /// `3:30` or `03:30`.
    static func hourAndMinute(_ text: String) -> (Int, Int)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let hour = number(parts[0], below: 24), let minute = number(parts[1], below: 60),
            parts[1].utf8.count == 2
        else { return nil }
        return (hour, minute)
    }

    private static func number(_ text: Substring, below limit: Int) -> Int? {
        guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text).flatMap { $0 < limit ? $0 : nil }
    }
}
