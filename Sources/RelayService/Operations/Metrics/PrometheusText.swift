/// What a metric is, as its TYPE line says it.
enum PrometheusKind: String, Sendable {
    case counter, gauge, summary, histogram
}

/// A set of labels in its written form.
struct PrometheusLabels: Hashable, Sendable {
    /// 128 bytes: values come from closed lists, and a longer one is somebody's mistake.
    static let maximumValueByteCount = 128

    /// `name="value",…` without braces, ordered by name.
    let text: String

    /// Of a name that is there twice, the last value counts.
    init(_ dimensions: [(String, String)]) {
        var byName: [String: String] = [:]
        for (name, value) in dimensions {
            let name = PrometheusText.labelName(name)
            // Histograms use it for their bounds.
            byName[name == "le" ? "le_" : name] = value
        }
        text = byName.sorted { $0.key < $1.key }.map { Self.pair($0.key, $0.value) }.joined(separator: ",")
    }

    private init(text: String) { self.text = text }

    func adding(_ name: String, _ value: String) -> PrometheusLabels {
        PrometheusLabels(text: text.isEmpty ? Self.pair(name, value) : "\(text),\(Self.pair(name, value))")
    }

    private static func pair(_ name: String, _ value: String) -> String {
        let bounded = String(decoding: value.utf8.prefix(maximumValueByteCount), as: UTF8.self)
        return "\(name)=\"\(PrometheusText.escaped(bounded).replacing("\"", with: "\\\""))\""
    }
}

/// Writes Prometheus' text format 0.0.4.
struct PrometheusText {
    private(set) var text = ""

    mutating func family(_ name: String, kind: PrometheusKind, help: String) {
        text += "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, _ labels: PrometheusLabels, _ value: Double) {
        text += labels.text.isEmpty ? "\(name) " : "\(name){\(labels.text)} "
        text += Self.number(value) + "\n"
    }

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`, ending in `suffix`.
    static func name(_ label: String, suffix: String) -> String {
        let name = cleaned(label, colon: true)
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`.
    static func labelName(_ name: String) -> String { cleaned(name, colon: false) }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
        return "\(value)"
    }

    /// Backslash and line feed, as in HELP lines; label values escape the quote too.
    static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    private static func cleaned(_ text: String, colon: Bool) -> String {
        var name = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": name.unicodeScalars.append(scalar)
            case "0"..."9":
                if name.isEmpty { name = "_" }
                name.unicodeScalars.append(scalar)
            case ":" where colon: name.unicodeScalars.append(scalar)
            default: name += "_"
            }
        }
        return name.isEmpty ? "_" : name
    }
}
