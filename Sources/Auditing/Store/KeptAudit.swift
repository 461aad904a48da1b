import Secrets
import Statements

/// What holds for every later audit over the same store, whatever becomes of the replay.
struct KeptAudit {
    /// Of everything that a store holds.
    private static let version: UInt64 = 4
    /// Their replays say less, and all else here is the same: the replay begins anew, and what was found stays found.
    private static let earlierVersions: ClosedRange<UInt64> = 2...3

    /// `nil` until a genesis was read.
    var organisation: OrganisationID?
    /// Broken promises that no log shows again, at most 1,000.
    var findings: [AuditFinding] = []
    /// Heads that the logs contradicted, with the true ones that those are told from, as they were signed.
    var heads: [[UInt8]] = []
    /// The checkpoint up to which the roster log was proven; how far the activity log was, the replay knows.
    var proven: [LogKind: AuditVerdict.Tree] = [:]
    /// Whether there is a replay to go on from.
    private(set) var hasReplay = false
    /// What this run found of them; it is not written.
    private(set) var foundNow: Set<AuditFinding> = []

    init() {}

    /// A log does not continue what was read of it.
    /// - Parameter found: In what was read: whether any log shows it again, nobody knows.
    mutating func keep(_ finding: AuditFinding, with found: [AuditFinding]) {
        var known = Set(findings)
        foundNow.insert(finding)
        if known.insert(finding).inserted { findings.append(finding) }
        for one in found where one.severity == .brokenPromise && findings.count < FindingList.limit {
            if known.insert(one).inserted { findings.append(one) }
        }
    }

    /// Forgets the replay, and nothing that was found.
    mutating func startAnew() {
        proven = [:]
        hasReplay = false
    }

    /// What a store kept; `nil` when it is new.
    /// - Throws: ``AuditError/Code/storeDamaged`` for what is of another version or organisation, or cannot be read.
    init?(of store: any AuditStore, organisation: OrganisationID?) throws(AuditError) {
        guard let record = try store.value(.kept) else {
            // The three are committed together.
            for name in AuditStoreValue.allCases where try store.value(name) != nil { throw RecordReader.damaged }
            return nil
        }
        var reader = RecordReader(record)
        let version = try reader.integer()
        guard version == Self.version || Self.earlierVersions.contains(version) else {
            throw AuditError(.storeDamaged, "it is of another version")
        }
        self.organisation = try reader.optional { (reader) throws(AuditError) in try reader.identifier() }
        if let organisation, let ours = self.organisation, ours != organisation {
            throw AuditError(.storeDamaged, "it is of another organisation")
        }
        findings = try reader.list { (reader) throws(AuditError) in try AuditFinding(from: &reader) }
        heads = try reader.list { (reader) throws(AuditError) in try reader.data() }
        let proven = try reader.list { (reader) throws(AuditError) in
            (
                try reader.word() as LogKind,
                AuditVerdict.Tree(size: try reader.integer(), root: try reader.digest())
            )
        }
        self.proven = Dictionary(proven, uniquingKeysWith: { first, _ in first })
        try reader.end()
        hasReplay = try store.value(.replay) != nil
        if version != Self.version { startAnew() }
    }

    var record: [UInt8] {
        var writer = RecordWriter()
        writer.put(Self.version)
        writer.put(organisation) { $0.put($1) }
        writer.put(findings) { $1.write(to: &$0) }
        writer.put(heads) { $0.put($1) }
        writer.put(proven) { writer, tree in
            writer.put(tree.key.rawValue)
            writer.put(tree.value.size)
            writer.put(tree.value.root)
        }
        return writer.bytes
    }
}
