import Membership
import Secrets
import Statements
import TransparencyLog

/// One pass over both logs: from their first entries, or from where the store stands.
struct AuditPass<Source: LogSource, Capsules: CapsuleSource> {
    private let audit: Audit
    private let source: Source
    private let capsules: Capsules
    private let store: any AuditStore
    private var kept: KeptAudit
    private var told: Set<AuditFinding>
    /// Those that an earlier audit found, and of all that is told those that this one found.
    private let earlier: Set<AuditFinding>
    private var foundNow: Set<AuditFinding>
    private var verdict = AuditVerdict()
    /// The checkpoints as they came.
    private var shown: [LogKind: [UInt8]] = [:]
    /// The replay as it was before the first entry that a later version wrote; `nil` when there is none. A later audit goes on
    /// from there, and not behind it.
    private var judged: (size: UInt64, state: [UInt8])?
    /// All but those in the activity log.
    private var findings = FindingList()

    /// - Parameter notes: What is to be said of the store.
    init(
        _ audit: Audit, _ source: Source, _ capsules: Capsules, _ store: any AuditStore, _ kept: KeptAudit,
        _ notes: [AuditFinding]
    ) {
        self.audit = audit
        self.source = source
        self.capsules = capsules
        self.store = store
        self.kept = kept
        earlier = Set(kept.findings)
        told = earlier
        foundNow = kept.foundNow
        for finding in notes + kept.findings { findings.add(finding) }
    }

    /// - Throws: ``StartAnew``, ``AuditError``, and what the sources throw.
    mutating func run(_ progress: Audit.Progress) async throws -> AuditVerdict {
        for finding in audit.earlier { tell(finding) }
        for log in LogKind.allCases { shown[log] = try await source.checkpoint(of: log) }
        guard let claimed = claimed(shown[.roster], .roster) else { return try unread() }
        let rosterReplay = try await replayRoster(claimed, progress)
        guard let roster = rosterReplay.roster else { return try unread() }
        verdict.rosterVerifications = rosterReplay.verifications
        verdict.view = roster.view(at: roster.lastTime)
        verdict.rosterSigners = rosterReplay.signers
        verdict.roster = verified(
            shown[.roster], roster.logKey(.roster), replayed: (rosterReplay.size, rosterReplay.root))
        if let proven = kept.proven[.roster], roster.root(size: proven.size) != proven.root {
            if verdict.roster == nil || rosterReplay.size < claimed.size {
                // What is missing now may come again: then the audit goes on from where it stands.
                return try unread()
            }
            throw StartAnew(
                finding: rosterReplay.size < proven.size
                    ? shorter(.roster, rosterReplay.size) : otherHistory(.roster, proven.size, rosterReplay.size))
        }
        if let organisation = kept.organisation, organisation != roster.organisation {
            throw AuditError(.storeDamaged, "it is of another organisation")
        }
        kept.organisation = roster.organisation

        let (signed, unsigned) = await KeptHeads(notes: audit.heads + kept.heads)
            .verified(by: roster.logKey(.activity), organisation: roster.organisation)
        verdict.heads = signed.count
        if unsigned > 0 {
            findings.add(
                AuditFinding(
                    .headUnsigned, severity: .note,
                    "\(unsigned.counted("note among the kept heads is", "notes among the kept heads are")) not this relay's word about this organisation"
                ))
        }
        var watch = HeadWatch(signed)
        watch.check(roster, times: rosterReplay.times, isPresent: audit.isPresent)
        try await replayActivity(rosterReplay, roster, shown[.activity], &watch, progress)
        return verdict
    }

    // MARK: Roster

    private mutating func replayRoster(_ claimed: Checkpoint, _ progress: Audit.Progress) async throws -> RosterReplay {
        var replay = RosterReplay(expected: audit.organisation)
        while replay.size < claimed.size, replay.canGoOn {
            guard let entries = try await source.entries(from: replay.size, size: claimed.size, of: .roster) else {
                missing(.roster, from: replay.size)
                break
            }
            for bytes in entries { replay.take(bytes, into: &findings) }
            progress(.roster, replay.size, claimed.size)
        }
        return replay
    }

    // MARK: Activity

