/// Findings as they are made. A log that breaks a promise a million times is told so a thousand times.
struct FindingList {
    /// How many of one code are listed.
    static let limit = 1_000

    private(set) var findings: [AuditFinding] = []
    private var counts: [AuditFinding.Code: Int] = [:]

    mutating func add(_ finding: AuditFinding) {
        counts[finding.code, default: 0] += 1
        if counts[finding.code]! <= Self.limit { findings.append(finding) }
    }

    /// With a word on what is not listed.
    var complete: [AuditFinding] {
        let more = counts.filter { $0.value > Self.limit }.sorted { $0.key.rawValue < $1.key.rawValue }
        return findings
            + more.map {
                AuditFinding(
                    .more, "\($0.value - Self.limit) more findings of the kind \($0.key.rawValue) are not listed")
            }
    }
}
