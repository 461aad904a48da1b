import Statements

/// How far an audit is, in one line: a bar, what is done of what there is, the rate and the time that is left.
struct ProgressBar {
    private static let cells = 24

    let log: LogKind
    let done: UInt64
    let size: UInt64
    /// Where this run began.
    let first: UInt64
    /// Since it began.
    let seconds: Double

    /// - Parameter columns: How wide a line may be; narrower ones have no bar.
    func text(columns: Int) -> String {
        let part = size == 0 ? 1 : min(1, Double(done) / Double(size))
        let full = Int(part * Double(Self.cells))
        let bar = "[" + String(repeating: "#", count: full) + String(repeating: " ", count: Self.cells - full) + "] "
        var words = "\(log.rawValue)  \(done) of \(size) entries, \(Int(part * 100)) %"
        if let rate { words += ", \(Int(rate))/s, \(Self.words(seconds: Double(size - min(done, size)) / rate)) left" }
        return String((bar.count + words.count < columns ? bar + words : words).prefix(max(1, columns - 1)))
    }

    /// Entries a second; `nil` in the first second, which says nothing yet.
    private var rate: Double? {
        guard seconds >= 1, done > first else { return nil }
        return Double(done - first) / seconds
    }

    private static func words(seconds: Double) -> String {
        let whole = Int(min(seconds.rounded(.up), 359_999))
        let (minutes, rest) = (whole / 60, whole % 60)
        return minutes < 60
            ? "\(minutes):\(rest < 10 ? "0" : "")\(rest)" : "\(minutes / 60) h \(minutes % 60) min"
    }
}
