import RelayAPI
import Statements
import Synchronization

/// What an open ring stream is told, collected until it looks.
final class RingMailbox: Sendable {
    /// What to do now; told once.
    struct Work {
        /// Why the stream must end.
        var problem: Problem?
        /// A message came.
        var isNews = false
        /// What waits may be something else now.
        var mustLook = false
        /// A sign of life is due.
        var isTicked = false
    }

    let device: DeviceID
    /// Yields whenever there may be something to do.
    let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let work = Mutex(Work(mustLook: true))

    init(device: DeviceID) {
        self.device = device
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        signal.yield()
    }

    func take() -> Work {
        work.withLock { work in
            defer { work = Work(problem: work.problem) }
            return work
        }
    }

    func tick() { tell { $0.isTicked = true } }
    func look() { tell { $0.mustLook = true } }
    func news() {
        tell { work in
            work.isNews = true
            work.mustLook = true
        }
    }
    func end(_ problem: Problem) { tell { $0.problem = $0.problem ?? problem } }

    private func tell(_ change: (inout Work) -> Void) {
        work.withLock { change(&$0) }
        signal.yield()
    }
}

/// The open ring streams of an organisation, one a device beside its stream: it displaces nothing, nothing is served on it,
/// and it is no sign that the device receives.
final class RingHub: Sendable {
    private let rings = Mutex<[DeviceID: RingMailbox]>([:])

    /// Registers a device's new ring stream; the one before ends.
    func open(_ device: DeviceID) -> RingMailbox {
        let mailbox = RingMailbox(device: device)
        rings.withLock { rings in
            defer { rings[device] = mailbox }
            return rings[device]
        }?.end(Problems.ringReplaced)
        return mailbox
    }

    func close(_ mailbox: RingMailbox) {
        rings.withLock { rings in
            if rings[mailbox.device] === mailbox { rings[mailbox.device] = nil }
        }
    }

    var count: Int { rings.withLock { $0.count } }

    subscript(device: DeviceID) -> RingMailbox? { rings.withLock { $0[device] } }

    var all: [RingMailbox] { rings.withLock { Array($0.values) } }
}
