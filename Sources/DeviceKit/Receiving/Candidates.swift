import Statements

/// The messages that the beginning of an id may mean: nobody picks the right one from ids alone.
enum Candidates {
    /// How many are looked for: one more than are named.
    static let limit = 6

    /// `msg-agrcb5nt… (EMERGENT from Dr. Noor, 03:07)`: what tells them apart, and no word of what they say.
    static func words(
        _ id: String, _ urgency: Urgency, _ side: String, _ name: String?, _ at: Timestamp, now: Timestamp = .now()
    ) -> String {
        let urgency = urgency.rawValue.replacing("_", with: " ").uppercased()
        return "\(id) (\(urgency) \(side) \(name ?? "somebody unknown"), \(WallClock.here.moment(at, now: now)))"
    }

    /// - Parameter list: The command that lists all.
    static func error(_ message: String, _ candidates: [String], list: String) -> DeviceKitError {
        let named = candidates.prefix(limit - 1).joined(separator: "; ")
        let more = candidates.count >= limit ? "; and others" : ""
        return DeviceKitError(
            "ambiguous_message", .notFound, "\(message): \(named)\(more)",
            next: "type more of the id; \"nightbell \(list)\" lists them")
    }
}
