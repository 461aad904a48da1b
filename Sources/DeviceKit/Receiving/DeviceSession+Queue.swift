import DeviceStorage
import RelayAPI
import Secrets
import Statements
import TransparencyLog

extension DeviceSession {
    /// No queue has more items: integers of the protocol are below 2^53.
    static let largestItemNumber: UInt64 = 1 << 53 - 1

    /// Asks again for what was passed over, before anything else: a later question would let notices go that it names.
    /// - Parameter take: Takes an item in. Its receipt is the caller's to post.
    /// - Returns: How many items were taken in.
    func takeMissing(_ take: (QueueItem) async throws -> ItemOutcome) async throws -> Int {
        let missing = try profile.store.look { try $0.missingItems() }
        guard let first = missing.first, let last = missing.last else { return 0 }
        var taken = 0
        var after = first - 1
        while true {
            let known = checkpoints
            let answer = try await connection.answer(
                to: .get(APIPath.inbox, query: [("after", "\(after)")] + knownSizes), signer: signer,
                as: InboxAnswer.self)
            _ = try await absorbPresent(answer.head, askedWith: known)
            for item in answer.items where missing.contains(item.number) {
                if try await take(item) == .taken { taken += 1 }
            }
            guard answer.more, let next = answer.items.last?.number, next > after, next < last else { return taken }
            after = next
        }
    }

    /// Items between two that were given, or behind the last one, that the relay says there are and does not give: said,
    /// kept as evidence, and passed over, for what comes after must be read.
    /// - Parameters:
    ///   - next: The number of the next item that was given, or the one after the last that there is.
    ///   - given: The number of the last item that was given.
    func passOverGap(before next: UInt64, after given: UInt64, _ head: HeadAnswer?) throws {
        // Another process on this profile may have taken them in meanwhile.
        let position = try profile.store.look { try $0.queuePosition() }
        let first = max(given, position.number) + 1
        guard first < next, next <= Self.largestItemNumber else { return }
        try record(
            .queueGap, "the relay did not give items \(first) to \(next - 1) of this device's queue",
            parts: [
                ("head", try head.map { Array($0.head.utf8) } ?? lastHead()),
                ("position", Array("\(position.number) \(position.hash?.hex ?? "unknown")".utf8)),
            ], occasion: "\(first) \(next - 1)")
        try profile.store.step { step in try step.passOver(to: next - 1) }
    }

    /// The queue as far as it was taken in, against the signed head's number and running hash.
    /// - Parameter before: The position before anything was asked, where that is known: the relay cannot have fewer items.
    /// - Returns: Whether they differ: then everything since they last agreed is missing, and to be asked for again.
    func checkQueue(_ device: Head.DeviceState, before: UInt64 = 0) throws -> Bool {
        let (position, missing) = try profile.store.look { (try $0.queuePosition(), try $0.missingItems()) }
        let doubtful = missing.confirmed < device.lastNumber ? missing.confirmed + 1...device.lastNumber : nil
        if before > device.lastNumber, before == position.number {
            try record(
                .queueDiffers,
                "the relay gave item \(before) of this device's queue, and signs that there are \(device.lastNumber)",
                parts: [("head", try lastHead())], occasion: "\(before) \(device.lastNumber)")
        } else if position.number != device.lastNumber {
            return false
        } else if let hash = position.hash, hash != device.runningHash {
            try record(
                .queueDiffers, "the items of the queue do not give the running hash that the relay signed",
                parts: [("head", try lastHead()), ("position", Array("\(position.number) \(hash)".utf8))])
        } else {
            if position.hash == nil || missing.confirmed != position.number {
                try profile.store.step { try $0.confirmQueue(at: device.lastNumber, hash: device.runningHash) }
            }
            return false
        }
        try profile.store.step {
            try $0.confirmQueue(at: device.lastNumber, hash: device.runningHash, asking: doubtful)
        }
        return true
    }

    /// The newest signed head that is kept.
    func lastHead() throws -> [UInt8] { try profile.store.look { try $0.heads(limit: 1) }.first ?? [] }

    /// Takes a head in; what is wrong with it is recorded and does not stop receiving.
    /// - Returns: What it says about this device's queue, when it is believed.
    func absorbPresent(
        _ answer: HeadAnswer, askedWith known: [LogKind: SignedCheckpoint]
    ) async throws -> Head.DeviceState? {
        do {
            try await absorb(answer, askedWith: known, wasOnItsWay: true)
            return present?.head.device
        } catch let error as DeviceKitError where error.category == .verification {
            observer.remark("the relay's word on the present is not believed: \(error.message)")
            return nil
        }
    }
}
