package import Auditing
package import Statements

/// A finding that an audit must make.
package struct Expected: Codable, Hashable, Sendable {
    package let code: String
    package let severity: String
    package let log: String?
    /// The entries that it names.
    package let entries: [UInt64]
    /// What its sentence must hold: who lied, where that is known.
    package let words: [String]

    package init(
        _ code: AuditFinding.Code, _ severity: AuditFinding.Severity = .brokenPromise, log: LogKind? = .activity,
        at entries: [UInt64], words: [String] = []
    ) {
        self.code = code.rawValue
        self.severity = severity.rawValue
        self.log = log?.rawValue
        self.entries = entries
        self.words = words
    }

    package func isMet(by finding: AuditFinding) -> Bool {
        finding.code.rawValue == code && finding.severity.rawValue == severity && finding.log?.rawValue == log
            && finding.entries == entries && words.allSatisfy { finding.sentence.contains($0) }
    }
}

/// What an audit must find in a corpus's log, and nothing else.
package struct Expectation: Codable, Sendable {
    package var findings: [Expected] = []
    /// Whether anything else that is found is wrong, too. Where a tree was changed under its signers, each later one of
    /// them contradicts it: then the first is expected, and others may follow.
    package var isExact = true

    package init() {}

    /// - Returns: What is amiss; empty when the audit found what it must.
    package func complaints(about found: [AuditFinding]) -> [String] {
        var rest = found
        var complaints: [String] = []
        for expected in findings {
            if let place = rest.firstIndex(where: expected.isMet) {
                rest.remove(at: place)
            } else {
                complaints.append("not found: \(expected.code) at \(expected.entries) \(expected.words)")
            }
        }
        guard isExact else { return complaints }
        return complaints
            + rest.map {
                "not expected: \($0.code.rawValue) at \($0.log?.rawValue ?? "") \($0.entries): \($0.sentence)"
            }
    }
}
