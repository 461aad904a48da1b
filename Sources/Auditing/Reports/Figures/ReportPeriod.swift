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
    /// - Returns: `nil` for what is neither, and for nothing.
    public init?(from: String, to: String, zone: ReportZone) {
        guard let start = Self.start(from, zone), let end = Self.end(to, zone) else { return nil }
        self.init(start: start, end: end)
    }

    /// - Parameter from: `2026-11-01`, or `2026-11-01T06:00:00Z`, with milliseconds or without.
    /// - Returns: `nil` for what is neither.
    public static func start(_ from: String, _ zone: ReportZone) -> Timestamp? {
        moment(from) ?? zone.start(ofDay: from)
    }

    /// - Parameter to: The last day, which is in the period; or a moment, which is not.
    /// - Returns: `nil` for what is neither.
    public static func end(_ to: String, _ zone: ReportZone) -> Timestamp? {
        moment(to) ?? zone.start(ofDay: to, plusDays: 1)
    }

    /// The logs' times have milliseconds; people leave them out.
    private static func moment(_ text: String) -> Timestamp? {
        if let moment = Timestamp(Array(text.utf8)) { return moment }
        return text.hasSuffix("Z") ? Timestamp(Array((text.dropLast() + ".000Z").utf8)) : nil
    }

    /// The 24 hours before a moment.
    public init(dayBefore end: Timestamp) {
        start = end.adding(seconds: -86_400)
        self.end = end
    }

    public func contains(_ time: Timestamp) -> Bool { start <= time && time < end }
}
