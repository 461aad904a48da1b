import HTTPTypes
import HummingbirdCore
import NIOCore
import RelayAPI
import RelayStorage
import Secrets
import Statements
import Synchronization
import Testing
import TransparencyLog

@testable import RelayService

/// What a device gets over its stream is its queue: every item once, in order, whole and proven, never more envelopes in
/// flight than the window, however pushed items and looks into the store fall together.
@Suite struct StreamSessionTests {
    @Test func aListeningDeviceGetsEachItemOnceAndInOrder() async throws {
        let queue = try await StreamedQueue()
        let count = 3 * APILimits.itemsInFlight
        try await queue.stream { mailbox in
            for place in 0..<count {
                if place.isMultiple(of: 3) { try await queue.addNotice() } else { try await queue.addEnvelope() }
            }
            // Every envelope is receipted as it comes: the window never stays closed.
            try await queue.receiptAll(until: UInt64(count))
            _ = mailbox
        }
        #expect(queue.numbers == Array(1...UInt64(count)))
    }

    @Test func itemsFromBeforeTheStreamComeBeforeThoseOfNow() async throws {
        let queue = try await StreamedQueue()
        for _ in 0..<5 { try await queue.addEnvelope() }
        try await queue.stream { _ in
            for _ in 0..<5 { try await queue.addNotice() }
            try await queue.receiptAll(until: 10)
        }
        #expect(queue.numbers == Array(1...10))
    }

    @Test func aFullWindowHoldsBackAndAReceiptLetsTheNextOut() async throws {
        let queue = try await StreamedQueue()
        let window = UInt64(APILimits.itemsInFlight)
        try await queue.stream { mailbox in
            for _ in 0..<window + 4 { try await queue.addEnvelope() }
            try await queue.wait { $0.count == Int(window) }
            #expect(mailbox.room == 0)
            try await queue.receipt(queue.received[0].message)
            try await queue.wait { $0.count == Int(window) + 1 }
            #expect(mailbox.room == 0)
            try await queue.receiptAll(until: window + 4)
        }
        #expect(queue.numbers == Array(1...window + 4))
    }

    @Test func aDeviceThatWasRevokedAMomentBeforeGetsNothingButTheEnd() async throws {
        let queue = try await StreamedQueue()
        let stranger = DeviceID(bytes: [UInt8](repeating: 7, count: 20))
        let mailbox = queue.running.hub.open(stranger)
        let session = StreamSession(
            device: stranger, running: queue.running, store: queue.relay.store, mailbox: mailbox, after: 0,
            known: .nothing)
        let written = Mutex<[String]>([])
        var writer: any ResponseBodyWriter = Writer { event in written.withLock { $0.append(event) } }
        try await session.run(&writer)
        let events = written.withLock { $0 }
        #expect(events.count == 1)
        #expect(events.first?.hasPrefix("event: end\n") == true)
        #expect(events.first?.contains("urn:nightbell:problem:revoked") == true)
    }

    @Test func aPushedItemIsTheOneThatTheStoreWouldGive() async throws {
        let queue = try await StreamedQueue()
        try await queue.stream { _ in
            try await queue.addEnvelope()
            try await queue.wait { $0.count == 1 }
        }
        let stored = try await ItemBuilder(device: queue.device, running: queue.running, store: queue.relay.store)
            .build(after: 0, limit: 8, envelopeLimit: 8, known: queue.known)
        #expect(stored.items.map(\.item) == queue.received.map(\.item))
        let item = try #require(stored.items.first?.item)
        let signed = try LogProof(parsing: Array(item.entry.proof.utf8))
            .verify(entry: try Entry(parsing: Array(item.entry.entry.utf8)), key: queue.relay.keys.logKey(.activity))
        #expect(signed.size == queue.running.sequencer.published.current.activityHead.size)
    }
}

/// A device's queue on a store of its own, filled by batches, followed over a stream that is not a network's.
private final class StreamedQueue: Sendable {
    let relay: FoundedRelay
    let running: Organisations.Running
    let device: DeviceID
    let known: UInt64
    private let written = Mutex<[(item: QueueItem, message: MessageID)]>([])
    private let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation
    private let member: MemberID
    private let sequencing: Task<Void, any Error>

