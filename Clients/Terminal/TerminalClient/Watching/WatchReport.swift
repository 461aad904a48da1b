import DeviceKit

/// What `watch` says of itself: to systemd, and with `--json` as `heartbeat` events. No word of it comes from a message.
struct WatchReport {
    /// 10 s: how often at the most.
    private static let pause: Duration = .seconds(10)

    private let manager: ServiceManager
    private var last: ContinuousClock.Instant?

    init(_ manager: ServiceManager) { self.manager = manager }

    /// Whether a heartbeat is due: the relay gave a sign of life, and the last heartbeat is long enough ago.
    mutating func isDue(at now: ContinuousClock.Instant = .now) -> Bool {
        if let last, now - last < Self.pause { return false }
        last = now
        return true
    }

    func started() { manager.ready("Opening the link to the relay.") }

    /// The link is alive.
    /// - Parameter headAge: Seconds since the relay's last signed word on the present.
    func alive(headAge: Int64?, ringing: Int) {
        let head = headAge.map { "the relay's last signed word is \($0) s old" } ?? "no signed word of the relay yet"
        manager.alive("The link is alive; \(head); \(Self.count(ringing)).")
    }

    /// For so long the relay has signed no word on the present: the link moves bytes, and what it delivers nobody knows.
    func stale(seconds: Int64) {
        manager.status("NO SIGNED WORD OF THE RELAY FOR \(seconds) S: messages may be waiting.")
    }

    /// The link is down, and is being tried: the program does what it can.
    func down(ringing: Int) {
        manager.alive("THE LINK IS DOWN: nothing arrives; it is tried again; \(Self.count(ringing)).")
        // A link that comes back is told at once.
    }

    func stopping() { manager.stopping() }

    private static func count(_ ringing: Int) -> String {
        switch ringing {
        case 0: "nothing rings"
        case 1: "1 message rings"
        default: "\(ringing) messages ring"
        }
    }
}
