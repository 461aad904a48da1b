import DeviceStorage
public import Membership
import Secrets
public import Statements

/// What became of a person's step on a message.
public struct Answered: Sendable {
    /// The receipt's place in the activity log; `nil` while the relay has not proven it.
    public let index: UInt64?
    /// The sealed words that went with it; `nil` when there were none, or while they wait here.
    public let reply: SentMessage?
    /// Why the words were not sent.
    public let waiting: DeviceKitError?
    /// Whether they never will be; otherwise they wait here.
    public let areWordsRefused: Bool

    init(index: UInt64?, reply: SentMessage? = nil, waiting: DeviceKitError? = nil, areWordsRefused: Bool = false) {
        (self.index, self.reply, self.waiting) = (index, reply, waiting)
        self.areWordsRefused = areWordsRefused
    }
}

extension DeviceSession {
    /// Signs a person's step on a message and, where there are words to it, queues them in the same step, sealed to whoever
    /// waits for the answer. The same step and words twice are one receipt and one reply.
    ///
    /// The receipt is posted first. Both are stored before anything leaves, so that a crash at any point repeats, and
    /// neither is lost or doubled.
    public func answer(
        _ action: ReceiptAction, reason: ReceiptReason?, words: Reply?, on message: MessageID
    ) async throws -> Answered {
        var queued: SentRow?
        let index = try await receipt(action, reason: reason, on: message) { step, receipt in
            guard let words else { return }
            queued = try self.queue(words.belonging(to: receipt), on: message, in: step)
        }
        guard let queued else { return Answered(index: index) }
        do {
            try await refresh()
            let sent = try await carry(queued, wasSentBefore: false)
            return Answered(index: index, reply: sent)
        } catch {
            let cause = (error as? RelayRefusal).map { learn(from: $0.problem) } ?? DeviceKitError(describing: error)
            try checkNotRevoked()
            let isRefused = try profile.store.look({ try $0.sent(queued.id) })?.state == SentStates.refused
            return Answered(index: index, waiting: cause, areWordsRefused: isRefused)
        }
    }

    func queue(_ words: Reply, on message: MessageID, in step: StoreStep) throws -> SentRow {
        let member = try isDecline(words, of: message, in: step) ? try whoAsked(message, in: step) : nil
        return try keep(try draft(of: MessageContent(words), answering: message, to: member, in: step), in: step)
    }

    /// Who gets the words that go with an answer, and waits for it; `nil` when nobody can have them any more.
    public func whoGetsWords(with action: ReceiptAction, on message: MessageID) throws -> Member? {
        if action == .declined, let asker = try profile.store.look({ try whoAsked(message, in: $0) }) {
            return view.member(asker)
        }
        return try whoGetsReply(to: message)
    }

    /// Whether words go with a no.
    private func isDecline(_ words: Reply, of message: MessageID, in store: some StoreReading) throws -> Bool {
        guard let hash = words.receipt else { return false }
        return try store.receipts(on: message.description)
            .contains { $0.action == ReceiptAction.declined.rawValue && Digest($0.hash) == hash }
    }

    /// Whose message it is again after a no: its sender's, also when others sent it before; `nil` when words reach them no more.
    private func whoAsked(_ message: MessageID, in store: some StoreReading) throws -> MemberID? {
        guard let sender = try knownManifest(message, in: store)?.manifest.sender,
            let asker = view.device(sender).flatMap({ view.member($0.member) }), asker.id != identity.member,
            asker.status == .active, !view.liveDevices(of: asker.id).isEmpty,
            let own = view.member(identity.member), view.mayWrite(from: own, to: asker)
        else { return nil }
        return asker.id
    }

    /// Answers a message with words of one's own.
    /// - Parameter member: Somebody whom the message concerns; whoever waits for the answer when `nil`.
    public func reply(_ text: String, to message: MessageID, member: MemberID? = nil) async throws -> SentMessage {
        let content = try MessageContent(Reply(text: text))
        return try await send(try profile.store.look { try draft(of: content, answering: message, to: member, in: $0) })
    }