    init() async throws {
        let relay = try await FoundedRelay()
        self.relay = relay
        let sequencer = relay.sequencer()
        running = Organisations.Running(sequencer: sequencer, hub: relay.hub, keys: relay.keys)
        known = relay.state.activityHead.size
        (device, member) = relay.admin
        (arrivals, arrived) = AsyncStream.makeStream()
        sequencing = Task { try await sequencer.run() }
    }

    deinit { sequencing.cancel() }

    var received: [(item: QueueItem, message: MessageID)] { written.withLock { $0 } }
    var numbers: [UInt64] { received.map(\.item.number) }

    /// Follows the stream while `body` runs.
    func stream(_ body: @escaping @Sendable (StreamMailbox) async throws -> Void) async throws {
        let mailbox = running.hub.open(device)
        let session = StreamSession(
            device: device, running: running, store: relay.store, mailbox: mailbox, after: 0,
            known: Present.Known(roster: 0, activity: known))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var writer: any ResponseBodyWriter = Writer { self.take($0) }
                try await session.run(&writer)
            }
            try await body(mailbox)
            mailbox.end(Problems.draining)
            try await group.waitForAll()
        }
        running.hub.close(mailbox)
    }

    /// Until what has come is as it should be.
    func wait(_ isThere: ([(item: QueueItem, message: MessageID)]) -> Bool) async throws {
        guard !isThere(received) else { return }
        for await _ in arrivals where isThere(received) { return }
    }

    /// Receipts every envelope that comes, until the item of this number is there.
    func receiptAll(until last: UInt64) async throws {
        var receipted = 0
        while true {
            let received = received
            for arrival in received[receipted...] where arrival.item.content != nil {
                try await receipt(arrival.message)
            }
            receipted = received.count
            if received.last?.item.number == last { return }
            try await wait { $0.count > receipted }
        }
    }

    func addNotice() async throws {
        let message = MessageID.make(at: Timestamp.now())
        try await running.sequencer.submit { [member] batch in
            let place = try batch.append(.unanswered(message))
            try batch.notify(member, of: message, at: place)
        } answer: { _, _ in
        }
    }

    func addEnvelope() async throws {
        let id = MessageID.make(at: Timestamp.now())
        try await running.sequencer.submit { [device, member] batch in
            let place = try batch.append(.unanswered(id))
            let message = StoredMessage(
                id: id, index: place.index, manifest: Digest.sha256(id.bytes), sender: device, senderMember: member,
                member: member, expires: batch.time.adding(seconds: 60), recipients: [device])
            let parts = SealedParts(sealedKey: id.bytes, alert: [1], capsule: [2], content: [3])
            try batch.transaction.storeMessage(
                message,
                parts: StoredParts(
                    alert: parts.alert, capsule: parts.capsule, capsuleSealedKey: nil, recoverySealedKey: nil,
                    content: parts.content), sealedKeys: [(device, parts.sealedKey)], of: batch.organisation)
            let served = batch.listeners.hasRoom(device)
            try batch.enqueue(
                NewQueueItem(
                    kind: .envelope, index: place.index, leafHash: place.leafHash, message: id, byteCount: 3,
                    served: served), sealed: served ? parts : nil, for: device)
        } answer: { _, _ in
        }
    }

    func receipt(_ message: MessageID) async throws {
        try await running.sequencer.submit { [device] batch in
            try batch.transaction.removeEnvelope(message, from: device, of: batch.organisation)
            batch.then(.receipted(device, message))
        } answer: { _, _ in
        }
    }

    private func take(_ event: String) {
        let lines = event.split(separator: "\n")
        guard lines.contains("event: item"), let data = lines.first(where: { $0.hasPrefix("data: ") }),
            let item = try? APIJSON.decode(QueueItem.self, from: Array(data.dropFirst(6).utf8)),
            let entry = try? Entry(parsing: Array(item.entry.entry.utf8)),
            let message = (try? RelayEvent(parsing: entry.body))?.message
        else { return }
        written.withLock { $0.append((item, message)) }
        arrived.yield()
    }
}

/// Takes what the stream writes.
private struct Writer: ResponseBodyWriter {
    let take: @Sendable (String) -> Void

    mutating func write(_ buffer: ByteBuffer) async throws { take(String(buffer: buffer)) }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
