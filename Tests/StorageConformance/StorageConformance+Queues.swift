import RelayStorage
import Secrets
import Statements

extension StorageConformance {
    static let queueChecks: [Check] = [
        Check(description: "a queue counts from 1 and its running hash is that of the protocol", run: queueModel),
        Check(description: "envelopes leave by message, notices by number", run: leaving),
        Check(description: "served is remembered", run: served),
        Check(description: "a device's receipt chain is replaced, not added to", run: chains),
    ]

    /// A queue against a list, over a fixed run of additions and removals.
    @Sendable static func queueModel(_ store: any RelayStore) async throws {
        let organisation = Sample.organisation
        let device = Sample.device(2)
        try await store.write { try $0.addOrganisation(organisation) }
        var hash = Digest.zero
        var waiting: [UInt64: UInt64] = [:]
        for step in UInt8(1)...30 {
            let leaf = Sample.hash(step)
            let isNotice = step.isMultiple(of: 3)
            let byteCount: UInt64 = isNotice ? 0 : UInt64(step)
            let number = try await store.write {
                try $0.enqueue(
                    NewQueueItem(
                        kind: isNotice ? .notice : .envelope, index: UInt64(step) * 7, leafHash: leaf,
                        message: Sample.message(step), byteCount: byteCount, served: false), for: device,
                    of: organisation)
            }
            hash = Digest.sha256(hash.bytes + leaf.bytes)
            waiting[number] = byteCount
            try require(number == UInt64(step), "numbers do not count from 1")
            if step.isMultiple(of: 4) {
                try await store.write { try $0.removeEnvelope(Sample.message(step), from: device, of: organisation) }
                if !isNotice { waiting[number] = nil }
            }
            let state = try await store.read { try $0.queue(of: device, of: organisation) }
            let expected = QueueState(
                lastNumber: number, runningHash: hash, waiting: UInt64(waiting.count),
                envelopes: UInt64(waiting.keys.count { !$0.isMultiple(of: 3) }),
                waitingBytes: waiting.values.reduce(0, +))
            try require(state == expected, "the queue's numbers differ from the model after \(step) items")
        }
        let items = try await store.read { try $0.queueItems(of: device, after: 10, limit: 5, of: organisation) }
        let numbers = waiting.keys.sorted().filter { $0 > 10 }.prefix(5)
        try require(items.map(\.number) == Array(numbers), "a page of the queue is not in order behind its start")
    }

    @Sendable static func leaving(_ store: any RelayStore) async throws {
        let organisation = Sample.organisation
        let device = Sample.device(2)
        try await store.write { transaction in
            try transaction.addOrganisation(organisation)
            for (number, kind) in [(UInt8(1), QueueItemKind.notice), (2, .envelope), (3, .notice), (4, .notice)] {
                _ = try transaction.enqueue(
                    NewQueueItem(
                        kind: kind, index: UInt64(number), leafHash: Sample.hash(number), message: Sample.message(9),
                        byteCount: 3, served: false), for: device, of: organisation)
            }
            try transaction.removeNotices(upTo: 3, from: device, of: organisation)
        }
        try await store.write { transaction in
            let left = try transaction.queueItems(of: device, after: 0, limit: 10, of: organisation)
            try require(left.map(\.number) == [2, 4], "notices up to 3 leave, the envelope and later notices stay")
            try transaction.removeEnvelope(Sample.message(9), from: device, of: organisation)
            try transaction.removeEnvelope(Sample.message(9), from: device, of: organisation)
            let last = try transaction.queueItems(of: device, after: 0, limit: 10, of: organisation)
            try require(last.map(\.number) == [4], "the envelope leaves, the notice about the same message stays")
            try require(try transaction.queue(of: device, of: organisation).waiting == 1, "removing twice counts twice")
            try require(try transaction.queue(of: device, of: organisation).lastNumber == 4, "numbers are reused")
        }
    }

    @Sendable static func served(_ store: any RelayStore) async throws {
        let organisation = Sample.organisation
        let device = Sample.device(2)
        try await store.write { transaction in
            try transaction.addOrganisation(organisation)
            for number in UInt8(1)...2 {
                _ = try transaction.enqueue(
                    NewQueueItem(
                        kind: .envelope, index: UInt64(number), leafHash: Sample.hash(number),
                        message: Sample.message(number), byteCount: 3, served: false), for: device, of: organisation)
            }
            try transaction.markServed(Sample.message(2), to: device, of: organisation)
        }
        try await store.read { reader in
            let envelopes = try reader.waitingEnvelopes(of: device, of: organisation)
            try require(envelopes.map(\.served) == [false, true], "served is noted for exactly one message")
            try require(
                try reader.waitingEnvelope(Sample.message(2), of: device, of: organisation)?.number == 2,
                "one waiting envelope is found by its message")
            try require(
                try reader.waitingEnvelope(Sample.message(2), of: Sample.device(3), of: organisation) == nil,
                "another device's envelope")
        }
    }

    @Sendable static func chains(_ store: any RelayStore) async throws {
        let organisation = Sample.organisation
        try await store.write { transaction in
            try transaction.addOrganisation(organisation)
            let start = try transaction.receiptChain(of: Sample.device(2), of: organisation)
            try require(start == StoredChain(number: 0, last: nil), "a chain before the first receipt")
            for number in UInt8(1)...3 {
                try transaction.setReceiptChain(
                    StoredChain(number: UInt64(number), last: Sample.hash(number)), of: Sample.device(2),
                    of: organisation)
            }
        }
        let chain = try await store.read { try $0.receiptChain(of: Sample.device(2), of: organisation) }
        try require(chain == StoredChain(number: 3, last: Sample.hash(3)), "the chain's end")
    }
}
