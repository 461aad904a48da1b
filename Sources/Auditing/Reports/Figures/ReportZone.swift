import Foundation
public import Statements

/// The time zone of a report's days and hours. The logs have UTC.
public struct ReportZone: Hashable, Sendable {
    public static let utc = ReportZone("UTC")!

    /// Its name in the IANA database, as it was given: `America/Chicago`.
    public let name: String
    private let zone: TimeZone

    /// `nil` for a name that the time zone database of this machine does not hold.
    public init?(_ name: String) {
        guard name == "UTC" || Self.isName(name), let zone = TimeZone(identifier: name) else { return nil }
        self.name = name
        self.zone = zone
    }

    /// An area and a place, as every name of the database has them but a few old ones. Abbreviations are no names: "EST" has
    /// no summer, and "CST" is of three continents.
    private static func isName(_ name: String) -> Bool {
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return name.utf8.count <= 64 && (2...3).contains(parts.count)
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.allSatisfy { byte in
                        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                            || "_+-".utf8.contains(byte)
                    }
            }
    }

    /// `2026-11-23 03:07`: what this zone's clocks show then.
    public func minute(_ time: Timestamp) -> String {
        var clock = ZoneClock(self)
        return clock.minute(time)
    }

    /// How far this zone's clocks are ahead of UTC then, in milliseconds.
    func offset(at time: Timestamp) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000))) * 1000
    }

    /// When this zone's clocks last showed a time of the day, at the latest now.
    /// - Parameter hour: From 0 to 23.
    public func last(hour: Int, minute: Int, now: Timestamp) -> Timestamp? {
        var clock = ZoneClock(self)
        let today = clock.day(now)
        for days in [0, -1] {
            guard let shown = date(ofDay: today, plusDays: days, hour: hour, minute: minute) else { continue }
            let time = Timestamp(milliseconds: Int64(shown.timeIntervalSince1970 * 1000))
            if time <= now { return time }
        }
        return nil
    }

    /// The first instant of a day here, or of the day after it; a day may begin at 01:00 where clocks are set forward.
    /// - Parameter day: `2026-11-23`.
    /// - Returns: `nil` for what is no day from 1970 on.
    func start(ofDay day: String, plusDays days: Int = 0) -> Timestamp? {
        guard let noon = date(ofDay: day, plusDays: days, hour: 12) else { return nil }
        return Timestamp(milliseconds: Int64(calendar.startOfDay(for: noon).timeIntervalSince1970 * 1000))
    }

    private var calendar: Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar
    }

    private func date(ofDay day: String, plusDays days: Int, hour: Int, minute: Int = 0) -> Date? {
        // The form of a moment decides what a day is, too.
        guard let noon = Timestamp(Array("\(day)T12:00:00.000Z".utf8)) else { return nil }
        let shifted = noon.adding(seconds: Int64(days) * 86_400)
        let parts = shifted.description.prefix(10).split(separator: "-").compactMap { Int($0) }
        return calendar.date(
            from: DateComponents(year: parts[0], month: parts[1], day: parts[2], hour: hour, minute: minute))
    }
}

/// Reads moments as this zone's clocks show them. Remembers the offset of each quarter of an hour, for clocks are set at
/// such moments only, and asking the database takes longer than everything else that a report does with a message.
struct ZoneClock {
    private let zone: ReportZone
    private var offsets: [Int64: Int64] = [:]

    init(_ zone: ReportZone) { self.zone = zone }

    /// The moment that UTC clocks call what this zone's clocks show then.
    private mutating func shown(_ time: Timestamp) -> Timestamp {
        let quarter = time.milliseconds / 900_000
        if offsets[quarter] == nil { offsets[quarter] = zone.offset(at: Timestamp(milliseconds: quarter * 900_000)) }
        return time.adding(milliseconds: offsets[quarter]!)
    }

    /// `2026-11-23`.
    mutating func day(_ time: Timestamp) -> String { String(shown(time).description.prefix(10)) }

    /// From 0 to 23. Where clocks are set back, one of them lasts two hours.
    mutating func hour(_ time: Timestamp) -> Int { Int(shown(time).milliseconds / 3_600_000 % 24) }

    /// `2026-11-23 03:07`.
    mutating func minute(_ time: Timestamp) -> String {
        String(shown(time).description.prefix(16)).replacing("T", with: " ")
    }

    /// `2026-11-23 03:07:09`.
    mutating func second(_ time: Timestamp) -> String {
        String(shown(time).description.prefix(19)).replacing("T", with: " ")
    }
}
