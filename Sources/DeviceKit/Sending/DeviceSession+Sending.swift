import DeviceStorage
import Membership
import RelayAPI
import Secrets
public import Statements

/// Where a sent message stands in the profile.
enum SentStates {
    /// Asked for, not yet sealed.
    static let drafted = "drafted"
    /// Sealed and signed: posted byte for byte until it is answered.
    static let sealed = "sealed"
    /// Proven; its command has not told so yet.
    static let accepted = "accepted"
    /// Proven and told.
    static let reported = "reported"
    /// The relay or the roster said no for good.
    static let refused = "refused"
}

extension DeviceSession {
    private static let attempts = 4

    /// Sends a message, or finishes the sending that a repeated command means.
    ///
    /// Nothing is stored until the relay has shown its present, for nobody can be sealed to without. From then on everything
    /// is stored before it is posted: when the relay does not answer any more, the message waits in the profile, and is
    /// posted byte for byte by the next command (``waiting(for:)``).
    /// - Throws: ``DeviceKitError``, ``RelayRefusal``.
    public func send(_ draft: Draft) async throws -> SentMessage {
        try checkIsToSomebodyElse(draft)
        try await refresh()
        try checkNotRevoked()
        if let row = try repeated(draft) {
            return try await carry(row, wasSentBefore: row.state != SentStates.drafted)
        }
        try checkMayWrite(draft)
        await resumeOutbox()
        let now = connection.clock.now()
        let row = SentRow(
            id: MessageID.make(at: now).description, created: now.milliseconds, state: SentStates.drafted,
            draft: draft.bytes, envelope: nil)
        try store(row, draft)
        return try await carry(row, wasSentBefore: false)
    }

    /// Stores what was asked for, its files before the rest: what is stored can be sent, whatever becomes of the originals.
    private func store(_ row: SentRow, _ draft: Draft) throws {
        guard !draft.files.isEmpty else { return try profile.store.step { step in try put(row, draft, in: step) } }
        let stem = SendingFiles.freshStem()
        // Held until the row is there: nobody sweeps the copies away meanwhile.
        let lock = try OutboxLock(stem, of: profile, waitingMilliseconds: 0)
        defer { lock.release() }
        let kept = try keep(draft.files, draft.attachments, stem: stem)
        try profile.store.step { step in
            try put(row, draft, in: step)
            try step.setSendingSecret(row.id, to: kept.secret.secret)
            try step.setSendingFiles(row.id, to: kept.files.bytes)
        }
    }

    /// A draft in the outbox, and in its thread.
    func put(_ row: SentRow, _ draft: Draft, in step: StoreStep) throws {
        try step.put(row)
        switch draft.reference {
        case .inReplyTo(let parent)?: try step.addLink(row.id, to: parent.description, isForward: false)
        case .forwardOf(let parent)?: try step.addLink(row.id, to: parent.description, isForward: true)
        case nil: break
        }
    }

    /// The message that means a draft and waits here to be sent; `nil` when nothing of it is kept.
    public func waiting(for draft: Draft) throws -> MessageID? {
        guard let row = try repeated(draft), [SentStates.drafted, SentStates.sealed].contains(row.state) else {
            return nil
        }
        return MessageID(row.id)
    }

    /// The newest message of a draft's very words that was refused for good, and is listed until it is dismissed.
    public func refused(for draft: Draft) throws -> MessageID? {
        let rows = try profile.store.look { try $0.sentMessages(in: SentStates.refused) }
        return rows.last { $0.draft == draft.bytes }.flatMap { MessageID($0.id) }
    }

    /// The message's command has told its outcome: the same words again are a new message.
    public func markReported(_ message: MessageID) throws {
        try profile.store.step { step in
            guard var row = try step.sent(message.description), row.state == SentStates.accepted else { return }
            row.state = SentStates.reported
            try step.put(row)
        }
    }

