import DeviceStorage
import Membership
import RelayAPI
import Secrets
import Statements
import TransparencyLog

extension DeviceSession {
    /// Verifies, opens, stores and receipts a message.
    func receive(
        _ received: ReceivedItem, broken: [BrokenPromise], timer: StepTimer
    ) async throws -> ItemOutcome {
        var timer = timer
        var broken = broken
        let manifest = received.manifest
        guard manifest.organisation == identity.organisation, let recipient = manifest.recipient(identity.device) else {
            try record(
                .badManifest, "the relay queued a message that is not for this device", message: manifest.message,
                parts: received.parts)
            return try passOver(received)
        }
        if let stored = try profile.store.look({ try $0.message(manifest.message.description) }) {
            return try await takeAgain(received, stored: stored, broken: broken)
        }
        guard let sealed = SealedItem(received.item, manifest: manifest, recipient: recipient) else {
            try record(
                .changedBytes, "the relay gave bytes that are not those of the manifest", message: manifest.message,
                parts: received.parts, occasion: received.note.hash.hex)
            return .heldBack
        }
        try await bringRosterUpTo(manifest.seen.roster.size, &broken)
        timer.note(.roster, "the roster of entry \(roster.size) is at hand, replayed from genesis")
        guard let sender = try checkManifest(received, broken: &broken) else { return try passOver(received) }
        await checkSeen(manifest, received, broken: &broken)
        timer.note(
            .manifest,
            broken.isEmpty
                ? "signature, rules and binding hold; entry \(received.index) of the activity log is proven"
                : "the sender's signature holds; not proven: \(broken.map(\.promise).joined(separator: ", "))")
        do {
            let opened = try open(
                sealed, manifest: manifest, recipient: recipient, senderKey: sender.key, timer: &timer)
            broken += try await checkOriginal(in: opened.content, received, timer: &timer)
            try storeOpened(received, opened, sender: sender, recipient: recipient, broken: broken, timer: &timer)
            try checkPrekeyUse(received, recipient)
        } catch let failure as Undecryptable {
            // Another process on this profile may have taken it in, and destroyed its prekey, in the meantime.
            if let stored = try profile.store.look({ try $0.message(manifest.message.description) }) {
                return try await takeAgain(received, stored: stored, broken: broken)
            }
            try quarantine(
                received, failure, sender: sender, recipient: recipient, broken: broken, timer: &timer)
        }
        return received.isProven ? .taken : .heldBack
    }

    /// Nothing of it can be shown; the queue goes on, and the evidence stays.
    private func passOver(_ received: ReceivedItem) throws -> ItemOutcome {
        guard received.isProven else { return .heldBack }
        try durably { step, _ in try step.advanceQueue(past: received.item.number, leaf: received.entry.leafHash) }
        return .taken
    }

    /// A stored message is never shown or receipted anew; a promise that was open may be kept by now.
    private func takeAgain(
        _ received: ReceivedItem, stored: MessageRow, broken: [BrokenPromise]
    ) async throws -> ItemOutcome {
        guard received.isProven else { return .heldBack }
        guard stored.number == received.item.number else {
            try record(
                .queueDiffers,
                "the relay gave item \(stored.number) of this device's queue again as item \(received.item.number)",
                message: received.manifest.message, parts: received.parts,
                occasion: "\(stored.number) \(received.item.number)")
            return .heldBack
        }
        let time = connection.clock.now()
        try durably { step, lines in
            if var details = MessageDetails(stored.details), details.broken.contains(where: { $0.promise == "log" }),
                details.manifestHash == received.note.hash.hex
            {
                var row = stored
                details.broken.removeAll { $0.promise == "log" }
                details.entryIndex = received.index
                row.details = details.bytes
                row.summary = MessageSummary(details).bytes
                try step.update(row)
                if try step.receipts(on: stored.id).isEmpty {
                    lines += try makeReceipt(
                        .delivered, reason: nil, details: details, message: received.manifest.message, at: time,
                        in: step)
                }
            }
            try step.advanceQueue(past: received.item.number, leaf: received.entry.leafHash)
        }
        return .taken
    }

