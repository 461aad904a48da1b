import Hummingbird
import HummingbirdCore
import Membership
import NIOCore
import RelayAPI
import RelayStorage
import Statements
import TransparencyLog

/// One device's live stream: server-sent events with resume, flow control and a sign of life every 10 seconds.
struct StreamSession: Sendable {
    /// How many items are looked up at once.
    private static let pageSize = 64
    /// A signed head at the start, and then with every sixth sign of life: once a minute.
    private static let ticksPerHead = 6
    /// About 6 hours: then the device opens another, and says with it what it has: its notices leave the queue.
    private static let ticksOfLife = 2_160

    let device: DeviceID
    let running: Organisations.Running
    let store: any RelayStore
    let mailbox: StreamMailbox
    /// The number up to which the device has everything.
    let after: UInt64
    let known: Present.Known

    /// Writes until the device goes, the relay drains or the device may read no more.
    @concurrent
    func run(_ writer: inout any ResponseBodyWriter) async throws {
        var cursor = after
        var proven = known.activity
        var isDrained = false
        var ticks = 0
        let builder = ItemBuilder(device: device, running: running, store: store)
        if after > 0 {
            let device = device
            let after = after
            try await running.sequencer.submit { batch in
                try batch.transaction.removeNotices(upTo: after, from: device, of: batch.organisation)
            } answer: { _, _ in
            }
        }
        // A revocation of the moment before found no stream to end: whatever is published is seen here, and whatever is
        // not yet will find this one.
        guard isLive else {
            try await write(.end, Problems.revoked, to: &writer)
            return
        }
        try await write(.head, head(known), to: &writer)
        mailbox.wake()
        var isBehind = true
        for await _ in mailbox.signals {
            if let problem = mailbox.problem {
                try await write(.end, problem, to: &writer)
                return
            }
            let (fresh, mustLook) = mailbox.takeFresh()
            isBehind = isBehind || mustLook
            for item in fresh where item.number > cursor && !isBehind {
                // Anything but the very next item, or one that may not go out yet, is left to the look into the store.
                guard item.number == cursor + 1, item.sealed == nil || mailbox.room > 0,
                    let queued = queued(item, proven: proven)
                else {
                    isBehind = true
                    break
                }
                if item.sealed != nil { mailbox.sent(item.message) }
                try await write(.item, queued.item, id: item.number, to: &writer)
                cursor = item.number
                proven = queued.proven
            }
            var goesOn = isBehind
            while goesOn, mailbox.problem == nil {
                let built = try await builder.build(
                    after: cursor, limit: Self.pageSize, envelopeLimit: mailbox.room, known: proven)
                for (item, message, kind) in built.items {
                    if kind == .envelope { mailbox.sent(message) }
                    try await write(.item, item, id: item.number, to: &writer)
                }
                isBehind = built.more
                goesOn = built.more && built.cursor > cursor
                cursor = built.cursor
                proven = built.proven
            }
            if !isDrained {
                isDrained = true
                try await writer.write(ByteBuffer(string: "event: \(StreamEvent.drained.rawValue)\ndata:\n\n"))
            }
            if let left = mailbox.takePrekeysWanted() {
                try await write(.prekeys, PrekeysWanted(oneTimeLeft: left), to: &writer)
            }
            for message in mailbox.takeAnswered() {
                try await write(.answered, AnsweredHint(message: message.description), to: &writer)
            }
            if mailbox.takeTick() {
                ticks += 1
                // Not all of those that began together end together.
                if ticks > Self.ticksOfLife + Int(device.bytes[0]) {
                    try await write(.end, Problems.renewal, to: &writer)
                    return
                }
                if ticks.isMultiple(of: Self.ticksPerHead) {
                    try await write(.head, head(Present.Known(roster: 0, activity: proven)), to: &writer)
                } else {
                    try await writer.write(ByteBuffer(string: "event: \(StreamEvent.keepAlive.rawValue)\ndata:\n\n"))
                }
            }
        }
    }

    /// A pushed item under the newest state. On its own, and not part of ``run(_:)``: what an asynchronous function holds
    /// stays in memory for as long as the stream.
    @inline(never)
    private func queued(_ item: FreshItem, proven: UInt64) -> (item: QueueItem, proven: UInt64)? {
        let state = running.sequencer.published.current
        guard let queued = try? item.item(under: state, proven: proven) else { return nil }
        return (queued, state.activityHead.size)
    }

    private var isLive: Bool {
        let sequencer = running.sequencer
        return sequencer.published.current.view(at: sequencer.clock.wallTime).liveDevice(device) != nil
    }

    private func head(_ known: Present.Known) async throws -> HeadAnswer {
        try await Present.answer(for: device, known: known, of: running, store: store)
    }

    @concurrent
    private func write(
        _ event: StreamEvent, _ value: some Encodable, id: UInt64? = nil, to writer: inout any ResponseBodyWriter
    ) async throws {
        var buffer = ByteBuffer()
        if let id { buffer.writeString("id: \(id)\n") }
        buffer.writeString("event: \(event.rawValue)\ndata: ")
        buffer.writeBytes(APIJSON.encode(value))
        buffer.writeString("\n\n")
        try await writer.write(buffer)
    }
}
