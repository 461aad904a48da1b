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
        _ = try await compareAgain()
        return PollResult(taken: taken, heldBack: heldBack)
    }
}
