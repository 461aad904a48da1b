import DeviceStorage
public import Membership
public import Statements

/// Words and hand-offs that are stored here first, and posted by whoever is connected: whoever shows a screen waits for
/// nobody.
extension DeviceSession {
    /// Signs a person's step on a message and, in the same step, keeps the words that go with it. Asks nobody.
    /// - Returns: What will carry the words; `nil` when there are none.
    public func sign(
        _ action: ReceiptAction, reason: ReceiptReason?, words: Reply?, on message: MessageID
    ) throws -> KeptMessage? {
        var queued: SentRow?
        try sign(action, reason: reason, on: message) { step, receipt in
            guard let words else { return }
            queued = try self.queue(words.belonging(to: receipt), on: message, in: step)
        }
        return try queued.map { try Self.kept($0) }
    }

    /// Keeps a reply to whoever waits for the answer. Asks nobody.
    /// - Returns: What will carry it; the same for the same words while they wait here.
    public func keepReply(_ text: String, to message: MessageID) throws -> KeptMessage {
        try checkNotRevoked()
        let words = try Reply(text: text)
        return try Self.kept(try profile.store.step { step in try self.queue(words, on: message, in: step) })
    }

    /// Keeps a hand-off; the message stays one's own until the relay has proven that the other has it. Asks nobody.
    public func keepHandOff(
        _ message: MessageID, to member: MemberID, words: String? = nil
    ) throws -> KeptMessage {
        try checkNotRevoked()
        try checkCanTake(message, member, words: words, isAnew: true)
        return try Self.kept(
            try profile.store.step { step in
                let (draft, _, _) = try self.draft(handing: message, to: member, words, in: step)
                return try self.keep(draft, in: step)
            })
    }

    /// A draft in the outbox; the one that is there already when it means the same.
    func keep(_ draft: Draft, in step: StoreStep) throws -> SentRow {
        if let row = try repeated(draft, in: step) { return row }
        let now = connection.clock.now()
        let row = SentRow(
            id: MessageID.make(at: now).description, created: now.milliseconds, state: SentStates.drafted,
            draft: draft.bytes, envelope: nil)
        try put(row, draft, in: step)
        return row
    }

    private static func kept(_ row: SentRow) throws -> KeptMessage {
        guard let id = MessageID(row.id), let kept = Draft(row.draft).flatMap({ KeptMessage(id, $0) }) else {
            throw DeviceStorageError(.unusable, place: "sent")
        }
        return kept
    }

    /// Everything that is kept, oldest first.
    public func keptMessages() throws -> [KeptMessage] {
        try profile.store.look { try $0.sentMessages(in: SentStates.drafted) + $0.sentMessages(in: SentStates.sealed) }
            .compactMap { row in
                guard let id = MessageID(row.id), let draft = Draft(row.draft) else { return nil }
                return KeptMessage(id, draft)
            }
            .sorted { $0.message < $1.message }
    }

    public func outcome(of kept: MessageID) throws -> KeptOutcome {
        guard let row = try profile.store.look({ try $0.sent(kept.description) }) else { return .renamed }
        switch row.state {
        case SentStates.accepted, SentStates.reported: return .sent(index: row.index ?? 0)
        case SentStates.refused: return .refused
        default: return .kept
        }
    }

    /// Takes a kept message to the relay, and says of a message that it was handed off once the other one has it. What
    /// another process has in hand is left to it.
    public func post(kept message: MessageID) async throws {
        try await refresh()
        try checkNotRevoked()
        guard let row = try profile.store.look({ try $0.sent(message.description) }) else { return }
        do {
            _ = try await carry(row, wasSentBefore: true)
        } catch let error as DeviceStorageError where error.code == .busy {
            return
        }
        if case .forwardOf? = Draft(row.draft)?.reference { try await postReceipts() }
    }

    // MARK: Who it concerns

    /// To whom a reply to a message goes; `nil` when nobody can have it any more.
    public func whoGetsReply(to message: MessageID) throws -> Member? {
        try profile.store.look { store in
            guard let known = try knownManifest(message, in: store)?.manifest else { return nil }
            let content = try store.message(message.description)?.content.flatMap { MessageContent(plaintext: $0) }
            return try whoGetsReply(to: known, content, in: store).flatMap { view.member($0.member) }
        }
    }

    /// Who can be handed a message, by name: everybody that one may write to and that has a device, but its sender.
    public func colleagues(for message: MessageID) throws -> [Member] {
        guard let own = view.member(identity.member) else { return [] }
        let known = try profile.store.look { try knownManifest(message, in: $0)?.manifest }
        let sender = known.flatMap { view.device($0.sender)?.member }
        return view.members.filter { member in
            member.id != own.id && member.id != sender && member.status == .active
                && view.mayWrite(from: own, to: member)
                && !ManifestRules.requiredDevices(for: member.id, view: view).isEmpty
        }
        .sorted { ($0.name.description, $0.id) < ($1.name.description, $1.id) }
    }
}
