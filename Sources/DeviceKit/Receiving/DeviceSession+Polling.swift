import DeviceStorage
import RelayAPI
import Secrets
import Statements
import TransparencyLog

extension DeviceSession {
    /// What one poll gave.
    public struct PollResult: Sendable {
        /// How many items were taken in.
        public let taken: Int
        /// Items that the relay must give again, for what it gave was not what it must be.
        public let heldBack: Int
    }

    /// Fetches what waits, takes it in, posts the receipts, and checks that the queue adds up to the signed head.
    public func poll() async throws -> PollResult {
        try checkNotRevoked()
        var taken = 0
        var heldBack = 0
        var after = try profile.store.look { try $0.queuePosition() }.number
        while true {
            let answer = try await connection.answer(
                to: .get(APIPath.inbox, query: [("after", "\(after)")] + knownSizes),
                signer: signer, as: InboxAnswer.self)
            try await absorbPresent(answer.head)
            for item in answer.items {
                if item.number != after + 1 { try skipGap(to: item, answer.head) }
                switch try await take(item) {
                case .taken: taken += 1
                case .heldBack: heldBack += 1
                }
                after = max(after, item.number)
            }
            try await postReceiptsOrRemark()
            guard answer.more, !answer.items.isEmpty else { break }
        }
        if heldBack == 0 { try checkQueue() }
        return PollResult(taken: taken, heldBack: heldBack)
    }

    /// Takes a head in; what is wrong with it is recorded and does not stop receiving.
    func absorbPresent(_ answer: HeadAnswer) async throws {
        do {
            try await absorb(answer)
        } catch let error as DeviceKitError where error.category == .verification {
            observer.remark("the relay's word on the present is not believed: \(error.message)")
        }
    }

    /// Items that the relay does not give: said, kept as evidence, and passed over, for what comes after must be read.
    func skipGap(to item: QueueItem, _ head: HeadAnswer?) throws {
        let position = try profile.store.look { try $0.queuePosition() }
        guard item.number > position.number + 1 else { return }
        try record(
            .queueGap,
            "the relay did not give items \(position.number + 1) to \(item.number - 1) of this device's queue",
            parts: [
                ("item", Array(item.entry.entry.utf8)), ("proof", Array(item.entry.proof.utf8)),
                ("head", Array((head?.head ?? "").utf8)),
            ])
        try profile.store.step { step in try step.skipQueue(to: item.number - 1) }
    }

    /// The queue as far as it was taken in against the signed head's number and running hash.
    private func checkQueue() throws {
        guard let device = present?.head.device else { return }
        let position = try profile.store.look { try $0.queuePosition() }
        guard position.number == device.lastNumber, let hash = position.hash, hash != device.runningHash else { return }
        let head = try profile.store.look { try $0.heads(limit: 1) }.first ?? []
        try record(
            .queueDiffers, "the items of the queue do not give the running hash that the relay signed",
            parts: [("head", head), ("position", Array("\(position.number) \(hash)".utf8))])
    }

    // MARK: What is stored

    /// Every received message, oldest first.
    public func inbox() throws -> [InboxMessage] {
        try profile.store.look { store in try store.messages().map { try inboxMessage($0, in: store) } }
    }

    /// One received message; its id may be shortened.
    public func inboxMessage(_ prefix: String) throws -> InboxMessage {
        try profile.store.look { store in
            let ids = try store.messageIDs(beginningWith: prefix, limit: 2)
            guard !prefix.isEmpty, ids.count == 1, let row = try store.message(ids[0]) else {
                throw DeviceKitError(
                    ids.count > 1 ? "ambiguous_message" : "no_such_message", .notFound,
                    ids.count > 1 ? "several messages' ids begin so" : "this device has no such message",
                    next: "look at the ids with \"nightbell inbox\"")
            }
            return try inboxMessage(row, in: store)
        }
    }

    private func inboxMessage(_ row: MessageRow, in store: some StoreReading) throws -> InboxMessage {
        guard let id = MessageID(row.id), let details = MessageDetails(row.details) else {
            throw DeviceStorageError(.unusable, place: "message")
        }
        let receipts = try store.receipts(on: row.id)
        let state =
            if details.quarantine != nil {
                "quarantined"
            } else {
                MessageProgress.furthest(
                    receipts.filter { $0.action != ReceiptAction.delivered.rawValue || $0.proof != nil }.map(\.action)
                        + (try answers(on: row.id, in: store)))
            }
        return InboxMessage(
            message: id, state: state, urgency: details.urgency, sender: details.sender, member: details.member,
            at: details.at, expires: details.expires, content: row.content, broken: details.broken,
            quarantine: details.quarantine, manifestHash: details.manifestHash, index: details.entryIndex)
    }
}
