import DeviceStorage
import Secrets
import Statements

extension Finding {
    /// Findings of one kind about one log that are kept: a liar must not fill the disk with proof of the same.
    static let keptAtMost = 16

    init(_ row: FindingRow) {
        let parts = String(decoding: row.details, as: UTF8.self).split(separator: "\n", maxSplits: 1)
        var evidence = String(parts.last ?? "")
        // A path begins with a slash, and so with no log's name.
        let log = LogKind.allCases.first { evidence.hasPrefix("\($0.rawValue)\n") }
        if let log { evidence.removeFirst(log.rawValue.count + 1) }
        self.init(Code(rawValue: row.code), String(parts.first ?? ""), evidence: evidence, log: log)
    }

    /// What is sealed of it beside its code.
    fileprivate var details: [UInt8] {
        let place = log.map { "\($0.rawValue)\n\(evidence)" } ?? evidence
        return Array("\(sentence)\n\(place)".utf8)
    }
}

extension Profile {
    /// Writes evidence and records its finding, once for each occasion; of one kind about one log not without end.
    /// - Parameter evidence: What proves it.
    /// - Parameter occasion: What makes it the same as an earlier one; the evidence itself where there is none.
    /// - Returns: The finding, with the file that proves it.
    func keep(
        _ code: Finding.Code, _ sentence: String, log: LogKind?, _ evidence: [UInt8], occasion: String?,
        found: Timestamp
    ) throws -> Finding {
        let hash = Digest.sha256(occasion.map { Array($0.utf8) } ?? evidence).hex.prefix(16)
        let name = "\(code.rawValue)-\(hash).json"
        let kept = try findings().map(\.finding).filter { $0.code == code }
        // By what is recorded, and not by the file: a crash between both must lose no finding.
        let isNew = !kept.contains { $0.evidence.hasSuffix("/" + name) }
        if isNew, let log {
            let alike = kept.filter { $0.log == log }
            if alike.count >= Finding.keptAtMost, let last = alike.last {
                return Finding(code, sentence, evidence: last.evidence, log: log)
            }
        }
        let finding = Finding(code, sentence, evidence: try keepEvidence(name, evidence), log: log)
        guard isNew else { return finding }
        try store.step { step in
            try step.addFinding(code.rawValue, found: found.milliseconds, details: finding.details)
            if code == .contradiction || code == .seenContradicts {
                try step.set(.contradiction, to: Array(finding.evidence.utf8))
            }
        }
        return finding
    }

    /// Every finding so far, oldest first.
    func findings() throws -> [(found: Timestamp, finding: Finding)] {
        try store.look { try $0.findings() }.map { (Timestamp(milliseconds: $0.found), Finding($0)) }
    }

    /// Findings that convict the relay for good, the gravest first, of each kind and log the oldest.
    func convictions() throws -> [Finding] {
        let all = try findings().map(\.finding)
        return Finding.Code.convicting.flatMap { code -> [Finding] in
            var told: Set<LogKind?> = []
            return all.filter { $0.code == code && told.insert($0.log).inserted }
        }
    }
}
