import Membership
public import Statements

/// Replays both logs and holds every promise of the protocol against them.
///
/// Nothing but the organisation's id is believed. What grows with the log goes into an ``AuditStore``; in memory are only what
/// the last entries were about, what is open, and a few numbers for each device and day.
///
/// Over a store that is kept, an audit goes on from what it verified before: it reads the entries that are new, and they must
/// lead from the tree that it has to the root that the relay signs now. Findings are kept, and told again. A run that is cut
/// off has done all that it had committed, and nothing else.
public struct Audit: Sendable {
    /// How far an audit is, for whoever waits.
    public typealias Progress = (_ log: LogKind, _ done: UInt64, _ size: UInt64) -> Void

    /// The organisation that is known from elsewhere; `nil` takes the genesis's word.
    public var organisation: OrganisationID?
    /// Signed heads that devices kept.
    public var heads: [[UInt8]] = []
    /// Whether the source is what the relay shows now: then no head, made before, can be of a longer log.
    public var isPresent = false
    /// What time it is, for how old cosignatures are; `nil` for an export, which is of its own day.
    public var now: Timestamp?
    /// What whoever asks found before: told first.
    public var earlier: [AuditFinding] = []
    /// Whose facts are kept; over a store that is kept, all are, and this says whose ``AuditVerdict/messages`` bear.
    public var detail = AuditedMessage.Detail.none
    /// Whether ``AuditVerdict/messages`` holds every message; a long log's are better asked for one after the other.
    public var listsMessages = true
    /// Whose facts ``AuditVerdict/messages`` has; those that ``detail`` keeps when this is `nil`.
    public var listedDetail: AuditedMessage.Detail?
    /// Whether what a store kept is ignored, and replaced: everything is read from nothing.
    public var isAnew = false
    /// On how many threads signatures are verified; `nil` for as many as there are cores.
    var cores: Int?
    /// 8,192 entries: how often memory is emptied into the store.
    var flushLength: UInt64 = 8_192
    /// 524,288 entries: how much a run that is cut off has to do again, half a minute's work of two cores.
    var commitLength: UInt64 = 524_288

    public init() {}

    /// Audits without opening capsules: an export holds none.
    /// - Throws: ``AuditError``, and what the source throws.
    public func run(
        _ source: some LogSource, store: any AuditStore = MemoryAuditStore(), progress: Progress = { _, _, _ in }
    ) async throws -> AuditVerdict {
        try await runLeavingCapsules(source, store, progress)
    }

    func runLeavingCapsules(
        _ source: some LogSource, _ store: any AuditStore, _ progress: Progress
    ) async throws -> AuditVerdict {
        var verdict = try await run(source, capsules: NoCapsules(), store: store, progress: progress)
        // That nothing was opened is no news to whoever did not ask for it.
        verdict.findings.removeAll { $0.code == .capsulesClosed }
        return verdict
    }

    /// Audits, and opens every capsule whose audit key the source of capsules holds.
    /// - Throws: ``AuditError``, and what the sources and the store throw.
    public func run(
        _ source: some LogSource, capsules: some CapsuleSource, store: any AuditStore = MemoryAuditStore(),
        progress: Progress = { _, _, _ in }
    ) async throws -> AuditVerdict {
        var kept = KeptAudit()
        var notes: [AuditFinding] = []
        do throws(AuditError) {
            if !isAnew, let earlier = try KeptAudit(of: store, organisation: organisation) { kept = earlier }
        } catch {
            notes = [Self.unusable(error)]
        }
        do {
            if !kept.hasReplay { try store.reset() }
            var pass = AuditPass(self, source, capsules, store, kept, notes)
            return try await pass.run(progress)
        } catch let anew as StartAnew {
            if let finding = anew.finding {
                let found = (try? store.value(.findings)).flatMap { try? FindingList(record: $0) }
                kept.keep(finding, with: found?.findings ?? [])
            }
        } catch let error as AuditError where error.code == .storeDamaged {
            kept = KeptAudit()
            notes = [Self.unusable(error)]
        }
        kept.startAnew()
        try store.reset()
        var pass = AuditPass(self, source, capsules, store, kept, notes)
        return try await pass.run(progress)
    }

    private static func unusable(_ error: AuditError) -> AuditFinding {
        AuditFinding(
            .keptUnusable, severity: .note,
            "what earlier audits kept here cannot be used (\(error.part)): everything was read anew, and what they found is"
                + " told only if the logs still show it")
    }
}

/// Why an audit cannot go on from what it kept, though that can be read.
struct StartAnew: Error {
    /// What that shows of the relay, to be told ever after.
    let finding: AuditFinding?
}
