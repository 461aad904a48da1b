import Auditing
import Statements
import Testing

extension AuditVerdict {
    /// The one finding that is expected; anything else fails the test.
    func only(
        _ code: AuditFinding.Code, sourceLocation: SourceLocation = #_sourceLocation
    ) -> AuditFinding? {
        #expect(findings.map(\.code) == [code], sourceLocation: sourceLocation)
        return findings.first { $0.code == code }
    }

    /// Expects exactly one finding, its severity, and the entries that it names.
    func expect(
        _ code: AuditFinding.Code, _ severity: AuditFinding.Severity = .brokenPromise, log: LogKind? = .activity,
        at entries: [UInt64], naming words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard let finding = only(code, sourceLocation: sourceLocation) else { return }
        #expect(finding.severity == severity, sourceLocation: sourceLocation)
        #expect(finding.log == log, sourceLocation: sourceLocation)
        #expect(finding.entries == entries, sourceLocation: sourceLocation)
        for word in words { #expect(finding.sentence.contains(word), sourceLocation: sourceLocation) }
        #expect(ok == (severity == .note), sourceLocation: sourceLocation)
    }
}
