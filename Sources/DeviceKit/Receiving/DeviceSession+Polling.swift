import DeviceStorage
import RelayAPI
import Statements

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
        var taken = try await takeMissing(take)
        var heldBack = 0
        let start = try profile.store.look { try $0.queuePosition() }.number
        var given = start
        var promised: Head.DeviceState?
        while true {
            let known = checkpoints
            let answer = try await connection.answer(
                to: .get(APIPath.inbox, query: [("after", "\(given)")] + knownSizes),
                signer: signer, as: InboxAnswer.self)
            promised = try await absorbPresent(answer.head, askedWith: known)
            for item in answer.items {
                try passOverGap(before: item.number, after: given, answer.head)
                switch try await take(item) {
                case .taken: taken += 1
                case .heldBack: heldBack += 1
                }
                if item.number <= Self.largestItemNumber { given = max(given, item.number) }
            }
            try await postReceiptsOrRemark()
            guard answer.more, !answer.items.isEmpty else {
                // The head was made before the items were looked up: everything that it counts must have been given.
                if !answer.more, let promised {
                    try passOverGap(before: promised.lastNumber + 1, after: given, answer.head)
                }
                break
            }
        }
        if heldBack == 0, let promised, try checkQueue(promised, before: start) {
            taken += try await takeMissing(take)
            try await postReceiptsOrRemark()
        }
        return PollResult(taken: taken, heldBack: heldBack)
    }

    // MARK: What is stored

    /// Every received message, oldest first.
    public func inbox() throws -> [InboxMessage] {
        try profile.store.look { store in try store.messages().map { try inboxMessage($0, in: store) } }
    }

    /// One received message; its id may be shortened.
    public func inboxMessage(_ prefix: String) throws -> InboxMessage {
        try profile.store.look { store in
            // Nothing names nothing, however many there are.
            let ids = prefix.isEmpty ? [] : try store.messageIDs(beginningWith: prefix, limit: 2)
            guard ids.count == 1, let row = try store.message(ids[0]) else {
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
                // What is said here and not yet logged counts for nobody: a person who has answered must not read that the
                // sender knows.
                MessageProgress.furthest(
                    receipts.filter { $0.proof != nil }.map(\.action) + (try answers(on: row.id, in: store)))
            }
        return InboxMessage(
            message: id, state: state, urgency: details.urgency, sender: details.sender, member: details.member,
            at: details.at, expires: details.expires, content: row.content, broken: details.broken,
            quarantine: details.quarantine, manifestHash: details.manifestHash, index: details.entryIndex)
    }
}
