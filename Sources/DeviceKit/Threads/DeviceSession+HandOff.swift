import DeviceStorage
import Membership
import RelayAPI
import Secrets
public import Statements

/// What became of a hand-off.
public struct HandedOff: Sendable {
    /// The message that carries the original on.
    public let sent: SentMessage
    /// The place of this hand-off's own `handed_off` receipt; `nil` while the relay has not proven it.
    public let index: UInt64?
    /// Why the receipt waits here.
    public let waiting: DeviceKitError?
    /// Whether the original could be given with what shows that it is its sender's.
    public let isProvable: Bool
    /// How many attachments of the original did not travel.
    public let attachments: Int
}

extension DeviceSession {
    /// Seals a received message anew to somebody else, and says so of the original once the new message is accepted.
    ///
    /// Until the relay has proven the new message's place, the original stays one's own: the receipt is made in the very
    /// step that stores the proof. A crash at any point repeats; the same hand-off twice is one, but not to somebody who
    /// has turned it down, or whom nothing reaches any more.
    public func handOff(_ message: MessageID, to member: MemberID, words: String? = nil) async throws -> HandedOff {
        try await refresh()
        try checkNotRevoked()
        try checkCanTake(message, member, words: words)
        let (draft, isProvable, attachments) = try profile.store.look {
            try self.draft(handing: message, to: member, words, in: $0)
        }
        let sent = try await send(draft)
        do {
            try await postReceipts()
        } catch {
            let cause = (error as? RelayRefusal).map { learn(from: $0.problem) } ?? DeviceKitError(describing: error)
            try checkNotRevoked()
            return HandedOff(sent: sent, index: nil, waiting: cause, isProvable: isProvable, attachments: attachments)
        }
        let index = try profile.store.look { try self.handOffReceipt(of: sent.message, from: message, in: $0) }?.index
        return HandedOff(sent: sent, index: index, waiting: nil, isProvable: isProvable, attachments: attachments)
    }

    /// All that carry on a message that was handed on from here, through whatever hands, in the order of the log. None while none is
    /// accepted; of a hand-off by another device of this member what this one has heard of.
    public func forwards(of message: MessageID) throws -> [SentForward] {
        try profile.store.look { try sentThread(of: message.description, in: $0).forwards }
    }

    /// The message that is to hand another to this member and waits here to be sent; `nil` when nothing of it is kept.
    public func waitingHandOff(_ message: MessageID, to member: MemberID) throws -> MessageID? {
        try waiting(for: try profile.store.look { try draft(handing: message, to: member, nil, in: $0).0 })
    }

    func checkIsSomebodyElse(_ member: MemberID) throws(DeviceKitError) {
        guard member != identity.member else {
            throw DeviceKitError(
                "to_oneself", .usage, "the message is yours already", next: "hand it to somebody else with --to")
        }
    }

    /// How it stands with a member to whom a message was handed from here; `nil` while the relay has not proven that it was.
    public func handedOff(_ message: MessageID, to member: MemberID) throws -> SentForward? {
        try forwards(of: message).last { $0.from == identity.member && $0.to == member }
    }

    /// The members to whom a message was handed from here, and who declined it when they were handed it last.
    public func whoDeclined(_ message: MessageID) throws -> Set<MemberID> {
        var states: [MemberID: String] = [:]
        for forward in try forwards(of: message) where forward.from == identity.member {
            states[forward.to] = forward.state
        }
        return Set(states.filter { $0.value == "declined" }.keys)
    }

    /// Whether a member can still take what is handed to them: what was handed to them before does not change it.
    /// - Parameters:
    ///   - words: What is to go with it. Other words than those that went before would not go.
    ///   - isAnew: Whether somebody means to hand it on once more, and does not repeat what may have been interrupted.
    public func checkCanTake(
        _ message: MessageID, _ member: MemberID, words: String? = nil, isAnew: Bool = false
    ) throws {
        try checkIsSomebodyElse(member)
        let earlier = try handedOff(message, to: member)
        let name = view.displayName(of: member)
        guard !view.liveDevices(of: member).isEmpty else {
            let before = earlier.map {
                ", and what you handed them at \(WallClock.here.moment($0.at)) does not reach them"
            }
            let why =
                view.member(member)?.status == .suspended
                ? "is suspended"
                : view.hasEverHadDevice(member)
                    ? "has no device left that could receive anything" : "has not joined with a device yet"
            throw DeviceKitError(
                "no_device", .failed, "\(name) \(why)\(before ?? "")",
                next: "hand it to somebody else, or telephone \(name); an admin can invite a device for them")
        }
        guard let earlier else { return }
        let since = WallClock.here.moment(earlier.at)
        guard earlier.state != ReceiptAction.declined.rawValue else {
            throw DeviceKitError(
                "declined_before", .refused,
                "you handed it to \(name) at \(since), who DECLINED it: nothing is sent again",
                next: "hand it to somebody else, or agree with \(name) by telephone")
        }
        guard try isAnew || words.map({ try $0 != self.words(of: earlier) }) ?? false else { return }
        throw DeviceKitError(
            "handed_on_before", .refused,
            "NOTHING WAS SENT\(words == nil ? "" : ", and your words neither"): you handed it to \(name) at \(since) already, "
                + Self.whatBecame(ofStateNamed: earlier.state),
            next: "telephone \(name), or hand it to somebody else")
    }

