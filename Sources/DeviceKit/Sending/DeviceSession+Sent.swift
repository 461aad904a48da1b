import DeviceStorage
import Membership
import RelayAPI
import Secrets
import Statements

extension DeviceSession {
    /// Every message that this device sent, oldest first, with what verified receipts say.
    public func sentStates() throws -> [SentState] {
        try profile.store.look { store in try store.sentMessages().compactMap { try state(of: $0, in: store) } }
    }

    /// One sent message; its id may be shortened.
    public func sentState(_ prefix: String) throws -> SentState {
        try profile.store.look { store in
            // Nothing names nothing, however many there are.
            let ids =
                prefix.isEmpty
                ? [] : try store.sentIDs(beginningWith: MessageID.beginning(prefix), limit: Candidates.limit)
            guard ids.count == 1, let row = try store.sent(ids[0]),
                let state = try state(of: row, in: store)
            else {
                guard ids.count < 2 else { throw try ambiguous(ids, in: store) }
                throw DeviceKitError(
                    "no_such_message", .notFound, "this device sent no such message",
                    next: "look at the ids with \"nightbell sent\"")
            }
            return state
        }
    }

    private func ambiguous(_ ids: [String], in store: some StoreReading) throws -> DeviceKitError {
        let candidates = try ids.compactMap { id in
            try store.sent(id).flatMap { try state(of: $0, in: store) }.map { state in
                Candidates.words(
                    id, state.urgency, "to", view.member(state.member)?.name.description, state.at)
            }
        }
        return Candidates.error("several sent messages' ids begin so", candidates, list: "sent")
    }

    private func state(of row: SentRow, in store: some StoreReading) throws -> SentState? {
        guard let id = MessageID(row.id), let draft = Draft(row.draft) else { return nil }
        let envelope = try row.envelope.map { try Envelope(parsing: $0) }
        let facts = try store.notices(on: row.id).compactMap { try fact($0) }
        let thread = try sentThread(of: row.id, in: store)
        let base = [SentStates.sealed: "pending", SentStates.drafted: "pending", SentStates.refused: "refused"][
            row.state]
        var state = SentState(
            message: id, member: draft.member, urgency: draft.urgency,
            at: envelope?.manifest.at ?? Timestamp(milliseconds: row.created), expires: envelope?.manifest.expires,
            manifestHash: envelope?.note.hash.hex, index: row.index,
            state: base ?? MessageProgress.furthest(facts.map(\.action)), facts: facts,
            devices: envelope?.manifest.recipients.map(\.device) ?? [], reference: draft.reference,
            forwards: thread.forwards, replies: thread.replies)
        state.isDealtWith = try isDealtWith(state, in: store)
        state.isMootHandOff = try isMoot(state, in: store)
        return state
    }

    func fact(_ notice: NoticeRow) throws -> SentFact? {
        let entry = try Entry(parsing: notice.entry)
        switch try ActivityStatement(parsing: entry.body) {
        case .receipt(let receipt, _):
            return SentFact(
                action: receipt.action.rawValue, reason: receipt.reason?.rawValue, device: receipt.device,
                member: view.device(receipt.device)?.member, at: receipt.at, index: notice.index)
        case .event(let event):
            switch event.kind {
            case .undeliverable(let device, _, let reason):
                return SentFact(
                    action: "undeliverable", reason: reason.rawValue, device: device,
                    member: view.device(device)?.member, at: entry.time, index: notice.index)
            case .unanswered:
                return SentFact(
                    action: "unanswered", reason: nil, device: nil, member: nil, at: entry.time, index: notice.index)
            case .roster, .served, .fallback, .pushed, .subscription: return nil
            }
        case .manifest, .access: return nil
        }
    }

    /// A message that carries one of our member's on, at its place.
    private func verify(forward manifest: Manifest, note: SignedNote, at time: Timestamp) throws(RuleViolation) {
        let reference = (try? profile.store.look { try self.reference(of: manifest, in: $0) }) ?? .notShown
        let size = min(manifest.seen.roster.size, roster.size)
        try ManifestRules.check(
            manifest, note: note, view: roster.view(size: size, at: time), time: time, reference: reference)
    }

    /// Verifies a notice about one of our member's messages: the receipt's signature and rights at its place.
    ///
    /// The message may have been sent from another device of this member: then there is nothing here to hold it against
    /// but its own manifest hash, and it is kept for what it is.
    func verify(notice statement: ActivityStatement, at time: Timestamp) throws(RuleViolation) {
        if case .manifest(let manifest, let note) = statement {
            return try verify(forward: manifest, note: note, at: time)
        }
        guard case .receipt(let receipt, let note) = statement else { return }
        let sent = try? profile.store.look { try knownManifest(receipt.message, in: $0) }
        let view = view(inForceAt: time)
        if let sent {
            try ReceiptRules.check(
                receipt, note: note, subject: ReceiptRules.Subject(sent.manifest, hash: sent.note.hash), view: view,
                chain: ReceiptRules.Chain(number: receipt.number - 1, last: receipt.previous))
        } else {
            guard let device = view.liveDevice(receipt.device) else {
                throw RuleViolation(.unknown, "the receipting device")
            }
            do { try note.verify(exactly: [NoteKey(device: device.key)]) } catch {
                throw RuleViolation(.badSignature, "the receipt's signature")
            }
        }
    }
}