    private mutating func replayActivity(
        _ rosterReplay: RosterReplay, _ roster: Roster, _ note: [UInt8]?, _ watch: inout HeadWatch,
        _ progress: Audit.Progress
    ) async throws {
        let claimed = claimed(note, .activity)
        let signed = note.flatMap { try? roster.logKey(.activity).verify(checkpoint: $0) }
        var replay = try begin(rosterReplay, roster)
        let first = replay.roots.size
        verdict.continued = first
        if let signed, signed.size < first { throw StartAnew(finding: shorter(.activity, signed.size)) }
        // Nothing is added to what is proven under a checkpoint that is not the log's.
        let size = first > 0 && signed == nil ? first : claimed?.size ?? first
        try await capsules.begin(at: first)
        try await askAgain(upTo: size, &replay)
        let missing = try await read(&replay, to: size, progress)
        if let signed, first > 0, missing == nil, signed.root != replay.roots.root {
            throw StartAnew(finding: otherHistory(.activity, first, signed.size))
        }
        try replay.flush(all: true)

        verdict.lastEntry = max(roster.lastTime, replay.lastTime)
        verdict.isActivityRead = claimed != nil && missing == nil
        if let missing { self.missing(.activity, from: missing) }
        if claimed != nil {
            verdict.activity = verified(
                note, roster.logKey(.activity), replayed: (replay.roots.size, replay.roots.root))
        }
        try judgeHeads(&watch, replay)
        let silent = judged == nil ? try judgeSilence(watch, replay) : []
        // Whom a later version's roster names as witness, nobody here knows.
        if rosterReplay.later == nil { try await judgeCosignatures(roster, replay.roots, replay.lastTime) }
        let isProven = missing == nil && signed?.root == replay.roots.root && signed?.size == replay.roots.size
        if verdict.roster?.root == roster.root { kept.proven[.roster] = verdict.roster }
        try commit(replay, goesOn: isProven || first > 0 && signed == nil || missing != nil && signed != nil)

        if claimed != nil, judged == nil { replay.end(silent: silent) }
        try conclude(replay)
    }

    /// A new replay, or the one that was kept.
    private func begin(_ rosterReplay: RosterReplay, _ roster: Roster) throws -> ActivityReplay {
        let detail = store.isKept ? AuditedMessage.Detail.all : audit.detail
        guard kept.hasReplay else { return ActivityReplay(rosterReplay, roster, detail: detail, store: store) }
        guard let state = try store.value(.replay), let record = try store.value(.findings) else {
            throw RecordReader.damaged
        }
        let replay = try ActivityReplay(
            rosterReplay, roster, detail: detail, store: store, findings: try FindingList(record: record), from: state)
        // A key that has come since opens what was left closed: all of it is looked at again.
        for key in replay.capsules.closedKeys where try capsules.withAuditKey(key, { _ in true }) == true {
            throw StartAnew(finding: nil)
        }
        return replay
    }

    /// - Returns: The first entry that cannot be had.
    private mutating func read(
        _ replay: inout ActivityReplay, to size: UInt64, _ progress: Audit.Progress
    ) async throws -> UInt64? {
        let pipeline = EntryPipeline(
            EntryPreparer(replay.roster.view(at: replay.roster.lastTime)), cores: audit.cores)
        let roots = replay.roots
        var flushed = roots.size
        var committed = roots.size
        return try await pipeline.read(source, from: roots.size, size: size) { entries in
            let known: ArraySlice<PreparedEntry> = judged == nil ? replay.known(entries) : []
            try replay.look(for: known)
            var readings: [CapsuleReading] = []
            for entry in known {
                verdict.verifications += entry.proof.verifications
                let index = roots.size
                let subject = replay.take(entry)
                guard case .success(.manifest(let manifest)) = entry.statement else { continue }
                let outcome: CapsuleReading.Outcome
                if let subject {
                    outcome = try await replay.capsules.check(subject, from: capsules)
                    tell(outcome, of: subject, &replay)
                } else {
                    // A second message of one id is none: the first one is who it is about.
                    guard manifest.capsule == nil, replay.isMessage(manifest.message, at: index) else { continue }
                    outcome = .none
                }
                readings.append(
                    CapsuleReading(
                        message: manifest.message, index: index, manifest: entry.proof.hash,
                        sender: manifest.sender, outcome: outcome))
            }
            if judged == nil { try capsules.take(readings, upTo: roots.size) }
            if known.count < entries.count { try passOver(entries[known.endIndex...], &replay) }
            progress(.activity, roots.size, size)
            if judged != nil {
                try roots.flush()
            } else if roots.size - committed >= audit.commitLength, store.isKept {
                committed = roots.size
                flushed = committed
                try replay.flush(all: true)
                try commit(replay, goesOn: true)
            } else if roots.size - flushed >= audit.flushLength {
                flushed = roots.size
                try replay.flush(all: false)
            }
        }
    }

    /// Asks for capsules that an earlier audit did not get.
    /// - Parameter size: Of the log that is read.
    private mutating func askAgain(upTo size: UInt64, _ replay: inout ActivityReplay) async throws {
        let reader = CapsuleReader(source)
        for index in replay.capsules.notGiven.sorted() {
            guard let (manifest, hash) = try await reader.manifest(at: index, size: size),
                hash == replay.roots.record(index)?.statement, let subject = CapsuleSubject(manifest, index: index)
            else { continue }
            let outcome = try await replay.capsules.check(subject, from: capsules)
            tell(outcome, of: subject, &replay)
        }
    }

