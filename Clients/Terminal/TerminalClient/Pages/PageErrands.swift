import DeviceKit
import Statements
import Synchronization

/// What pages ask for, from the task that opens them to the one that waits for the relay: bounded, and each once.
final class PageErrands: Sendable {
    enum Errand: Sendable {
        /// Fetch what waits.
        case connect
        case sayBack(ReceivedChallenge)
    }

    /// As many as a device has subscriptions.
    private static let challenges = 8

    private let open = Mutex<(connects: Bool, challenges: [ReceivedChallenge])>((false, []))
    private let signal: AsyncStream<Void>.Continuation
    /// Yields when there may be one.
    let signals: AsyncStream<Void>

    init() { (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func add(_ errand: Errand) {
        open.withLock { open in
            switch errand {
            case .connect: open.connects = true
            case .sayBack(let challenge):
                // The newest of a subscription is the one that the relay asks for.
                open.challenges.removeAll { $0.subscription == challenge.subscription }
                if open.challenges.count < Self.challenges { open.challenges.append(challenge) }
            }
        }
        signal.yield()
    }

    /// Something may be there to compare.
    func look() { signal.yield() }

    func take() -> [Errand] {
        open.withLock { open in
            defer { open = (false, []) }
            return open.challenges.map { .sayBack($0) } + (open.connects ? [.connect] : [])
        }
    }
}