    static func whatBecame(ofStateNamed state: String) -> String {
        switch ReceiptAction(rawValue: state) {
        case .acknowledged: "who took it up"
        case .closed: "who CLOSED it"
        case .handedOff: "who handed it on"
        default: "who has not taken it up"
        }
    }

    /// What was said with a message that was handed on from here.
    private func words(of forward: SentForward) throws -> String? {
        let row = try profile.store.look { try $0.sent(forward.message.description) }
        guard case .handOff(let handOff)? = row.flatMap({ Draft($0.draft) })?.content else { return nil }
        return handOff.text
    }

    /// What says of a received message that one which was sent from here carries it on. Each that does has its own receipt,
    /// made in the step in which it was accepted: in the same order.
    private func handOffReceipt(
        of forward: MessageID, from original: MessageID, in store: some StoreReading
    ) throws -> ReceiptRow? {
        let root = try store.link(of: original.description)?.root ?? original.description
        let sent = try store.links(ofThread: root).filter { $0.isForward && $0.parent == original.description }
            .compactMap { try store.sent($0.message) }.filter { $0.index != nil }
            .sorted { ($0.index ?? 0) < ($1.index ?? 0) }
        let receipts = try store.receipts(on: original.description)
            .filter { $0.action == ReceiptAction.handedOff.rawValue }
        guard let place = sent.firstIndex(where: { $0.id == forward.description }), place < receipts.count else {
            return nil
        }
        return receipts[place]
    }

    /// What a hand-off is to say: the original, and what shows whose it is.
    func draft(
        handing message: MessageID, to member: MemberID, _ words: String?, in store: some StoreReading
    ) throws -> (Draft, isProvable: Bool, attachments: Int) {
        guard let row = try store.message(message.description), let details = MessageDetails(row.details),
            let item = try? APIJSON.decode(QueueItem.self, from: row.envelope)
        else {
            throw DeviceKitError(
                "no_such_message", .notFound, "this device has no such message",
                next: "look at the ids with \"nightbell inbox\"")
        }
        guard details.quarantine == nil, let plaintext = row.content,
            let content = String(validating: plaintext, as: UTF8.self),
            let sealed = item.content.flatMap({ Base64.decode(Array($0.utf8)) })
        else {
            throw DeviceKitError(
                "quarantined", .refused, "the message does not open here, so there is nothing to hand off",
                next: "call the sender, and the one who shall have it, by telephone")
        }
        let key = try store.withMessageKey(message.description) { Base64.encode($0.exposed()) }
        let handOff = HandOff(
            text: words, entry: item.entry.entry, proof: item.entry.proof, key: key,
            nonce: Base64.encode(Array(sealed.prefix(HandOff.nonceByteCount))), content: content)
        let life = details.expires.milliseconds(since: details.at) / 1000
        let draft = Draft(
            member: member, urgency: details.urgency, lifeSeconds: UInt64(clamping: life),
            content: try MessageContent(handOff), patient: MessageContent.handOff(handOff).patientID,
            reference: .forwardOf(message))
        return (draft, key != nil, handOff.manifest?.attachments.count ?? 0)
    }

    /// The relay has the message that carries another on: now, and not before, that one is handed off.
    func makeHandedOff(_ sent: SentRow, at time: Timestamp, in step: StoreStep) throws -> [StepLine] {
        guard case .forwardOf(let original)? = Draft(sent.draft)?.reference,
            let row = try step.message(original.description), let details = MessageDetails(row.details)
        else { return [] }
        return try makeReceipt(.handedOff, reason: nil, details: details, message: original, at: time, in: step)
    }
}
