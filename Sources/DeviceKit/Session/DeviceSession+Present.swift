import DeviceStorage
import Membership
import RelayAPI
import Secrets
public import Statements
import TransparencyLog

extension DeviceSession {
    /// 5 minutes: nothing is sealed on an older head.
    public static let freshMilliseconds: Int64 = 300_000

    /// Asks the relay for the present, verifies it, and brings the roster up to date.
    /// - Throws: ``DeviceKitError``, ``RelayRefusal``; a lie throws its finding's error after it was recorded.
    public func refresh() async throws {
        var timer = StepTimer()
        let before = roster.size
        let answer = try await connection.answer(
            to: .get(APIPath.head(identity.organisation), query: knownSizes),
            signer: signer, as: HeadAnswer.self)
        try await absorb(answer, askedWith: checkpoints)
        if roster.size > before {
            timer.note(.roster, "roster log replayed to entry \(roster.size); its root is the signed one")
            try log(&timer)
        }
    }

    /// What a request tells of us, so that its answer brings the consistency proofs from there.
    var knownSizes: [(name: String, value: String)] {
        LogKind.allCases.map { ($0.rawValue, "\(checkpoints[$0]!.size)") }
    }

    /// An answer to a question that named our sizes cannot be older than they are.
    private func checkNotBehind(
        _ known: [LogKind: SignedCheckpoint], _ head: Head, _ answer: HeadAnswer
    ) throws {
        let sizes: [LogKind: UInt64] = [.roster: head.roster.size, .activity: head.activity.size]
        guard let log = [LogKind.activity, .roster].first(where: { sizes[$0]! < known[$0]!.size }) else { return }
        present = nil
        let kept = try profile.store.look { try $0.heads(limit: 1) }
        throw try record(
            .rolledBack,
            "the relay's present is older than what it signed before (\(log.rawValue) \(sizes[log]!), before \(known[log]!.size))",
            parts: [
                ("remembered_roster", known[.roster]!.note.bytes),
                ("remembered_activity", known[.activity]!.note.bytes),
                ("head", Array(answer.head.utf8)), ("head_before", kept.last ?? []),
            ], occasion: Self.occasion(known[log]!, log), log: log
        ).error
    }

    /// Verifies an answer about the present and takes it in.
    ///
    /// Its head must be the activity log's word, its checkpoints of exactly the head's sizes, the activity log consistent
    /// with what we remember, the roster log replayable under every rule to the signed root.
    /// - Parameters:
    ///   - known: What we remembered when we asked: nothing older is an answer.
    ///   - wasOnItsWay: Whether it may have been signed a while ago.
    func absorb(
        _ answer: HeadAnswer, askedWith known: [LogKind: SignedCheckpoint]? = nil, wasOnItsWay: Bool = false
    ) async throws {
        let head: Head
        let signed: [LogKind: SignedCheckpoint]
        do {
            head = try logKey(.activity).verify(head: Array(answer.head.utf8))
            signed = [
                .roster: try logKey(.roster).verify(checkpoint: Array(answer.roster.utf8)),
                .activity: try logKey(.activity).verify(checkpoint: Array(answer.activity.utf8)),
            ]
        } catch {
            throw try badHead("the relay's head does not verify (\(error))", answer)
        }
        guard head.organisation == identity.organisation, head.device?.device == identity.device,
            signed[.roster]!.checkpoint.size == head.roster.size, signed[.roster]!.root == head.roster.root,
            signed[.activity]!.size == head.activity.size, signed[.activity]!.root == head.activity.root
        else { throw try badHead("the relay's head and its checkpoints are not about one present", answer) }
        if let known { try checkNotBehind(known, head, answer) }
        try await admit(signed[.activity]!, .activity, proof: Self.hashes(answer.activityConsistency))
        try await admit(signed[.roster]!, .roster, proof: nil)
        if wasOnItsWay { connection.clock.learn(atLeast: head.time) } else { connection.clock.learn(head.time) }
        remarkClock()
        present = Present(head: head, received: .now)
        try store(head: Array(answer.head.utf8))
    }

