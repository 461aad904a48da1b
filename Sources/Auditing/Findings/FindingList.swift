import Statements

/// Findings as they are made. A log that breaks a promise a million times is told so a thousand times.
struct FindingList {
    /// How many of one code are listed.
    static let limit = 1_000

    private(set) var findings: [AuditFinding] = []
    private var counts: [AuditFinding.Code: Int] = [:]

    init() {}

    mutating func add(_ finding: AuditFinding) {
        counts[finding.code, default: 0] += 1
        if counts[finding.code]! <= Self.limit { findings.append(finding) }
    }

    /// Adds what was found elsewhere, as if it had been found here.
    /// - Parameter told: What is in this list already.
    mutating func add(_ others: FindingList, but told: Set<AuditFinding>) {
        for finding in others.findings where !told.contains(finding) { add(finding) }
        for (code, count) in others.counts where count > Self.limit { counts[code, default: 0] += count - Self.limit }
    }

    /// With a word on what is not listed: what it is about stands a thousand times before it, so that it convicts nobody itself.
    var complete: [AuditFinding] {
        let more = counts.filter { $0.value > Self.limit }.sorted { $0.key.rawValue < $1.key.rawValue }
        return findings
            + more.map { code, count in
                let left = count - Self.limit
                return AuditFinding(
                    .more, severity: .note,
                    "\(left.counted("more finding")) of the kind \(code.rawValue) \(left == 1 ? "is" : "are") not listed"
                )
            }
    }

    // MARK: State

    var record: [UInt8] {
        var writer = RecordWriter()
        writer.put(findings) { $1.write(to: &$0) }
        writer.put(counts) { writer, count in
            writer.put(count.key.rawValue)
            writer.put(count.value)
        }
        return writer.bytes
    }

    init(record: [UInt8]) throws(AuditError) {
        var reader = RecordReader(record)
        findings = try reader.list { (reader) throws(AuditError) in try AuditFinding(from: &reader) }
        let counts = try reader.list { (reader) throws(AuditError) in
            (AuditFinding.Code(rawValue: try reader.text()), try reader.count())
        }
        self.counts = Dictionary(counts, uniquingKeysWith: { first, _ in first })
        try reader.end()
    }
}

extension AuditFinding {
    func write(to writer: inout RecordWriter) {
        writer.put(code.rawValue)
        writer.put(severity.rawValue)
        writer.put(log) { $0.put($1.rawValue) }
        writer.put(entries) { $0.put($1) }
        writer.put(message) { $0.put($1) }
        writer.put(sentence)
    }

    init(from reader: inout RecordReader) throws(AuditError) {
        self.init(
            Code(rawValue: try reader.text()), severity: try reader.word(),
            log: try reader.optional { (reader) throws(AuditError) in try reader.word() },
            entries: try reader.list { (reader) throws(AuditError) in try reader.integer() },
            message: try reader.optional { (reader) throws(AuditError) in try reader.identifier() },
            try reader.text())
    }
}
