import DeviceKit

/// What `doctor` found, in JSON and in words.
struct DoctorReport {
    /// Where lines are broken for people.
    static let columns = 80
    private static let indent = String(repeating: " ", count: 24)

    let results: [CheckResult]

    init(_ checks: [any DoctorCheck]) { results = checks.flatMap { $0.judge() } }

    private func count(_ status: CheckResult.Status) -> Int { results.count { $0.status == status } }

    /// How the command ends.
    var exit: ExitStatus {
        if results.contains(where: \.isLie) { return .verificationFailed }
        return count(.problem) > 0 ? .failed : .done
    }

    /// `ok`, `problems`, `warnings`, and `checks[]` of `name`, `status`, `message`, `next`.
    var document: JSONValue {
        [
            "ok": .bool(exit == .done), "problems": .integer(count(.problem)), "warnings": .integer(count(.warning)),
            "checks": .array(
                results.map { result in
                    [
                        "name": .string(result.name), "status": .string(result.status.rawValue),
                        "message": .string(result.message), "next": .string(result.next), "lie": .bool(result.isLie),
                    ]
                }),
        ]
    }

    /// The worst first within the order of the checks; what to do stands below each.
    /// - Parameter hinted: Completes the commands that a sentence names.
    func human(_ hinted: (String) -> String = { $0 }) -> String {
        var lines: [String] = []
        for status in [CheckResult.Status.problem, .warning, .ok] {
            for result in results where result.status == status {
                let word = status == .ok ? "ok" : status.rawValue.uppercased()
                let start = word.padded(to: 9) + result.name.padded(to: 15)
                lines += TextWrap.lines(
                    hinted(SafeText.line(result.message)), first: start, rest: Self.indent, columns: Self.columns)
                if !result.next.isEmpty {
                    lines += TextWrap.lines(
                        hinted(SafeText.line(result.next)), first: Self.indent + "-> ", rest: Self.indent + "   ",
                        columns: Self.columns)
                }
            }
        }
        return (lines.map(Self.shifted) + ["", summary]).joined(separator: "\n")
    }

    /// A word that does not fit behind the blanks before it, such as a path, stands as far to the left as it must: a terminal
    /// would break it anywhere.
    private static func shifted(_ line: String) -> String {
        let surplus = TextWidth.of(line) - columns
        guard surplus > 0, line.hasPrefix(indent) else { return line }
        let blanks = line.prefix { $0 == " " }.count
        return String(line.dropFirst(min(surplus, blanks)))
    }

    private var summary: String {
        let problems = count(.problem)
        let warnings = count(.warning)
        if problems + warnings == 0 { return "all is well (\(results.count) checks)" }
        let words = [
            problems > 0 ? "\(problems) problem\(problems == 1 ? "" : "s")" : nil,
            warnings > 0 ? "\(warnings) warning\(warnings == 1 ? "" : "s")" : nil,
        ].compactMap { $0 }
        return "\(words.joined(separator: " and ")); what to do stands below each, behind the arrow"
    }
}