    /// Takes in a checkpoint that came with a proof or a head.
    /// - Parameter proof: Hashes that may lead from the remembered checkpoint to this one; another proof is fetched when
    ///   they do not.
    func admit(_ signed: SignedCheckpoint, _ log: LogKind, proof: [Digest]?) async throws {
        let known = checkpoints[log]!
        if signed.size == known.size {
            guard signed.root == known.root else { throw try contradiction(known, signed, log) }
            return
        }
        switch log {
        case .roster:
            if signed.size > roster.size { try await replay(to: signed) }
            guard roster.root(size: signed.size) == signed.root else { throw try contradiction(known, signed, log) }
        case .activity:
            try await proveConsistency(of: signed, with: known, proof: proof)
            knownRoots[signed.size] = signed.root
        }
        if signed.size > known.size { checkpoints[log] = signed }
    }

    /// Shows that two signed trees of the activity log are one log.
    private func proveConsistency(
        of signed: SignedCheckpoint, with known: SignedCheckpoint, proof: [Digest]?
    ) async throws {
        let (older, newer) = signed.size < known.size ? (signed, known) : (known, signed)
        func leads(_ proof: [Digest]) -> Bool {
            Proofs.isConsistent(
                first: older.size, firstRoot: older.root, second: newer.size, secondRoot: newer.root, proof: proof)
        }
        if let proof, signed.size > known.size, leads(proof) { return }
        if knownRoots[older.size] == older.root { return }
        var made: [Digest] = []
        do {
            made = try await consistencyProof(.activity, from: older.size, to: newer.size)
        } catch let refusal as RelayRefusal where refusal.problem.code == .notFound {
            // A relay that does not have the tiles of a tree that it signed cannot show it either. One that has too much to do,
            // or asks for less, has said nothing about them: that convicts nobody.
        }
        guard leads(made) else {
            throw try record(
                .inconsistent,
                "the relay signed an activity log of \(newer.size) entries that does not continue the one of \(older.size)",
                parts: [("older", older.note.bytes), ("newer", newer.note.bytes)],
                occasion: Self.occasion(known, .activity), log: .activity
            ).error
        }
    }

    /// Fetches and replays the roster log up to a signed checkpoint. All or nothing.
    private func replay(to signed: SignedCheckpoint) async throws {
        var next = roster
        var times = rosterTimes
        var entries: [[UInt8]] = []
        var enrolments: [EnrolStatement] = []
        try await Self.rosterEntries(
            identity.organisation, from: roster.size, to: signed.size, connection: connection, signer: signer
        ) { bundle in
            for bytes in bundle {
                let entry = try append(bytes, to: &next, signed)
                times.append(entry.time)
                entries.append(bytes)
                if case .enrol(let enrol) = try RosterStatement(parsing: SignedNote(parsing: entry.body).text) {
                    enrolments.append(enrol)
                }
            }
        }
        guard next.root(size: signed.size) == signed.root else {
            throw try record(
                .badRoster, "the entries of the roster log do not give the root that the relay signed",
                parts: [("remembered", checkpoints[.roster]!.note.bytes), ("checkpoint", signed.note.bytes)]
            ).error
        }
        let first = roster.size
        let joined = Self.announced(enrolments, in: next.view(at: connection.clock.now()), to: identity)
        try profile.store.step { step in
            try step.addRosterEntries(entries, from: first)
            try Self.keepUnseen(joined, in: step)
        }
        roster = next
        rosterTimes = times
        for device in joined { observer.remark(announcement(of: device)) }
        announced += joined
    }

    /// One entry more of the roster log, under every rule.
    private func append(_ bytes: [UInt8], to next: inout Roster, _ signed: SignedCheckpoint) throws -> Entry {
        do {
            let entry = try Entry(parsing: bytes)
            try next.append(entry)
            return entry
        } catch let violation as RuleViolation where violation.code == .unknownType {
            throw DeviceKitError(
                "update_needed", .configuration, "the roster holds a statement that this version does not know",
                next: "update nightbell")
        } catch {
            throw try record(
                .badRoster, "entry \(next.size) of the roster log breaks a rule (\(error))",
                parts: [("checkpoint", signed.note.bytes), ("entry", bytes)]
            ).error
        }
    }