    func bringRosterUpTo(_ size: UInt64, _ broken: inout [BrokenPromise]) async throws {
        guard size > roster.size else { return }
        do {
            try await refresh()
        } catch {
            let cause = DeviceKitError(describing: error)
            guard cause.code.rawValue != "update_needed" else { throw cause }
            broken.append(BrokenPromise("roster", uncompared: "the roster that the sender knew", error))
        }
    }

    /// The sender's device, when the signature is truly one of this organisation's; the rules at the manifest's place.
    func checkManifest(
        _ received: ReceivedItem, broken: inout [BrokenPromise]
    ) throws -> Device? {
        let manifest = received.manifest
        let size = min(manifest.seen.roster.size, roster.size)
        let view = roster.view(size: size, at: received.entry.time)
        guard let sender = self.view.device(manifest.sender),
            (try? received.note.verify(exactly: [NoteKey(device: sender.key)])) != nil
        else {
            try record(
                .badManifest, "the relay queued a message without a true signature of its sender",
                message: manifest.message, parts: received.parts)
            return nil
        }
        let reference = try profile.store.look { try self.reference(of: manifest, in: $0) }
        do {
            try ManifestRules.check(
                manifest, note: received.note, view: view, time: received.entry.time, reference: reference)
        } catch {
            broken.append(BrokenPromise("roster", "the relay logged a message that the rules forbid (\(error))"))
            try record(
                .badManifest, "the relay logged a message that the rules forbid (\(error))", message: manifest.message,
                parts: received.parts)
            return sender
        }
        if !mayHaveBeenInForce(size: manifest.seen.roster.size, at: received.entry.time) {
            broken.append(BrokenPromise("roster", "the message was logged under a roster that was no longer in force"))
            try record(
                .staleRoster, "the relay logged a message under a roster that was no longer in force",
                message: manifest.message, parts: received.parts + [("roster", checkpoints[.roster]!.note.bytes)])
        }
        return sender
    }

    /// What the sender had seen must be what we have.
    func checkSeen(_ manifest: Manifest, _ received: ReceivedItem, broken: inout [BrokenPromise]) async {
        do {
            for log in LogKind.allCases {
                let seen = manifest.seen[log]
                guard logKey(log).verifies(seen) else {
                    throw RuleViolation(.seenUnsigned, "seen \(log.rawValue) is not signed by this log")
                }
                guard try await isPrefix(seen, log) else {
                    try record(
                        .seenContradicts,
                        "the relay signed for the sender another \(log.rawValue) log than ours: two histories",
                        message: manifest.message,
                        parts: received.parts + [("ours", checkpoints[log]!.note.bytes)], log: log)
                    broken.append(BrokenPromise("seen", "the sender was shown another history than we were"))
                    return
                }
            }
        } catch {
            broken.append(BrokenPromise("seen", uncompared: "what the sender had seen", error))
        }
    }

    func isPrefix(_ seen: Seen, _ log: LogKind) async throws -> Bool {
        let known = checkpoints[log]!
        if log == .roster { return seen.size > roster.size || roster.root(size: seen.size) == seen.root }
        if seen.size == known.size { return seen.root == known.root }
        if let root = knownRoots[seen.size] { return root == seen.root }
        let (older, newer) =
            seen.size < known.size
            ? ((seen.size, seen.root), (known.size, known.root)) : ((known.size, known.root), (seen.size, seen.root))
        let proof = try await consistencyProof(log, from: older.0, to: newer.0)
        let holds = Proofs.isConsistent(
            first: older.0, firstRoot: older.1, second: newer.0, secondRoot: newer.1, proof: proof)
        if holds { knownRoots[seen.size] = seen.root }
        return holds
    }
}