    /// The reply of these words that waits here to be sent; `nil` when nothing of it is kept.
    public func waitingReply(_ text: String, to message: MessageID, member: MemberID? = nil) throws -> MessageID? {
        let content = try MessageContent(Reply(text: text))
        return try waiting(
            for: try profile.store.look { try draft(of: content, answering: message, to: member, in: $0) })
    }

    /// A reply to a message that this device received, or sent itself.
    func draft(
        of content: MessageContent, answering message: MessageID, to member: MemberID?, in store: some StoreReading
    ) throws -> Draft {
        guard let known = try knownManifest(message, in: store)?.manifest else {
            throw DeviceKitError(
                "no_such_message", .notFound, "this device has no such message",
                next: "look at the ids with \"nightbell inbox\"")
        }
        let original = try store.message(message.description)?.content.flatMap { MessageContent(plaintext: $0) }
        let answered: (message: MessageID, member: MemberID)?
        if let member {
            answered = (try messageToAnswer(known, for: member, in: store), member)
        } else {
            answered = try whoGetsReply(to: known, original, in: store)
        }
        guard let (answers, addressed) = answered else {
            throw DeviceKitError(
                "no_such_member", .notFound, "the message's sender is no member any more", next: "call by telephone")
        }
        // Where it cannot be told here, the relay tells.
        if let concerned = try concerns(addressed, known, in: store), !concerned, answers == message {
            throw DeviceKitError(
                "not_concerned", .refused,
                "\(view.member(addressed)?.name.description ?? "the member") neither sent nor has that message",
                next: "write to them with \"nightbell send\", or hand the message off")
        }
        guard addressed != identity.member else {
            throw DeviceKitError(
                "to_oneself", .usage, "the reply would go to yourself", next: "name somebody else with --to")
        }
        return Draft(
            member: addressed, urgency: known.urgency, lifeSeconds: nil, content: content,
            patient: original?.patientID, reference: .inReplyTo(answers))
    }

    /// To whom a reply goes when nobody is named, and which message it answers.
    func whoGetsReply(
        to known: Manifest, _ content: MessageContent?, in store: some StoreReading
    ) throws -> (message: MessageID, member: MemberID)? {
        guard known.sender == identity.device || view.device(known.sender)?.member == identity.member else {
            return whoWaits(for: known, content).map { (known.message, $0) }
        }
        // A word more on one's own message goes to the one who has it.
        let id = known.message.description
        let state = MessageProgress.furthest(try store.notices(on: id).compactMap { try fact($0)?.action })
        let holding = SentForward.inHand(of: state, try sentThread(of: id, in: store).forwards)
        return (holding?.message ?? known.message, holding?.to ?? known.member)
    }

    /// What a reply to a member answers: the message itself, or what carries it on to one whom itself does not concern.
    private func messageToAnswer(
        _ known: Manifest, for member: MemberID, in store: some StoreReading
    ) throws -> MessageID {
        guard try concerns(member, known, in: store) == false else { return known.message }
        let forwards = try sentThread(of: known.message.description, in: store).forwards
        return forwards.last { $0.to == member }?.message ?? known.message
    }

    /// Whether a member sent or has a message; `nil` where it cannot be told here.
    private func concerns(_ member: MemberID, _ known: Manifest, in store: some StoreReading) throws -> Bool? {
        try senders(of: known, in: store).map { ReferredMessage(known, senders: $0).concerns(member) }
    }

    /// Who waits for the answer to a message: its sender or, when it was handed on, the one who sent it first.
    private func whoWaits(for manifest: Manifest, _ content: MessageContent?) -> MemberID? {
        var first = manifest.sender
        var content = content
        while case .handOff(let handOff)? = content, let carried = handOff.manifest {
            first = carried.sender
            content = handOff.original
        }
        for device in [first, manifest.sender] {
            if let member = view.device(device)?.member, member != identity.member,
                view.member(member)?.status == .active, !view.liveDevices(of: member).isEmpty
            {
                return member
            }
        }
        return view.device(manifest.sender)?.member
    }
}
