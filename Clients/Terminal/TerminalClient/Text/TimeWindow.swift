import DeviceKit
import Statements

/// What `--since` and `--until` say together: from the one moment on, and before the other.
struct TimeWindow: Sendable {
    let since: Timestamp?
    let until: Timestamp?

    /// - Throws: ``DeviceKitError`` of category `usage` for what is no moment, and for a window that ends before it begins: nothing
    ///   lies in it, and an empty answer would be believed.
    init(since: String?, until: String?, now: Timestamp = .now()) throws(DeviceKitError) {
        func moment(_ text: String?, _ option: String) throws(DeviceKitError) -> Timestamp? {
            guard let text else { return nil }
            return try Moment.parse(text, option: option, now: now)
        }
        self.since = try moment(since, "--since")
        self.until = try moment(until, "--until")
        guard let start = self.since, let end = self.until, end <= start else { return }
        throw DeviceKitError(
            "empty_window", .usage,
            "nothing lies between --since and --until: they are understood as \(LocalTime.full(start)) and \(LocalTime.full(end))",
            next:
                "give the earlier moment to --since; a clock's time is the last one that has passed, and any other is written out, "
                + "as 2026-11-28T03:00:00Z")
    }

    /// Why nothing can be found in it yet; `nil` when something can.
    func warning(now: Timestamp = .now()) -> String? {
        guard let since, since > now else { return nil }
        return "--since is understood as \(LocalTime.full(since)), which has yet to come: nothing can be found"
    }
}
