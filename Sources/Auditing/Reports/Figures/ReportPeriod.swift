public import Statements

/// The time that a report is about: from `start` on, and before `end`.
public struct ReportPeriod: Hashable, Sendable {
    public let start: Timestamp
    public let end: Timestamp

    /// `nil` for nothing and for what ends before it begins.
    public init?(start: Timestamp, end: Timestamp) {
        guard start < end else { return nil }
        self.start = start
        self.end = end
    }

    /// From one day's beginning to the other's end, or between two moments of UTC.
    /// - Parameters:
    ///   - from: `2026-11-01`, or `2026-11-01T06:00:00.000Z`.
    ///   - to: The last day, which is in it; or a moment, which is not.
    /// - Returns: `nil` for what is neither, and for nothing.
    public init?(from: String, to: String, zone: ReportZone) {
        guard let start = Timestamp(Array(from.utf8)) ?? zone.start(ofDay: from),
            let end = Timestamp(Array(to.utf8)) ?? zone.start(ofDay: to, plusDays: 1)
        else { return nil }
        self.init(start: start, end: end)
    }

    /// The 24 hours before a moment.
    public init(dayBefore end: Timestamp) {
        start = end.adding(seconds: -86_400)
        self.end = end
    }

    public func contains(_ time: Timestamp) -> Bool { start <= time && time < end }
}
