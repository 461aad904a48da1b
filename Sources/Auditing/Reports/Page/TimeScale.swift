import Foundation

/// A logarithmic axis of durations: what takes a second and what takes a day are both to be seen on it.
struct TimeScale {
    private static let marks: [(milliseconds: Int64, label: String)] = [
        // No span is told more exactly than to a tenth of a second: what is shorter lies here.
        (100, "≤ 0.1 s"), (1_000, "1 s"), (10_000, "10 s"), (60_000, "1 min"), (600_000, "10 min"), (3_600_000, "1 h"),
        (21_600_000, "6 h"), (86_400_000, "1 day"), (604_800_000, "1 week"), (2_592_000_000, "30 days"),
    ]

    /// Milliseconds at both ends; what is shorter or longer lies there.
    private let least: Double
    private let most: Double
    let ticks: [(milliseconds: Int64, label: String)]

    /// From the last mark that nothing lies before to the first one that nothing lies behind; at least three steps.
    init(minimum: Int64, maximum: Int64) {
        let before = Self.marks.lastIndex { $0.milliseconds <= minimum } ?? 0
        let behind = Self.marks.firstIndex { $0.milliseconds >= maximum } ?? Self.marks.count - 1
        let first = min(before, Self.marks.count - 4)
        let last = max(first + 3, behind)
        least = Double(Self.marks[first].milliseconds)
        most = Double(Self.marks[last].milliseconds)
        ticks = Array(Self.marks[first...last])
    }

    /// From 0 to 1.
    func place(_ milliseconds: Int64) -> Double {
        let value = min(max(Double(milliseconds), least), most)
        return log(value / least) / log(most / least)
    }
}

/// A length in a drawing: one decimal, so that the same report gives the same bytes.
func drawn(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
}
