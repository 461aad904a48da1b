import DeviceKit

/// What `watch` says to people of the link: that it is there, that it is gone, and that it is there again.
struct WatchTalk {
    private var isUp = false
    private var wasUp = false

    /// Everything that the relay had for this device is here.
    /// - Returns: What to say; `nil` when that is known.
    mutating func drained(open: Int) -> String? {
        guard !isUp else { return nil }
        defer { (isUp, wasUp) = (true, true) }
        let waiting =
            switch open {
            case 0: "nothing waits"
            case 1: "1 message waits: nightbell inbox"
            default: "\(open) messages wait: nightbell inbox"
            }
        return "\(wasUp ? "connected again" : "connected"); \(waiting)"
    }

    /// Of two, one is connected. A screen beside a watcher is usual, and a watcher beside a watcher may be a mistake.
    static let second =
        "another nightbell of this profile is connected already: this one shows and rings the same, and takes over when that one "
        + "ends; if you did not mean to start two, end this one with Ctrl-C"

    mutating func disconnected() { isUp = false }

    /// Whole seconds, and never none.
    static func down(_ error: DeviceKitError, retryInMilliseconds: Int64) -> String {
        // What passes by itself needs nobody; this does.
        let step = error.code == "connected_twice" ? " (\(error.next))" : ""
        return
            "\(error.message)\(step): nothing new arrives; trying again in \(max(1, (retryInMilliseconds + 999) / 1000)) s"
    }
}