    /// Posts what an earlier command could not. What fails stays, and is said.
    /// - Parameter onlyReferences: Nothing but what answers or carries on another message.
    public func resumeOutbox(onlyReferences: Bool = false) async {
        let rows = try? profile.store.look {
            try $0.sentMessages(in: SentStates.drafted) + $0.sentMessages(in: SentStates.sealed)
        }
        do { try sweepSendingFiles() } catch {
            observer.remark("copies of sent files could not be removed: \(DeviceKitError(describing: error).message)")
        }
        for row in rows ?? [] where !onlyReferences || Draft(row.draft)?.reference != nil {
            do {
                let sent = try await carry(row, wasSentBefore: true, waitingMilliseconds: 0)
                observer.remark("message \(sent.message), which had waited here, is sent (entry \(sent.index))")
            } catch let error as DeviceStorageError where error.code == .busy {
                // Another process is at it.
                continue
            } catch {
                observer.remark(whereIs(row.id, after: DeviceKitError(describing: error)))
            }
        }
    }

    /// The same of replies and hand-offs while watching, less and less often when it fails.
    func resumeReferences(_ pause: inout PostingPause, now: () -> ContinuousClock.Instant) async throws {
        guard pause.isOver(at: now()), try hasReferencesWaiting() else { return }
        await resumeOutbox(onlyReferences: true)
        try Task.checkCancellation()
        if try hasReferencesWaiting() { pause.failed(at: now()) } else { pause.succeeded() }
    }

    private func hasReferencesWaiting() throws -> Bool {
        try profile.store.look { try $0.sentMessages(in: SentStates.drafted) + $0.sentMessages(in: SentStates.sealed) }
            .contains { Draft($0.draft)?.reference != nil }
    }

    /// What to say of a message that could not be sent now.
    private func whereIs(_ id: String, after error: DeviceKitError) -> String {
        let state = (try? profile.store.look { try $0.sent(id) })?.state
        guard state == SentStates.refused else { return "message \(id) still waits here: \(error.message)" }
        return "message \(id) was REFUSED and is not sent: \(error.message); call by telephone"
    }

    func repeated(_ draft: Draft) throws -> SentRow? { try profile.store.look { try repeated(draft, in: $0) } }

    func repeated(_ draft: Draft, in store: some StoreReading) throws -> SentRow? {
        let rows: [SentRow]
        switch draft.reference {
        case .inReplyTo(let parent)?, .forwardOf(let parent)?:
            // What belongs to a thread is found by it.
            let root = try store.link(of: parent.description)?.root ?? parent.description
            rows = try store.links(ofThread: root).compactMap { try store.sent($0.message) }
        case nil: rows = try store.sentMessages()
        }
        return rows.last { row in
            guard row.state != SentStates.refused, let known = Draft(row.draft) else { return false }
            return known.isRepeated(by: draft, wasReported: row.state == SentStates.reported)
        }
    }

    /// Takes a stored message as far as it goes.
    ///
    /// One process at a time: two that sealed one message would give its recipients two keys under one id.
    func carry(
        _ stored: SentRow, wasSentBefore: Bool, waitingMilliseconds: Int = FileLock.standardWaitMilliseconds
    ) async throws -> SentMessage {
        var locks = [try OutboxLock(stored.id, of: profile, waitingMilliseconds: waitingMilliseconds)]
        defer { for lock in locks { lock.release() } }
        // Another process may have given it a new id meanwhile, or have it in hand.
        guard var row = try profile.store.look({ try $0.sent(stored.id) }) else {
            throw DeviceStorageError(.busy, place: "sent")
        }
        guard let draft = Draft(row.draft) else { throw DeviceStorageError(.unusable, place: "sent") }
        // The receipt first, then the words that go with it.
        if case .reply(let reply) = draft.content, reply.receipt != nil { try await postReceipts() }
        for _ in 0..<Self.attempts {
            if row.state == SentStates.accepted || row.state == SentStates.reported {
                return try sentMessage(row, wasSentBefore: wasSentBefore)
            }
            do {
                if row.envelope == nil {
                    guard let message = MessageID(row.id) else { throw DeviceStorageError(.unusable, place: "sent") }
                    row = try await seal(row, draft, as: message)
                }
                row = try await postEnvelope(row)
                try? sweepSendingFiles()
            } catch let refusal as RelayRefusal where row.envelope == nil && refusal.problem.code == .unclaimed {
                row = try renamed(row) { id in
                    locks.append(try OutboxLock(id, of: profile, waitingMilliseconds: waitingMilliseconds))
                }
            } catch let refusal as RelayRefusal {
                row = try await answer(refusal.problem, to: row)
            } catch let error as DeviceKitError where row.envelope == nil && !Self.mayPass(error) {
                // Nothing of it has left: the one who asked hears no, and it does not go out later by itself.
                try markRefused(row)
                throw error
            }
        }
        throw DeviceKitError(
            "not_settled", .tryAgain, "the roster and the message's recipients did not settle", next: "try again")
    }

