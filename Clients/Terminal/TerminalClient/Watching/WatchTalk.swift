import DeviceKit

/// What `watch` says to people of the link: that it is there, that it is gone, and that it is there again.
struct WatchTalk {
    private var isUp = false
    private var wasUp = false
    /// What was said last of a link that is down, and when.
    private var lastDown: (words: String, at: ContinuousClock.Instant)?

    /// Everything that the relay had for this device is here.
    /// - Parameter toTelephone: Counts the messages that were sent from here and are to be called about.
    /// - Returns: What to say; `nil` when that is known.
    mutating func drained(open: Int, toTelephone: () throws -> Int) rethrows -> String? {
        guard !isUp else { return nil }
        let calls = try toTelephone()
        defer { (isUp, wasUp) = (true, true) }
        return "\(wasUp ? "connected again" : "connected"); \(Self.waiting(open: open, toTelephone: calls))"
    }

    private static func waiting(open: Int, toTelephone calls: Int) -> String {
        let waiting =
            switch open {
            case 0: "nothing waits"
            case 1: "1 message waits: nightbell inbox"
            default: "\(open) messages wait: nightbell inbox"
            }
        guard calls > 0 else { return waiting }
        let sent = "CALL BY TELEPHONE about \(calls) sent message\(calls == 1 ? "" : "s")"
        return open > 0 ? "\(sent) (\"nightbell sent --overdue\"), and \(waiting)" : "\(sent): nightbell sent --overdue"
    }

    /// Of two, one is connected. A screen beside a watcher is usual, and a watcher beside a watcher may be a mistake.
    static let second =
        "another nightbell of this profile is connected already: this one shows and rings the same, and takes over when that one "
        + "ends; if you did not mean to start two, end this one with Ctrl-C"

    mutating func disconnected() { isUp = false }

    /// Whether to say that the link is down: not in the very same words as a moment before.
    mutating func isNews(down words: String, now: ContinuousClock.Instant = .now) -> Bool {
        defer { lastDown = (words, now) }
        return lastDown.map { $0.words != words || now - $0.at >= .seconds(5) } ?? true
    }

    /// Whole seconds, and never none.
    static func down(_ error: DeviceKitError, retryInMilliseconds: Int64) -> String {
        // What passes by itself needs nobody; this does.
        let step = error.code == "connected_twice" ? " (\(error.next))" : ""
        return
            "\(error.message)\(step): nothing new arrives, and no answer is seen; trying again in \(max(1, (retryInMilliseconds + 999) / 1000)) s"
    }
}
