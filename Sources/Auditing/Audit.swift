import Secrets
import Membership
public import Statements
import TransparencyLog

/// Replays both logs from nothing and holds every promise of the protocol against them.
///
/// Pure but for what it asks its sources for: nothing is stored, nothing but the organisation's id is believed. Memory
/// grows with the number of entries (about 100 bytes each) and messages, never with their length.
public struct Audit: Sendable {
    /// How far an audit is, for whoever waits.
    public typealias Progress = (_ log: LogKind, _ done: UInt64, _ size: UInt64) -> Void

    /// The organisation that is known from elsewhere; `nil` takes the genesis's word.
    public var organisation: OrganisationID?
    /// Signed heads that devices kept.
    public var heads: [[UInt8]] = []
    /// Whether the source is what the relay shows now: then no head, made before, can be of a longer log.
    public var isPresent = false
    /// What whoever asks found before: told first.
    public var earlier: [AuditFinding] = []
    /// Whose facts are kept.
    public var detail = AuditedMessage.Detail.none

    public init() {}

    /// Audits without opening capsules: an export holds none.
    /// - Throws: ``AuditError/Code/updateNeeded``, and what the source throws.
    public func run(_ source: some LogSource, progress: Progress = { _, _, _ in }) async throws -> AuditVerdict {
        try await runLeavingCapsules(source, progress)
    }

    func runLeavingCapsules(_ source: some LogSource, _ progress: Progress) async throws -> AuditVerdict {
        var verdict = try await run(source, capsules: NoCapsules(), progress: progress)
        // That nothing was opened is no news to whoever did not ask for it.
        verdict.findings.removeAll { $0.code == .capsulesClosed }
        return verdict
    }

    /// Audits, and opens every capsule whose audit key the source of capsules holds.
    /// - Throws: ``AuditError/Code/updateNeeded``, and what the sources throw.
    public func run(
        _ source: some LogSource, capsules: some CapsuleSource, progress: Progress = { _, _, _ in }
    ) async throws -> AuditVerdict {
        var verdict = AuditVerdict()
        var findings = FindingList()
        for finding in earlier { findings.add(finding) }
        let notes = [
            LogKind.roster: try await source.checkpoint(of: .roster),
            .activity: try await source.checkpoint(of: .activity),
        ]
        guard let claimed = Self.claimed(notes[.roster] ?? nil, .roster, &findings) else {
            verdict.findings = findings.complete
            return verdict
        }
        let rosterReplay = try await replay(source, claimed, &findings, progress)
        guard let roster = rosterReplay.roster else {
            verdict.findings = findings.complete
            return verdict
        }
        verdict.view = roster.view(at: roster.lastTime)
        verdict.roster = Self.verified(
            notes[.roster] ?? nil, roster.logKey(.roster), replayed: (rosterReplay.size, rosterReplay.root), &findings)

        var watch = watch(roster.logKey(.activity), &verdict, &findings)
        watch.check(roster, times: rosterReplay.times, isPresent: isPresent)
        if let claimed = Self.claimed(notes[.activity] ?? nil, .activity, &findings) {
            var replay = ActivityReplay(
                roster: roster, rosterReplay: rosterReplay, heads: watch, detail: detail, findings: findings)
            try await self.replay(source, claimed, &replay, capsules, &verdict, progress)
            findings = replay.findings
            verdict.activity = Self.verified(
                notes[.activity] ?? nil, roster.logKey(.activity), replayed: (replay.roots.size, replay.roots.root),
                &findings)
            verdict.messages = replay.messages.messages
            verdict.days = replay.messages.days(replay.manifests)
        }
        verdict.findings = findings.complete
        return verdict
    }

    // MARK: Replays

    private func replay(
        _ source: some LogSource, _ claimed: Checkpoint, _ findings: inout FindingList, _ progress: Progress
    ) async throws -> RosterReplay {
        var replay = RosterReplay(expected: organisation)
        while replay.size < claimed.size {
            guard let entries = try await source.entries(from: replay.size, size: claimed.size, of: .roster) else {
                Self.missing(.roster, from: replay.size, &findings)
                break
            }
            for bytes in entries { try replay.take(bytes, into: &findings) }
            progress(.roster, replay.size, claimed.size)
        }
        return replay
    }