    /// A message whose claims are over, under a new id, in one step.
    ///
    /// The relay refuses claims of an accepted id as a conflict. That they are over says that nothing was accepted under
    /// the old id; and no envelope of it is left here that could be posted.
    /// - Parameter hold: Takes the new id into this process's hands before anybody else can see it.
    private func renamed(_ row: SentRow, hold: (String) throws -> Void) throws -> SentRow {
        let now = connection.clock.now()
        let again = SentRow(
            id: MessageID.make(at: now).description, created: row.created, state: SentStates.drafted, draft: row.draft,
            envelope: nil)
        try hold(again.id)
        try profile.store.step { step in
            guard let draft = Draft(again.draft) else { throw DeviceStorageError(.unusable, place: "sent") }
            try put(again, draft, in: step)
            if let files = try step.sendingFiles(row.id) { try step.setSendingFiles(again.id, to: files) }
            _ = try step.withSendingSecret(row.id) { try step.setSendingSecret(again.id, to: $0) }
            try step.removeSent(row.id)
            try step.removeLink(row.id)
        }
        observer.remark("message \(row.id) waited for longer than its claims last: it goes on as \(again.id)")
        return again
    }

    private func postEnvelope(_ row: SentRow) async throws -> SentRow {
        var timer = StepTimer(message: MessageID(row.id))
        let bytes = row.envelope ?? []
        let envelope = try Envelope(parsing: bytes)
        let logged = try await connection.answer(
            to: .post(APIPath.messages(identity.organisation), bytes: bytes, type: "application/octet-stream"),
            signer: nil, as: LoggedEntry.self)
        let proven = try await prove(logged, body: envelope.note.bytes, log: .activity)
        return try accepted(row, proven, timer: &timer)
    }

    private func accepted(_ row: SentRow, _ proven: Proven, timer: inout StepTimer) throws -> SentRow {
        timer.note(.accepted, "entry \(proven.index) of the activity log; inclusion and consistency verified")
        var accepted = row
        accepted.state = SentStates.accepted
        accepted.index = proven.index
        accepted.proof = proven.proof
        let notes = timer.take()
        let time = connection.clock.now()
        return try durably { step, lines in
            try step.put(accepted)
            try step.forgetSendingFiles(accepted.id)
            try storeCheckpoints(step)
            lines += try StepLog.append(notes, at: time, to: step).lines
            lines += try makeHandedOff(row, at: time, in: step)
            return accepted
        }
    }

    /// A relay's no re-keys nobody: what it says is checked against the signed roster first.
    private func answer(_ problem: Problem, to row: SentRow) async throws -> SentRow {
        let refusal = RelayRefusal(problem: problem)
        guard let bytes = row.envelope else {
            // The claim was refused, or a file.
            let mayPass: [Problem.Code] = [.quota, .busy, .unavailable, .clock, .blobOffset, .blobHash]
            guard mayPass.contains(problem.code) else { return try refuse(row, refusal) }
            throw refusal
        }
        let envelope = try Envelope(parsing: bytes)
        switch problem.code {
        case .stale, .recipients, .unclaimed, .clock, .blobsMissing:
            try await refresh()
            try checkRefusal(problem, envelope.manifest)
            var again = row
            again.envelope = nil
            again.state = SentStates.drafted
            try profile.store.step { step in try step.put(again) }
            return again
        case .conflict:
            return try await adoptLogged(row, envelope, or: refusal)
        case .quota, .busy, .unavailable, .unauthorized, .replayed:
            throw refusal
        default:
            return try refuse(row, refusal)
        }
    }

