import HummingbirdCore
import Membership
import NIOCore
import RelayAPI
import RelayStorage
import Statements

/// One locked device's ring stream: that something waits and how urgent it is, the signed head, and a sign of life every 10
/// seconds. Never sealed bytes, a message's id or a name.
struct RingSession: Sendable {
    /// A signed head at the start, and then with every sixth sign of life: once a minute.
    private static let ticksPerHead = 6

    let device: DeviceID
    let running: Organisations.Running
    let store: any RelayStore
    let mailbox: RingMailbox
    /// When the token is over.
    let expires: Timestamp

    /// Writes until the device goes, the relay drains, or the token is good no more.
    @concurrent
    func run(_ writer: inout any ResponseBodyWriter) async throws {
        var told: RingWord?
        var ticks = 0
        try await write(.head, try await head(), to: &writer)
        for await _ in mailbox.signals {
            let work = mailbox.take()
            if let problem = work.problem ?? ended {
                try await write(.end, problem, to: &writer)
                return
            }
            if work.isTicked { ticks += 1 }
            let isMinute = work.isTicked && ticks.isMultiple(of: Self.ticksPerHead)
            // Once a minute also because a message's time may be over.
            if work.mustLook || isMinute {
                let word = try await RingWord.now(for: device, isNew: work.isNews, of: running, store: store)
                if word.isNew || word != told { try await write(.ring, word, to: &writer) }
                told = RingWord(waiting: word.waiting, urgency: word.urgency, isNew: false)
            }
            if isMinute {
                try await write(.head, try await head(), to: &writer)
            } else if work.isTicked {
                try await writer.write(ByteBuffer(string: "event: \(RingStreamEvent.keepAlive.rawValue)\ndata:\n\n"))
            }
        }
    }

    /// Why the stream must end by itself.
    private var ended: Problem? {
        let sequencer = running.sequencer
        let now = sequencer.clock.wallTime
        guard sequencer.published.current.view(at: now).liveDevice(device) != nil else { return Problems.revoked }
        return now < expires ? nil : Problems.ringTokenOver
    }

    private func head() async throws -> RingHead {
        RingHead(head: try await Present.answer(for: device, known: .nothing, of: running, store: store).head)
    }

    @concurrent
    private func write(
        _ event: RingStreamEvent, _ value: some Encodable, to writer: inout any ResponseBodyWriter
    ) async throws {
        var buffer = ByteBuffer(string: "event: \(event.rawValue)\ndata: ")
        buffer.writeBytes(APIJSON.encode(value))
        buffer.writeString("\n\n")
        try await writer.write(buffer)
    }
}

extension RingWord {
    private static let limit = 256

    /// What waits for a device now: messages to it that are not over, and that nobody of its member has answered and
    /// nobody else taken up.
    static func now(
        for device: DeviceID, isNew: Bool, of running: Organisations.Running, store: any RelayStore
    ) async throws -> RingWord {
        let organisation = running.sequencer.organisation
        let time = running.sequencer.clock.wallTime
        let view = running.sequencer.published.current.view(at: time)
        let urgencies = try await store.read { reader in
            try reader.openMessages(to: device, at: time, limit: limit, of: organisation)
                .filter { try !isDeclined($0, for: device, view: view, reader: reader, organisation) }
                .compactMap { try reader.manifest(of: $0, of: organisation)?.urgency }
        }
        return RingWord(
            waiting: UInt64(urgencies.count), urgency: urgencies.min()?.rawValue, isNew: isNew && !urgencies.isEmpty)
    }

    /// Whether a device of the same member has turned it down.
    static func isDeclined(
        _ message: StoredMessage, for device: DeviceID, view: RosterView, reader: any RelayReader,
        _ organisation: OrganisationID
    ) throws -> Bool {
        let member = view.device(device)?.member
        return try reader.entryIndexes(about: message.id, of: organisation).contains { index in
            guard index > message.index,
                case .receipt(let receipt, _) = try reader.activityStatement(index, of: organisation)
            else { return false }
            return receipt.action == .declined && view.device(receipt.device)?.member == member
        }
    }
}
