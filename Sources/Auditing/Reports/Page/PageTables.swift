import Statements

/// A report's tables on its page.
struct PageTables {
    /// How many rows stand on a page: what comes after them is in the other formats.
    private static let limit = PeriodReport.pageLength

    private var clock: ZoneClock
    private let report: PeriodReport

    init(_ report: PeriodReport) {
        clock = ZoneClock(report.request.zone)
        self.report = report
    }

    /// - Parameter keys: The columns that are shown, in this order; all that have a heading when none are named.
    mutating func write(_ table: ReportTable, showing keys: [String] = [], into page: inout HTMLWriter) {
        let columns = Self.columns(table, keys)
        let caption = table.caption + (hasTimes(table, columns) ? ", times in \(report.request.zone.name)" : "")
        // Wide tables are scrolled on narrow screens, by keys too.
        page.open("div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption])
        page.open("table", ["id": table.name, "class": Self.style(columns: columns.count)])
        page.element("caption", caption)
        page.markup("<thead><tr>")
        let styles = columns.map { isNumber(table, $0) ? "number" : "name" }
        for (column, style) in zip(columns, styles) {
            page.open("th", ["scope": "col", "class": style])
            page.divisible(table.columns[column].heading ?? "")
            page.close("th")
        }
        page.markup("</tr></thead><tbody>")
        for (number, row) in table.rows.prefix(Self.limit).enumerated() {
            let isTotal = table.hasTotal && number == table.rows.count - 1
            page.open("tr", ["class": isTotal ? "total" : "row"])
            for (place, column) in columns.enumerated() {
                write(row[column], isFirst: place == 0, style: styles[place], into: &page)
            }
            page.close("tr")
        }
        page.markup("</tbody>")
        page.close("table")
        page.close("div")
        let more = max(0, table.rows.count - Self.limit) + table.more
        if more > 0 {
            page.element(
                "p", ["class": "quiet"],
                "And \(more) more, which are not shown here: the report as csv (or ndjson) has all of them.")
        }
    }

    /// A table of few columns would stretch its numbers apart, and one of many has no room for large letters on a sheet.
    private static func style(columns: Int) -> String { columns < 5 ? "few" : columns < 9 ? "many" : "dense" }

    private static func columns(_ table: ReportTable, _ keys: [String]) -> [Int] {
        guard keys.isEmpty else { return keys.compactMap { key in table.columns.firstIndex { $0.key == key } } }
        return table.columns.indices.filter { table.columns[$0].heading != nil }
    }

    private func hasTimes(_ table: ReportTable, _ columns: [Int]) -> Bool {
        table.rows.contains { row in columns.contains { if case .time = row[$0] { true } else { false } } }
    }

    private func isNumber(_ table: ReportTable, _ column: Int) -> Bool {
        for row in table.rows {
            switch row[column] {
            case .count, .span, .share: return true
            case .text, .noted, .word, .id, .message, .time: return false
            case .none: continue
            }
        }
        return false
    }

    /// - Parameter style: The column's, for a place where there is nothing.
    private mutating func write(_ cell: ReportTable.Cell, isFirst: Bool, style: String, into page: inout HTMLWriter) {
        func element(_ style: String, _ text: String) {
            if isFirst {
                page.element("th", ["scope": "row", "class": style, "dir": "auto"], text)
            } else {
                page.element("td", ["class": style, "dir": "auto"], text)
            }
        }
        switch cell {
        case .text(let text): element("name", text)
        case .noted(let text, let note): element("name", text + note)
        case .word(_, let shown): element("word", shown)
        case .id(let id): element("id", id)
        case .message(let message): element("id short", report.shortID(message))
        case .count(let count): element(count == 0 ? "number zero" : "number", "\(count)")
        case .span(let milliseconds): element("number moment", SpanText.words(milliseconds: milliseconds))
        case .share(_, of: 0), .none: element(style, "–")
        case .share(let count, let all):
            element("number", "\(Self.percent(count, of: all)) (\(count) of \(all))")
        case .time(let time):
            page.open(isFirst ? "th" : "td", ["class": "moment"])
            page.element("time", ["datetime": time.description], clock.minute(time))
            page.close(isFirst ? "th" : "td")
        }
    }

    /// A half is rounded upwards, and yet only all is 100 %.
    static func percent(_ count: Int, of all: Int) -> String {
        guard all > 0 else { return "–" }
        let percent = (count * 200 + all) / (all * 2)
        return "\(count < all ? min(percent, 99) : percent) %"
    }
}