    private func refuse(_ row: SentRow, _ refusal: RelayRefusal) throws -> SentRow {
        try markRefused(row)
        throw refusal
    }

    private func markRefused(_ row: SentRow) throws {
        try profile.store.step { step in
            var refused = row
            refused.state = SentStates.refused
            try step.put(refused)
            try step.forgetSendingFiles(refused.id)
        }
    }

    private static func mayPass(_ error: DeviceKitError) -> Bool {
        error.category == .tryAgain || error.category == .unreachable
    }

    /// Whether the signed roster bears the relay's refusal out.
    private func checkRefusal(_ problem: Problem, _ manifest: Manifest) throws {
        let required = Set(ManifestRules.requiredDevices(for: manifest.member, view: view).map(\.id))
        let named = Set(manifest.recipients.map(\.device)).union(manifest.without.map(\.device))
        let saysOthers = !(problem.missing ?? []).isEmpty || !(problem.extra ?? []).isEmpty
        let isUntrue =
            switch problem.code {
            case .recipients: saysOthers && required == named && manifest.seen.roster.size == roster.size
            case .stale: manifest.seen.roster.size == roster.size
            default: false
            }
        guard isUntrue else { return }
        throw try record(
            .falseRefusal, "the relay refused a message for a reason that the signed roster does not bear out",
            message: manifest.message,
            parts: [("manifest", manifest.text), ("problem", APIJSON.encode(problem))]
        ).error
    }

    /// The message id is in the log with other bytes: ours if the signature and the binding are.
    private func adoptLogged(_ row: SentRow, _ envelope: Envelope, or refusal: RelayRefusal) async throws -> SentRow {
        var timer = StepTimer(message: envelope.manifest.message)
        let history = try await connection.answer(
            to: .get(APIPath.message(identity.organisation, envelope.manifest.message)), signer: signer,
            as: MessageHistory.self)
        for logged in history.entries {
            let proven = try await prove(logged, log: .activity)
            guard case .manifest(let manifest, let note) = try ActivityStatement(parsing: proven.entry.body),
                manifest.message == envelope.manifest.message, manifest.sender == identity.device,
                manifest.binding == envelope.manifest.binding,
                (try? note.verify(exactly: [NoteKey(device: signer.key.verifyingKey)])) != nil
            else { continue }
            var adopted = row
            adopted.envelope = try Envelope(
                note: note, manifest: manifest, sealedKeys: envelope.sealedKeys,
                recoverySealedKey: envelope.recoverySealedKey, capsuleSealedKey: envelope.capsuleSealedKey,
                alert: envelope.alert, capsule: envelope.capsule, content: envelope.content
            ).bytes
            return try accepted(adopted, proven, timer: &timer)
        }
        return try refuse(row, refusal)
    }

    private func sentMessage(_ row: SentRow, wasSentBefore: Bool) throws -> SentMessage {
        let envelope = try Envelope(parsing: row.envelope ?? [])
        let view = roster.view(
            size: min(envelope.manifest.seen.roster.size, roster.size), at: envelope.manifest.at)
        return SentMessage(
            message: envelope.manifest.message, manifest: envelope.note.hash.hex, index: row.index ?? 0,
            recipients: envelope.manifest.recipients.map { recipient in
                SentMessage.Recipient(
                    device: recipient.device, member: view.device(recipient.device)?.member ?? envelope.manifest.member,
                    step: recipient.step)
            }, without: envelope.manifest.without, attachments: Draft(row.draft)?.attachments ?? [],
            wasSentBefore: wasSentBefore)
    }
}
