import DeviceKit
import RelayAPI
import Statements

/// Brings answers to the relay, and tells when the log proves them: whoever posted them.
struct ScreenPoster {
    enum Request: Sendable {
        /// An answer was signed and stored.
        case posted(ReceiptAction, MessageID)
        /// Somebody else may have posted what waits.
        case look
    }

    let profile: Profile
    let feed: EventFeed

    /// - Parameter earlier: What an earlier program signed and the relay has not proven.
    func run(_ requests: AsyncStream<Request>, earlier: [MessageID: ReceiptAction]) async throws {
        let session = try DeviceSession.open(profile, observer: ScreenObserver(feed: feed))
        var waiting = earlier
        for await request in requests {
            try? session.catchUp()
            if case .posted(let action, let id) = request {
                waiting[id] = action
                await post(session)
            }
            try tell(&waiting, session)
        }
        await session.close()
    }

    private func post(_ session: DeviceSession) async {
        do {
            try await session.postReceipts()
        } catch is CancellationError {
            return
        } catch {
            let cause =
                (error as? RelayRefusal).map { session.learn(from: $0.problem) } ?? DeviceKitError(describing: error)
            feed.put(.unposted(cause.message))
        }
    }

    private func tell(_ waiting: inout [MessageID: ReceiptAction], _ session: DeviceSession) throws {
        try session.checkNotRevoked()
        for (id, action) in waiting {
            guard let index = try? session.place(of: action, on: id) else { continue }
            waiting[id] = nil
            if action == .read {
                feed.put(.message(ListedMessage(try session.inboxMessage(id.description), session)))
            } else {
                feed.put(.proven(action, id, index: index))
            }
        }
    }
}
