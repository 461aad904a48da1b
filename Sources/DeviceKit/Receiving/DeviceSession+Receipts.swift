import DeviceStorage
import Membership
import RelayAPI
import Secrets
public import Statements

extension DeviceSession {
    /// Signs a receipt on what the step log says so far, and puts it into the outbox, in the caller's transaction.
    /// - Returns: The step-log lines that it added.
    func makeReceipt(
        _ action: ReceiptAction, reason: ReceiptReason?, details: MessageDetails, message: MessageID,
        at time: Timestamp,
        in step: StoreStep
    ) throws -> [StepLine] {
        guard let manifest = Digest(hex: Array(details.manifestHash.utf8)) else {
            throw DeviceStorageError(.unusable, place: "message")
        }
        var timer = StepTimer(message: message)
        let last = try step.lastReceipt()
        let steps = try StepLog.head(in: step)
        let receipt = Receipt(
            organisation: identity.organisation, seen: seenBoth, message: message, manifest: manifest,
            device: identity.device, action: action, reason: reason,
            capsule: action == .delivered ? details.capsule : nil,
            at: time, number: (last?.number ?? 0) + 1, previous: last.flatMap { Digest($0.hash) }, steps: steps)
        let note = signed(receipt)
        try step.add(
            ReceiptRow(
                number: receipt.number, message: message.description, action: action.rawValue, hash: note.hash.bytes,
                steps: steps.bytes, note: note.bytes))
        let unread = try action == .closed && !Self.wasRead(message, in: step) ? "; nobody had read it here" : ""
        timer.note(.receipt, "receipt \(receipt.number) (\(action.rawValue)) signed and stored\(unread)")
        return try StepLog.append(timer.take(), at: time, to: step).lines
    }

    /// Posts the outbox, byte for byte, and verifies each receipt's place; the prekey of a message whose delivery is
    /// proven is destroyed.
    public func postReceipts() async throws {
        while true {
            let rows = try profile.store.look { try $0.unprovenReceipts(limit: APILimits.receiptsInBatch) }
            guard !rows.isEmpty else { return }
            let answer = try await connection.answer(
                to: .post(
                    APIPath.receipts(identity.organisation), bytes: NoteBatch.encode(rows.map(\.note)),
                    type: "application/octet-stream"), signer: nil, as: ReceiptsAnswer.self)
            // What is refused is the one after those that were logged: there must be one.
            guard answer.logged.count + (answer.refused == nil ? 0 : 1) <= rows.count,
                !answer.logged.isEmpty || answer.refused != nil
            else {
                throw DeviceKitError(
                    "receipts_untrue", .verification, "the relay's answer is not about the receipts that were posted",
                    next: "tell the relay's operator")
            }
            for (row, logged) in zip(rows, answer.logged) { try await settle(row, logged) }
            if let refused = answer.refused {
                try await handleRefusedReceipt(refused, row: rows[answer.logged.count])
            }
        }
    }

    /// The same while receiving, which a refused receipt does not stop.
    func postReceiptsOrRemark() async throws {
        do {
            try await postReceipts()
        } catch let refusal as RelayRefusal where refusal.problem.code != .revoked {
            observer.remark("receipts wait here: \(DeviceKitError(refusal.problem).message)")
        } catch let error as DeviceKitError where error.category == .verification {
            observer.remark("receipts wait here: \(error.message)")
        }
    }

    /// The same while watching: whatever goes wrong, the stream is followed, and it is tried again later, less and less often.
    /// - Throws: That this device is revoked, or must be updated; `CancellationError`.
    func postReceipts(_ pause: inout PostingPause, now: () -> ContinuousClock.Instant) async throws {
        guard pause.isOver(at: now()) else { return }
        do {
            try await postReceipts()
            pause.succeeded()
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            let cause = (error as? RelayRefusal).map { learn(from: $0.problem) } ?? DeviceKitError(describing: error)
            if let revoked = provenRevocation() { throw revoked }
            guard error is RelayRefusal || cause.code.rawValue != "update_needed" else { throw cause }
            pause.failed(at: now())
            observer.remark("receipts wait here: \(cause.message)")
        }
    }

    /// The error of a device that knows that it was revoked; a profile that cannot be read now knows nothing.
    func provenRevocation() -> DeviceKitError? {
        do {
            try checkNotRevoked()
            return nil
        } catch {
            return (error as? DeviceKitError).flatMap { $0.code == "revoked" ? $0 : nil }
        }
    }

