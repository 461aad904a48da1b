#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An instant in milliseconds since 1970-01-01T00:00:00Z, written as RFC 3339 UTC with milliseconds and `Z`.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 24: `2026-11-23T03:07:09.250Z`.
    static let byteCount = 24

    public let milliseconds: Int64

    /// - Parameter milliseconds: Clamped to the years 1970–9999, which the text can say.
    public init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, 0), 253_402_300_799_999)
    }

    /// Parses the one form that ``description`` writes.
    public init?(_ text: some Collection<UInt8>) {
        // A generic loop is not specialised across modules: the bytes are taken from where they lie.
        let parsed = text.withContiguousStorageIfAvailable { unsafe Self(contiguous: $0) }
        guard let parsed = unsafe parsed ?? Array(text).withUnsafeBufferPointer({ unsafe Self(contiguous: $0) }) else {
            return nil
        }
        self = parsed
    }

    private init?(contiguous text: UnsafeBufferPointer<UInt8>) {
        guard text.count == Self.byteCount else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for index in range {
                let byte = unsafe text[index]
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard unsafe text[4] == UInt8(ascii: "-"), unsafe text[7] == UInt8(ascii: "-"),
            unsafe text[10] == UInt8(ascii: "T"), unsafe text[13] == UInt8(ascii: ":"),
            unsafe text[16] == UInt8(ascii: ":"), unsafe text[19] == UInt8(ascii: "."),
            unsafe text[23] == UInt8(ascii: "Z")
        else { return nil }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let millisecond = number(20..<23), year >= 1970, (1...12).contains(month), day >= 1, hour < 24, minute < 60,
            second < 60
        else { return nil }
        let days = Self.daysFromCivil(year: year, month: month, day: day)
        let value = ((days * 24 + hour) * 60 + minute) * 60 + second
        milliseconds = value * 1000 + millisecond
        // Catches 30 February: the date that these days give must be the date that was written.
        guard Self.civilFromDays(days) == (year, month, day) else { return nil }
    }

    /// The system's wall clock.
    public static func now() -> Timestamp {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    /// Clamped like ``init(milliseconds:)``: a duration from outside never overflows.
    public func adding(seconds: Int64) -> Timestamp {
        let (more, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return adding(milliseconds: overflow ? (seconds < 0 ? .min : .max) : more)
    }

    /// Clamped like ``init(milliseconds:)``.
    public func adding(milliseconds more: Int64) -> Timestamp {
        let (sum, overflow) = milliseconds.addingReportingOverflow(more)
        // Ours is never negative, so that only a large `more` overflows.
        return Timestamp(milliseconds: overflow ? .max : sum)
    }

    /// Milliseconds from `earlier` to this; negative when this is earlier.
    public func milliseconds(since earlier: Timestamp) -> Int64 { milliseconds - earlier.milliseconds }

    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(Self.byteCount)
        write(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the 24 bytes of the one written form.
    public func write(to text: inout [UInt8]) {
        let seconds = milliseconds / 1000
        let (year, month, day) = Self.civilFromDays(seconds / 86_400)
        func put(_ value: Int64) { text.append(UInt8(ascii: "0") + UInt8(value)) }
        func putTwo(_ value: Int64) {
            put(value / 10)
            put(value % 10)
        }
        putTwo(year / 100)
        putTwo(year % 100)
        text.append(UInt8(ascii: "-"))
        putTwo(month)
        text.append(UInt8(ascii: "-"))
        putTwo(day)
        text.append(UInt8(ascii: "T"))
        putTwo(seconds / 3600 % 24)
        text.append(UInt8(ascii: ":"))
        putTwo(seconds / 60 % 60)
        text.append(UInt8(ascii: ":"))
        putTwo(seconds % 60)
        text.append(UInt8(ascii: "."))
        put(milliseconds % 1000 / 100)
        putTwo(milliseconds % 100)
        text.append(UInt8(ascii: "Z"))
    }

    // The proleptic Gregorian calendar in eras of 400 years that begin in March.
    private static func daysFromCivil(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civilFromDays(_ days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
