import DeviceStorage
import RelayAPI
import Secrets
public import Statements

/// What became of a hand-off.
public struct HandedOff: Sendable {
    /// The message that carries the original on.
    public let sent: SentMessage
    /// The place of the `handed_off` receipt; `nil` while the relay has not proven it.
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
    /// step that stores the proof. A crash at any point repeats; the same hand-off twice is one.
    public func handOff(_ message: MessageID, to member: MemberID, words: String? = nil) async throws -> HandedOff {
        try await refresh()
        try checkNotRevoked()
        try checkIsSomebodyElse(member)
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
        let index = try profile.store.look { try $0.receipts(on: message.description) }
            .last { $0.action == ReceiptAction.handedOff.rawValue }?.index
        return HandedOff(sent: sent, index: index, waiting: nil, isProvable: isProvable, attachments: attachments)
    }

    /// What carries a message on that was handed on from here, the last one if it went through more hands; `nil` while none
    /// is accepted, and for a hand-off by another device of this member that this one has not heard of.
    public func forward(of message: MessageID) throws -> SentForward? {
        try profile.store.look { try sentThread(of: message.description, in: $0).forwards.last }
    }

    func checkIsSomebodyElse(_ member: MemberID) throws(DeviceKitError) {
        guard member != identity.member else {
            throw DeviceKitError(
                "to_oneself", .usage, "the message is yours already", next: "hand it to somebody else with --to")
        }
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
            let row = try step.message(original.description), let details = MessageDetails(row.details),
            try step.receipts(on: row.id).allSatisfy({ $0.action != ReceiptAction.handedOff.rawValue })
        else { return [] }
        return try makeReceipt(.handedOff, reason: nil, details: details, message: original, at: time, in: step)
    }
}