    private mutating func tell(
        _ outcome: CapsuleReading.Outcome, of subject: CapsuleSubject, _ replay: inout ActivityReplay
    ) {
        switch outcome {
        case .broken(let code):
            let sentence = CapsuleAudit.sentence(code, subject, replay.who)
            replay.find(code, subject.index, message: subject.message, sentence)
        case .notGiven(let cause): findings.add(CapsuleAudit.finding(cause, subject, replay.who))
        case .none, .opened, .closed: break
        }
    }

    /// Reads on without judging, from the first entry that a later version wrote: what the log is can be held against what was
    /// signed.
    private mutating func passOver(_ entries: ArraySlice<PreparedEntry>, _ replay: inout ActivityReplay) throws {
        if judged == nil {
            try replay.flush(all: true)
            judged = (replay.roots.size, replay.state)
            if case .failure = entries[entries.startIndex].statement {
                let index = replay.roots.size
                findings.add(
                    AuditFinding(
                        .updateNeeded, severity: .unjudged, log: .activity, entries: [index],
                        "a later version of Nightbell wrote entry \(index) of the activity log: from there on it was not judged;"
                            + " that takes an update"))
            }
        }
        for entry in entries { replay.passOver(entry) }
    }

    /// Everything that a later audit needs, in one transaction.
    /// - Parameter goesOn: Whether it may go on from here; if not, it keeps only what was found.
    private func commit(_ replay: ActivityReplay, goesOn: Bool) throws {
        guard store.isKept else { return }
        try store.set(goesOn ? judged?.state ?? replay.state : nil, as: .replay)
        try store.set(replay.findings.record, as: .findings)
        try store.set(kept.record, as: .kept)
        try store.commit()
    }

    private mutating func judgeHeads(_ watch: inout HeadWatch, _ replay: ActivityReplay) throws {
        try watch.check(replay.roots, replay.queues, judged: judged?.size ?? replay.roots.size)
        let beyond = watch.end(replay.roots.size, isPresent: audit.isPresent)
        for (finding, isPassing) in watch.findings(replay.who) {
            if isPassing { tell(finding) } else { findings.add(finding) }
        }
        if beyond > 0 {
            findings.add(
                AuditFinding(
                    .headBeyond, severity: .note,
                    "\(beyond.counted("head is", "heads are")) of a longer activity log than the one at hand:"
                        + " \(beyond == 1 ? "it was" : "they were") not compared"))
        }
        kept.heads = watch.contradicted
    }

    /// Who vouches for what was replayed. Where that is not what was signed, there is nothing to hold a cosignature against.
    private mutating func judgeCosignatures(
        _ roster: Roster, _ activity: EntryLedger, _ lastTime: Timestamp
    ) async throws {
        guard let view = verdict.view, let rosterTree = verdict.roster, let activityTree = verdict.activity,
            roster.root(size: rosterTree.size) == rosterTree.root,
            activity.root(size: activityTree.size) == activityTree.root
        else { return }
        var watch = CosignatureWatch(view)
        for log in LogKind.allCases {
            let notes = try await source.cosigned(of: log)
            watch.check(
                (shown[log].map { [$0] } ?? []) + notes, of: log, key: roster.logKey(log),
                size: log == .roster ? rosterTree.size : activityTree.size, isPresent: audit.isPresent
            ) { log == .roster ? roster.root(size: $0) : activity.root(size: $0) }
        }
        if let failure = activity.failure { throw failure }
        for finding in watch.findings {
            if finding.severity == .brokenPromise { tell(finding) } else { findings.add(finding) }
        }
        let standing = watch.standing
        let asOf = audit.now ?? standing.words.map(\.at).reduce(max(roster.lastTime, lastTime), max)
        verdict.witnesses = standing
        verdict.asOf = asOf
        if let sentence = standing.notice(at: asOf) {
            findings.add(AuditFinding(.cosignaturesMissing, severity: .note, sentence))
        }
    }

    /// What expired at the log's end without a word, though heads show that the relay was there to say it.
    /// - Returns: The messages.
    private mutating func judgeSilence(_ watch: HeadWatch, _ replay: ActivityReplay) throws -> [Int] {
        let silent = replay.silent(at: watch.times(ofSize: replay.roots.size))
        for finding in silent.map(replay.silence) { tell(finding) }
        if let failure = replay.messages.failure { throw failure }
        return silent.map(\.message)
    }

