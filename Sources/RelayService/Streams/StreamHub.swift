import RelayAPI
import Statements
import Synchronization

/// What a durable batch means for open streams.
enum StreamEffect: Sendable {
    /// The device's queue grew by an item that it may have at once.
    case item(DeviceID, FreshItem)
    /// The device's queue grew.
    case wake(DeviceID)
    /// A receipt took an envelope out of the device's queue.
    case receipted(DeviceID, MessageID)
    /// The device may read nothing more: its stream ends at once.
    /// - Parameter by: Index of the roster statement that decided, until the batch has proven it.
    case end(DeviceID, Problem, by: UInt64?)
    /// A message to the device was accepted.
    case waits(DeviceID)
    /// Somebody answered a message to the device.
    case answered(DeviceID, MessageID, by: DeviceID)
    /// The device has another ring token.
    case ringReplaced(DeviceID)
    /// Few one-time prekeys are left.
    case prekeysWanted(DeviceID, left: UInt64)
    /// The outbox has a page that may be due.
    case pagesDue
    /// Some or all of a message's pages left the outbox.
    case pagesOver(MessageID)
}

/// Who listens, asked inside a batch.
protocol Listeners: Sendable {
    /// Whether the device's stream is open and has room, so that an envelope leaves as soon as it is durable.
    func hasRoom(_ device: DeviceID) -> Bool
}

/// The open streams of an organisation, one a device: the newest wins, the one before is told so and ends.
final class StreamHub: Listeners {
    private let streams = Mutex<[DeviceID: StreamMailbox]>([:])
    /// The ring streams of locked devices, beside.
    let rings = RingHub()
    private let pages: PageBell

    init(pages: PageBell = PageBell()) { self.pages = pages }

    /// Registers a device's new stream.
    func open(_ device: DeviceID) -> StreamMailbox {
        let mailbox = StreamMailbox(device: device)
        let previous = streams.withLock { streams in
            let previous = streams[device]
            streams[device] = mailbox
            return previous
        }
        previous?.end(
            Problem(
                .conflict, status: 409, detail: "This device opened another stream.",
                next: "Nothing, if that was you. If not, have this device revoked: somebody has a copy of it."))
        return mailbox
    }

    func close(_ mailbox: StreamMailbox) {
        streams.withLock { streams in
            if streams[mailbox.device] === mailbox { streams[mailbox.device] = nil }
        }
    }

    /// Whether the device's stream is open.
    func isOpen(_ device: DeviceID) -> Bool { mailbox(device) != nil }

    /// How many streams are open.
    var count: Int { streams.withLock { $0.count } }

    func hasRoom(_ device: DeviceID) -> Bool {
        streams.withLock { $0[device] }?.hasRoom ?? false
    }

    func perform(_ effects: [StreamEffect]) {
        for effect in effects {
            switch effect {
            case .item(let device, let item): mailbox(device)?.push(item)
            case .wake(let device): mailbox(device)?.wake()
            case .receipted(let device, let message): mailbox(device)?.receipted(message)
            case .end(let device, let problem, _):
                mailbox(device)?.end(problem)
                // Without the statement: a ring stream tells no more than it must.
                rings[device]?.end(Problems.revoked)
                pages.cancel(.device(device))
            case .waits(let device): rings[device]?.news()
            case .answered(let device, let message, let by):
                if device != by { mailbox(device)?.answered(message) }
                rings[device]?.look()
            case .ringReplaced(let device): rings[device]?.end(Problems.ringReplaced)
            case .prekeysWanted(let device, let left): mailbox(device)?.wantPrekeys(left)
            case .pagesDue: pages.ring()
            case .pagesOver(let message): pages.cancel(.message(message))
            }
        }
    }

    /// A sign of life on every stream.
    func tickAll() {
        for mailbox in streams.withLock({ Array($0.values) }) { mailbox.tick() }
        for mailbox in rings.all { mailbox.tick() }
    }

    /// Ends every stream: the relay drains.
    func endAll(_ problem: Problem) {
        for mailbox in streams.withLock({ Array($0.values) }) { mailbox.end(problem) }
        for mailbox in rings.all { mailbox.end(problem) }
    }

    private func mailbox(_ device: DeviceID) -> StreamMailbox? { streams.withLock { $0[device] } }
}

/// What an open stream is told, collected until it looks; waking it twice is waking it once.
final class StreamMailbox: Sendable {
    /// How many pushed items wait for a stream that is slow to look; what is beyond it finds in the store.
    private static let freshLimit = 16
    /// How many answered messages are hinted at at once; of more, a device learns when it asks.
    private static let answeredLimit = 64

    private struct State {
        var inFlight: Set<MessageID> = []
        var fresh: [FreshItem] = []
        /// Whether the store has to be asked: something came that is not among the fresh items.
        var mustLook = true
        var problem: Problem?
        var prekeysLeft: UInt64?
        var answered: [MessageID] = []
        var isTicked = false
    }

    let device: DeviceID
    /// Yields whenever there may be something to look at.
    let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let state = Mutex(State())

    init(device: DeviceID) {
        self.device = device
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether another envelope may be in flight.
    var hasRoom: Bool { room > 0 }

    /// How many more envelopes may be in flight.
    var room: Int { state.withLock { $0.problem == nil ? APILimits.itemsInFlight - $0.inFlight.count : 0 } }

    /// An envelope goes out.
    func sent(_ message: MessageID) { state.withLock { _ = $0.inFlight.insert(message) } }

    /// Why the stream must end, once it must.
    var problem: Problem? { state.withLock { $0.problem } }

    /// The number of prekeys left, if the device should be asked for more; asked once.
    func takePrekeysWanted() -> UInt64? {
        state.withLock { state in
            defer { state.prekeysLeft = nil }
            return state.prekeysLeft
        }
    }

    /// Whether a sign of life is due; asked once.
    func takeTick() -> Bool {
        state.withLock { state in
            defer { state.isTicked = false }
            return state.isTicked
        }
    }

    /// Messages that others answered; told once.
    func takeAnswered() -> [MessageID] {
        state.withLock { state in
            defer { state.answered = [] }
            return state.answered
        }
    }

    func answered(_ message: MessageID) {
        state.withLock { if $0.answered.count < Self.answeredLimit { $0.answered.append(message) } }
        signal.yield()
    }

    func tick() {
        state.withLock { $0.isTicked = true }
        signal.yield()
    }

    func wake() {
        state.withLock { $0.mustLook = true }
        signal.yield()
    }

    /// An item for the device, whole.
    func push(_ item: FreshItem) {
        state.withLock { state in
            if state.fresh.count < Self.freshLimit { state.fresh.append(item) } else { state.mustLook = true }
        }
        signal.yield()
    }

    /// The items that were pushed, and whether the store has to be asked as well; each told once.
    func takeFresh() -> (items: [FreshItem], mustLook: Bool) {
        state.withLock { state in
            defer {
                state.fresh = []
                state.mustLook = false
            }
            return (state.fresh, state.mustLook)
        }
    }

    func receipted(_ message: MessageID) {
        state.withLock { _ = $0.inFlight.remove(message) }
        signal.yield()
    }

    func end(_ problem: Problem) {
        state.withLock { $0.problem = $0.problem ?? problem }
        signal.yield()
    }

    func wantPrekeys(_ left: UInt64) {
        state.withLock { $0.prekeysLeft = left }
        signal.yield()
    }
}
