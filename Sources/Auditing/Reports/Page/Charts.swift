import Statements

/// Drawings as inline SVG. Every one has a title and a description in words, and the numbers stand in a table beside it.
extension HTMLWriter {
    /// A drawing's frame.
    /// - Parameter name: Unique on the page.
    mutating func drawing(
        _ name: String, width: Int, height: Int, title: String, description: String,
        _ draw: (inout HTMLWriter) -> Void
    ) {
        open(
            "svg",
            [
                "viewBox": "0 0 \(width) \(height)", "role": "img",
                "aria-labelledby": "\(name)-title \(name)-description",
            ])
        element("title", ["id": "\(name)-title"], title)
        element("desc", ["id": "\(name)-description"], description)
        draw(&self)
        close("svg")
    }

    mutating func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) {
        open("line", ["class": style, "x1": drawn(x1), "y1": drawn(y1), "x2": drawn(x2), "y2": drawn(y2)])
        close("line")
    }

    mutating func bar(_ style: String, _ x: Double, _ y: Double, _ width: Double, _ height: Double) {
        open(
            "rect",
            ["class": style, "x": drawn(x), "y": drawn(y), "width": drawn(width), "height": drawn(height), "rx": "2"])
        close("rect")
    }

    mutating func dot(_ style: String, _ x: Double, _ y: Double, _ radius: Double) {
        open("circle", ["class": style, "cx": drawn(x), "cy": drawn(y), "r": drawn(radius)])
        close("circle")
    }

    mutating func label(_ style: String, _ x: Double, _ y: Double, _ words: String) {
        element("text", ["class": style, "x": drawn(x), "y": drawn(y)], words)
    }
}

/// How long something took, a line for each urgency: median, nine in ten, the longest, and the policy's target.
struct UrgencyChart {
    let measured: PeriodReport.Measured

    private static let width = 720.0
    private static let left = 84.0
    private static let right = 560.0
    private static let rowHeight = 30.0
    private static let top = 10.0

    func draw(into page: inout HTMLWriter) {
        let rows = measured.rows
        let longest =
            rows.flatMap {
                [$0.times.maximum ?? 0, measured.measure.isTargetFromAcceptance ? ($0.targetSeconds ?? 0) * 1000 : 0]
            }.max() ?? 0
        let scale = TimeScale(minimum: rows.compactMap { $0.times.median }.min() ?? 0, maximum: longest)
        let bottom = Self.top + Self.rowHeight * Double(rows.count)
        func x(_ milliseconds: Int64) -> Double { Self.left + (Self.right - Self.left) * scale.place(milliseconds) }
        page.drawing(
            "urgency-\(measured.measure.rawValue)", width: Int(Self.width), height: Int(bottom) + 26,
            title: "\(measured.measure.title), by urgency", description: description
        ) { page in
            for tick in scale.ticks {
                page.line("grid", x(tick.milliseconds), Self.top, x(tick.milliseconds), bottom)
                page.label("tick middle", x(tick.milliseconds), bottom + 16, tick.label)
            }
            for (number, row) in rows.enumerated() {
                let y = Self.top + Self.rowHeight * (Double(number) + 0.5)
                page.label("row end", Self.left - 10, y + 4, row.urgency.words)
                if let target = row.targetSeconds, measured.measure.isTargetFromAcceptance {
                    page.line("target", x(target * 1000), y - 13, x(target * 1000), y + 13)
                }
                guard let median = row.times.median, let most = row.times.percentile(90), let last = row.times.maximum
                else {
                    page.label("row", Self.right + 14, y + 4, "none of \(row.messages)")
                    continue
                }
                page.line("whisker", x(most), y, x(last), y)
                page.line("whisker", x(last), y - 5, x(last), y + 5)
                page.bar("range", x(median), y - 6, max(x(most) - x(median), 1), 12)
                page.dot("median", x(median), y, 6)
                page.label(
                    "row", Self.right + 14, y + 4,
                    "\(SpanText.words(milliseconds: median)) (\(row.times.count) of \(row.messages))")
            }
        }
    }