    /// Says once that the clocks are too far apart, and again when they were together in between.
    private func remarkClock() {
        guard let apart = connection.clock.apart else {
            hasRemarkedClock = false
            return
        }
        guard !hasRemarkedClock else { return }
        hasRemarkedClock = true
        observer.remark(
            "this machine's clock says \(apart.here), the relay's \(apart.there): set the one that is wrong; nothing is sent "
                + "meanwhile")
    }

    /// Keeps the head, and the largest checkpoints, whoever else holds the profile open.
    private func store(head: [UInt8]) throws {
        let time = connection.clock.now().milliseconds
        try profile.store.step { step in
            try step.keepHead(head, received: time)
            try storeCheckpoints(step)
        }
    }

    /// Writes the checkpoints that are larger than the stored ones.
    func storeCheckpoints(_ step: StoreStep) throws {
        for (log, name) in [(LogKind.roster, SettingName.rosterCheckpoint), (.activity, .activityCheckpoint)] {
            let stored = try step.setting(name).flatMap { try? logKey(log).verify(checkpoint: $0) }
            let mine = checkpoints[log]!
            if mine.size > stored?.size ?? 0 { try step.set(name, to: mine.note.bytes) }
        }
    }

    private func contradiction(
        _ known: SignedCheckpoint, _ signed: SignedCheckpoint, _ log: LogKind
    ) throws -> DeviceKitError {
        try record(
            .contradiction,
            "the relay signed two \(log.rawValue) logs that cannot both be true (\(known.shortForm) and \(signed.shortForm))",
            parts: [("first", known.note.bytes), ("second", signed.note.bytes)],
            occasion: Self.occasion(known, log), log: log
        ).error
    }

    /// What a relay that goes on contradicting one remembered tree proves once, however its false log grows.
    private static func occasion(_ known: SignedCheckpoint, _ log: LogKind) -> String {
        "\(log.rawValue) \(known.size) \(known.root.hex)"
    }

    private func badHead(_ sentence: String, _ answer: HeadAnswer) throws -> DeviceKitError {
        try record(
            .badHead, sentence,
            parts: [
                ("head", Array(answer.head.utf8)), ("roster", Array(answer.roster.utf8)),
                ("activity", Array(answer.activity.utf8)),
            ]
        ).error
    }

    /// Hashes of a proof as the API writes them; `nil` when one is none.
    static func hashes(_ texts: [String]) -> [Digest]? {
        var hashes: [Digest] = []
        for text in texts {
            guard let hash = Base64.decode(Array(text.utf8)).flatMap({ Digest($0) }) else { return nil }
            hashes.append(hash)
        }
        return hashes
    }
}

extension DeviceSession {
    /// ``refresh()`` for a command that only receives: a relay that lies about the present is recorded, and receiving
    /// goes on.
    public func refreshForReceiving() async throws {
        do {
            try await refresh()
        } catch let error as DeviceKitError where error.category == .verification {
            observer.remark("the relay's word on the present is not believed: \(error.message)")
        }
    }

    /// The signed heads that this device kept, oldest first.
    public func keptHeads() throws -> [[UInt8]] {
        try profile.store.look { try $0.heads(limit: Int(StoreStep.keptHeads)) }.reversed()
    }

    /// When the relay signed the newest head that is kept here.
    public func lastHeadTime() throws -> Timestamp? {
        try profile.store.look { try $0.heads(limit: 1) }.first.flatMap { try? logKey(.activity).verify(head: $0).time }
    }

    /// What waits in this profile for the relay, and how many messages were refused: nobody has those.
    public func waitingHere() throws -> (receipts: Int, messages: Int, refused: Int) {
        try profile.store.look { store in
            (
                try store.countOfUnprovenReceipts(),
                try store.countOfSent(in: [SentStates.drafted, SentStates.sealed]),
                try store.countOfSent(in: [SentStates.refused])
            )
        }
    }
}