    private func replay(
        _ source: some LogSource, _ claimed: Checkpoint, _ replay: inout ActivityReplay, _ capsules: some CapsuleSource,
        _ verdict: inout AuditVerdict, _ progress: Progress
    ) async throws {
        var audit = CapsuleAudit()
        while replay.roots.size < claimed.size {
            guard let entries = try await source.entries(from: replay.roots.size, size: claimed.size, of: .activity)
            else {
                Self.missing(.activity, from: replay.roots.size, &replay.findings)
                break
            }
            for bytes in entries {
                guard let subject = try replay.take(bytes) else { continue }
                if case .broken(let code) = try await audit.check(subject, from: capsules) {
                    let sentence = CapsuleAudit.sentence(code, subject, replay.who)
                    replay.find(code, subject.index, message: subject.message, sentence)
                }
            }
            progress(.activity, replay.roots.size, claimed.size)
        }
        replay.end(isPresent: isPresent)
        verdict.capsulesOpened = audit.opened
        verdict.capsulesClosed = audit.closed
        if audit.closed > 0 {
            replay.findings.add(
                AuditFinding(
                    .capsulesClosed, severity: .note,
                    "\(audit.closed) capsules were left closed: the audit key that they are sealed to is not held here"
                ))
        }
    }

    private func watch(
        _ key: LogKey, _ verdict: inout AuditVerdict, _ findings: inout FindingList
    ) -> HeadWatch {
        guard let organisation = verdict.organisation else { return HeadWatch([]) }
        let (signed, unsigned) = KeptHeads(notes: heads).verified(by: key, organisation: organisation)
        verdict.heads = signed.count
        if unsigned > 0 {
            findings.add(
                AuditFinding(
                    .headUnsigned, severity: .note,
                    "\(unsigned) notes among the kept heads are not this relay's word about this organisation"))
        }
        return HeadWatch(signed)
    }

    // MARK: Checkpoints

    /// What a checkpoint claims, before its key is known.
    private static func claimed(
        _ note: [UInt8]?, _ log: LogKind, _ findings: inout FindingList
    ) -> Checkpoint? {
        guard let note, let parsed = try? SignedNote(parsing: note), let claimed = try? Checkpoint(parsing: parsed.text)
        else {
            findings.add(
                AuditFinding(.checkpointInvalid, log: log, "the checkpoint of the \(log.rawValue) log cannot be read"))
            return nil
        }
        guard claimed.size > 0 else {
            findings.add(
                AuditFinding(.logEmpty, log: log, "the \(log.rawValue) log is empty, and no log is ever empty"))
            return nil
        }
        return claimed
    }

    /// The checkpoint under its key, against what its entries gave.
    private static func verified(
        _ note: [UInt8]?, _ key: LogKey, replayed: (size: UInt64, root: Digest), _ findings: inout FindingList
    ) -> AuditVerdict.Tree? {
        let log: LogKind = key.origin.hasSuffix("/roster") ? .roster : .activity
        guard let note else { return nil }
        do {
            let signed = try key.verify(checkpoint: note)
            if signed.size == replayed.size, signed.root != replayed.root {
                findings.add(
                    AuditFinding(
                        .rootDiffers, log: log,
                        "the \(signed.size) entries of the \(log.rawValue) log do not give the root that the relay signed"
                    ))
            }
            return AuditVerdict.Tree(size: signed.size, root: signed.root)
        } catch {
            findings.add(
                AuditFinding(
                    .checkpointInvalid, log: log,
                    "the checkpoint of the \(log.rawValue) log is not by the key that genesis names (\(error))"))
            return nil
        }
    }

    private static func missing(_ log: LogKind, from first: UInt64, _ findings: inout FindingList) {
        findings.add(
            AuditFinding(
                .entriesMissing, log: log, entries: [first],
                "the \(log.rawValue) log's entries from \(first) on cannot be had: what they say could not be judged"))
    }
}