    private var description: String {
        measured.rows.map { row in
            guard let median = row.times.median, let most = row.times.percentile(90), let last = row.times.maximum
            else {
                return "\(row.urgency.words): none of \(row.messages)"
            }
            return "\(row.urgency.words): median \(SpanText.words(milliseconds: median)), 90 % within "
                + "\(SpanText.words(milliseconds: most)), longest \(SpanText.words(milliseconds: last)), "
                + "\(row.times.count) of \(row.messages.counted("message"))"
        }.joined(separator: "; ") + "."
    }
}

/// How long something took, by the hour in which the relay accepted the message: median, and nine in ten.
struct HourTimesChart {
    let measured: PeriodReport.Measured

    func draw(into page: inout HTMLWriter) {
        let scale = TimeScale(
            minimum: measured.hours.compactMap(\.median).min() ?? 0,
            maximum: measured.hours.compactMap { $0.percentile(90) }.max() ?? 0)
        let axis = HourAxis(height: 140)
        func y(_ milliseconds: Int64) -> Double { axis.bottom - (axis.bottom - axis.top) * scale.place(milliseconds) }
        page.drawing(
            "hours-\(measured.measure.rawValue)", width: Int(HourAxis.width), height: Int(axis.bottom) + 24,
            title: "\(measured.measure.title), by hour of the day", description: description
        ) { page in
            for tick in scale.ticks {
                page.line("grid", HourAxis.left, y(tick.milliseconds), HourAxis.right, y(tick.milliseconds))
                page.label("tick end", HourAxis.left - 6, y(tick.milliseconds) + 4, tick.label)
            }
            axis.label(&page)
            for (hour, times) in measured.hours.enumerated() {
                guard let median = times.median, let most = times.percentile(90) else { continue }
                let x = axis.middle(hour)
                page.line("stem", x, y(median), x, y(most))
                page.line("stem", x - 3, y(most), x + 3, y(most))
                page.dot("median", x, y(median), 3.5)
            }
        }
    }

    private var description: String {
        let words = measured.hours.enumerated().compactMap { hour, times in
            times.median.map { "\(hour) h: \(SpanText.words(milliseconds: $0))" }
        }
        return words.isEmpty ? "No message got so far." : "Medians. " + words.joined(separator: ", ") + "."
    }
}

/// How many messages each hour brought.
struct HourCountChart {
    let hours: [Int]

    func draw(into page: inout HTMLWriter) {
        let most = Self.rounded(hours.max() ?? 0)
        let axis = HourAxis(height: 140)
        func y(_ count: Int) -> Double { axis.bottom - (axis.bottom - axis.top) * Double(count) / Double(most) }
        page.drawing(
            "hours-messages", width: Int(HourAxis.width), height: Int(axis.bottom) + 24,
            title: "Messages accepted, by hour of the day",
            description: hours.enumerated().map { "\($0) h: \($1)" }.joined(separator: ", ") + "."
        ) { page in
            for count in Set([0, most / 2, most]).sorted() {
                page.line("grid", HourAxis.left, y(count), HourAxis.right, y(count))
                page.label("tick end", HourAxis.left - 6, y(count) + 4, "\(count)")
            }
            axis.label(&page)
            for (hour, count) in hours.enumerated() where count > 0 {
                page.bar("column", axis.middle(hour) - 5.5, y(count), 11, axis.bottom - y(count))
            }
        }
    }

    /// The next number that looks well at the end of an axis.
    private static func rounded(_ count: Int) -> Int {
        var step = 1
        while true {
            for factor in [2, 4, 10] where step * factor >= count { return step * factor }
            step *= 10
        }
    }
}

/// 24 hours from left to right.
private struct HourAxis {
    static let width = 440.0
    static let left = 54.0
    static let right = 434.0
    let top = 10.0
    let bottom: Double

    init(height: Double) { bottom = 10 + height }

    func middle(_ hour: Int) -> Double { Self.left + (Self.right - Self.left) * (Double(hour) + 0.5) / 24 }

    func label(_ page: inout HTMLWriter) {
        for hour in stride(from: 0, to: 24, by: 3) {
            page.label("tick middle", middle(hour), bottom + 17, hour < 10 ? "0\(hour)" : "\(hour)")
        }
    }
}
