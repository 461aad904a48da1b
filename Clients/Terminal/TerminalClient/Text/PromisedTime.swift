import DeviceKit
import Statements

/// By when somebody says that they will call: in minutes, or by the clock.
enum PromisedTime {
    /// Why what was typed is no promise.
    enum Refusal: Error, Equatable {
        case noTime
        /// A number of minutes from 1 to ``PromisedTime/mostMinutes`` was meant.
        case minutes
        /// The clock showed it already; when it does next.
        case past(next: Timestamp)
    }

    /// A longer time is said by the clock.
    static let mostMinutes: Int64 = 240
    /// In the evening, `06:00` is tomorrow's; anything farther that is past today was mistyped.
    private static let overMidnightSeconds: Int64 = 12 * 3_600

    /// What a person means by `20` (minutes from now), `03:30` or `0330` (today, or tomorrow when that is past and less than
    /// 12 hours ahead).
    /// - Returns: A whole minute yet to come.
    static func parse(_ words: String, now: Timestamp, clock: WallClock) throws(Refusal) -> Timestamp {
        let parts = words.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "." }
        guard parts.count <= 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            throw .noTime
        }
        if parts.count == 2 {
            guard (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2 else { throw .noTime }
            return try next(Int(parts[0]), Int(parts[1]), now, clock)
        }
        if words.utf8.count == 4 { return try next(Int(words.prefix(2)), Int(words.suffix(2)), now, clock) }
        guard (1...3).contains(words.utf8.count), let minutes = Int64(words) else { throw .noTime }
        guard (1...mostMinutes).contains(minutes) else { throw .minutes }
        // As a clock shows it, and never sooner than was said: who says 1 must not be late in half of that.
        let moment = now.milliseconds + minutes * 60_000 + 59_999
        return Timestamp(milliseconds: moment - moment % 60_000)
    }

    private static func next(
        _ hour: Int?, _ minute: Int?, _ now: Timestamp, _ clock: WallClock
    ) throws(Refusal) -> Timestamp {
        guard let hour, let minute, hour < 24, minute < 60 else { throw .noTime }
        let here = clock.offset(now)
        let local = now.milliseconds / 1000 + here
        let today = local - local % 86_400 + Int64(hour * 3_600 + minute * 60)
        func moment(_ seconds: Int64) -> Timestamp {
            // The clocks may be put forward or back until then.
            let offset = clock.offset(Timestamp(milliseconds: (seconds - here) * 1000))
            return Timestamp(milliseconds: (seconds - offset) * 1000)
        }
        let next = moment(today)
        if next > now { return next }
        let tomorrow = moment(today + 86_400)
        guard tomorrow.milliseconds(since: now) < overMidnightSeconds * 1000 else { throw .past(next: tomorrow) }
        return tomorrow
    }
}