    private mutating func conclude(_ replay: ActivityReplay) throws {
        if replay.capsules.closed > 0 {
            let capsules = replay.capsules.closed.counted(
                "capsule was left closed: the audit key that it is",
                "capsules were left closed: the audit key that they are")
            findings.add(
                AuditFinding(.capsulesClosed, severity: .note, "\(capsules) sealed to is not held here"))
        }
        verdict.capsulesOpened = replay.capsules.opened
        verdict.capsulesClosed = replay.capsules.closed
        verdict.accessArchive = AccessArchive(store, count: replay.accesses.count)
        verdict.days = replay.messages.days(replay.manifests)
        verdict.unsoundCount = replay.messages.unsoundCount
        verdict.archive = MessageArchive(store, count: replay.messages.count, changed: replay.messages.unwritten)
        if audit.listsMessages {
            var messages: [AuditedMessage] = []
            try verdict.forEachMessage(audit.listedDetail ?? audit.detail) { messages.append($0) }
            verdict.messages = messages
        }
        findings.add(replay.findings, but: told)
        foundNow.formUnion(replay.findings.findings)
        verdict.findings = complete
    }
}

// MARK: - Findings

extension AuditPass {
    /// Tells what no log shows again, now and ever after.
    private mutating func tell(_ finding: AuditFinding) {
        foundNow.insert(finding)
        guard told.insert(finding).inserted else { return }
        findings.add(finding)
        if finding.severity == .brokenPromise, kept.findings.count < FindingList.limit { kept.findings.append(finding) }
    }

    /// All findings. What an earlier audit found and this one did not was true of what the relay showed then, and need not fit
    /// what is at hand.
    private var complete: [AuditFinding] {
        findings.complete.map { earlier.contains($0) && !foundNow.contains($0) ? $0.foundEarlier : $0 }
    }

    /// There is no roster to judge by: what was found before is all there is to tell.
    private mutating func unread() throws -> AuditVerdict {
        if let record = try store.value(.findings) { findings.add(try FindingList(record: record), but: told) }
        if store.isKept {
            try store.set(kept.record, as: .kept)
            try store.commit()
        }
        verdict.findings = complete
        return verdict
    }

    private mutating func missing(_ log: LogKind, from first: UInt64) {
        tell(
            AuditFinding(
                .entriesMissing, log: log, entries: [first],
                "the \(log.rawValue) log's entries from \(first) on cannot be had: what they say could not be judged"))
    }

    /// What a checkpoint claims, before its key is known.
    private mutating func claimed(_ note: [UInt8]?, _ log: LogKind) -> Checkpoint? {
        guard let note, let parsed = try? SignedNote(parsing: note), let claimed = try? Checkpoint(parsing: parsed.text)
        else {
            tell(
                AuditFinding(.checkpointInvalid, log: log, "the checkpoint of the \(log.rawValue) log cannot be read"))
            return nil
        }
        guard claimed.size > 0 else {
            tell(AuditFinding(.logEmpty, log: log, "the \(log.rawValue) log is empty, and no log is ever empty"))
            return nil
        }
        return claimed
    }

    /// The checkpoint under its key, against what its entries gave.
    private mutating func verified(
        _ note: [UInt8]?, _ key: LogKey, replayed: (size: UInt64, root: Digest)
    ) -> AuditVerdict.Tree? {
        let log: LogKind = key.origin.hasSuffix("/roster") ? .roster : .activity
        guard let note else { return nil }
        do {
            let signed = try key.verify(checkpoint: note)
            if signed.size == replayed.size, signed.root != replayed.root {
                tell(
                    AuditFinding(
                        .rootDiffers, log: log,
                        "the \(signed.size.counted("entry", "entries")) of the \(log.rawValue) log"
                            + " \(signed.size == 1 ? "does" : "do") not give the root that the relay signed"
                    ))
            }
            return AuditVerdict.Tree(size: signed.size, root: signed.root)
        } catch {
            tell(
                AuditFinding(
                    .checkpointInvalid, log: log,
                    "the checkpoint of the \(log.rawValue) log is not by the key that genesis names (\(error))"))
            return nil
        }
    }

    private func shorter(_ log: LogKind, _ size: UInt64) -> AuditFinding {
        AuditFinding(
            .notContinued, log: log,
            "the relay shows \(size.counted("entry", "entries")) of the \(log.rawValue) log, and an earlier audit has read more of"
                + " it: what was logged was taken away")
    }

    private func otherHistory(_ log: LogKind, _ first: UInt64, _ size: UInt64) -> AuditFinding {
        AuditFinding(
            .notContinued, log: log,
            "the \(size.counted("entry", "entries")) that the \(log.rawValue) log has now \(size == 1 ? "does" : "do") not"
                + " continue the \(first) that an earlier audit has read: the relay signed two histories, or gave other entries than it signed"
        )
    }
}