    private func settle(_ row: ReceiptRow, _ logged: LoggedEntry) async throws {
        var timer = StepTimer(message: MessageID(row.message))
        let proven = try await prove(logged, body: row.note, log: .activity)
        timer.note(.proof, "receipt \(row.number) (\(row.action)) is entry \(proven.index) of the activity log")
        var prekey: String?
        if row.action == ReceiptAction.delivered.rawValue,
            let message = try profile.store.look({ try $0.message(row.message) }),
            let details = MessageDetails(message.details),
            let stored = try profile.store.look({ try $0.prekey(details.prekey.description) }),
            stored.purpose == PrekeyPurpose.oneTime.rawValue, stored.state != .destroyed
        {
            prekey = stored.id
        }
        let time = connection.clock.now()
        try durably { step, lines in
            try step.markProven(receipt: row.number, index: proven.index, proof: proven.proof)
            if let prekey {
                try step.destroyPrekey(prekey)
                timer.note(.prekeyDestroyed, "one-time prekey \(prekey) is destroyed")
            }
            try storeCheckpoints(step)
            lines += try StepLog.append(timer.take(), at: time, to: step).lines
        }
    }

    /// A broken chain is either this profile, restored from an older copy, or somebody else with its key.
    ///
    /// A last receipt that truly bears our signature is adopted and the chain goes on behind it; the finding stays, for
    /// only its owner knows whether the profile was restored.
    private func handleRefusedReceipt(_ problem: Problem, row: ReceiptRow) async throws {
        guard problem.code == .brokenChain else { throw RelayRefusal(problem: problem) }
        let finding = try record(
            .receiptChain,
            "the relay holds receipts of this device that this profile did not write: it was restored from an older copy, "
                + "or its key was copied (then it must be revoked)",
            message: MessageID(row.message), parts: [("receipt", row.note), ("problem", APIJSON.encode(problem))])
        guard let logged = problem.statement else { throw finding.error }
        let proven = try await prove(logged, log: .activity)
        guard case .receipt(let last, let note) = try ActivityStatement(parsing: proven.entry.body),
            last.device == identity.device,
            (try? note.verify(exactly: [NoteKey(device: signer.key.verifyingKey)])) != nil
        else { throw finding.error }
        // A relay that was put back holds less than it proved to us: nothing of ours is given up for that.
        let proved = try profile.store.look { try $0.receipts() }.last { $0.proof != nil }?.number ?? 0
        guard last.number > proved else { throw finding.error }
        try adopt(last, note, proven)
    }

    private func adopt(_ last: Receipt, _ note: SignedNote, _ proven: Proven) throws {
        let time = connection.clock.now()
        try durably { step, lines in
            let unproven = try step.unprovenReceipts(limit: Int.max)
            let proved = try step.receipts().last { $0.proof != nil }?.number ?? 0
            guard last.number > proved else { throw DeviceStorageError(.unusable, place: "receipt") }
            try step.removeUnprovenReceipts()
            try step.add(
                ReceiptRow(
                    number: last.number, message: last.message.description, action: last.action.rawValue,
                    hash: note.hash.bytes, steps: last.steps.bytes, note: note.bytes, index: proven.index,
                    proof: proven.proof))
            var timer = StepTimer(message: last.message)
            timer.note(
                .receipt, "rolled back: receipt \(last.number), which this profile had lost, is adopted from the log")
            lines += try StepLog.append(timer.take(), at: time, to: step).lines
            for row in unproven {
                guard let message = MessageID(row.message), let stored = try step.message(row.message),
                    let details = MessageDetails(stored.details), let old = try? SignedNote(parsing: row.note),
                    let receipt = try? Receipt(parsing: old.text)
                else { continue }
                lines += try makeReceipt(
                    receipt.action, reason: receipt.reason, details: details, message: message, at: time, in: step)
            }
        }
    }

    /// Signs a person's step on a message; the same step twice is one receipt.
    /// - Returns: The receipt's place in the activity log, or `nil` while the relay has not proven it: it is then stored
    ///   here and posted by the next command.
    public func receipt(
        _ action: ReceiptAction, reason: ReceiptReason?, on message: MessageID
    ) async throws -> UInt64? {
        try await receipt(action, reason: reason, on: message) { _, _ in }
    }

    /// The same, with something more in the same step.
    /// - Parameter beside: Gets the hash of the receipt, new or not.
    func receipt(
        _ action: ReceiptAction, reason: ReceiptReason?, on message: MessageID,
        beside: (StoreStep, Digest) throws -> Void
    ) async throws -> UInt64? {
        try sign(action, reason: reason, on: message, beside: beside)
        try await postReceipts()
        return try place(of: action, on: message)
    }
}
