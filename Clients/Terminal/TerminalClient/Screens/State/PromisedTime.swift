import DeviceKit
import Statements

/// By when somebody says that they will call.
enum PromisedTime {
    /// What a person means by `20` (minutes from now), `03:30` or `0330` (the next time that a clock here shows it).
    /// - Returns: A whole minute yet to come; `nil` when it is no time.
    static func parse(_ words: String, now: Timestamp, clock: WallClock) -> Timestamp? {
        let parts = words.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "." }
        guard parts.count <= 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return nil
        }
        if parts.count == 2 {
            guard (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2 else { return nil }
            return next(Int(parts[0]), Int(parts[1]), now, clock)
        }
        if words.utf8.count == 4 { return next(Int(words.prefix(2)), Int(words.suffix(2)), now, clock) }
        guard (1...3).contains(words.utf8.count), let minutes = Int64(words), minutes > 0 else { return nil }
        return inMinutes(minutes, now: now)
    }

    /// So many minutes from now, as a clock shows it: a whole minute.
    static func inMinutes(_ minutes: Int64, now: Timestamp) -> Timestamp {
        let moment = now.milliseconds + minutes * 60_000
        return Timestamp(milliseconds: moment - moment % 60_000)
    }

    private static func next(_ hour: Int?, _ minute: Int?, _ now: Timestamp, _ clock: WallClock) -> Timestamp? {
        guard let hour, let minute, hour < 24, minute < 60 else { return nil }
        let here = clock.offset(now)
        let local = now.milliseconds / 1000 + here
        let wanted = local - local % 86_400 + Int64(hour * 3_600 + minute * 60)
        for day: Int64 in 0...1 {
            let seconds = wanted + day * 86_400
            // The clocks may be put forward or back until then.
            let offset = clock.offset(Timestamp(milliseconds: (seconds - here) * 1000))
            let moment = Timestamp(milliseconds: (seconds - offset) * 1000)
            if moment > now { return moment }
        }
        return nil
    }
}
