import DeviceKit
import Membership
import Statements

/// Follows the relay's stream for the screen.
struct ScreenWatcher {
    let profile: Profile
    let feed: EventFeed
    let reader: AsyncStream<ScreenReader.Request>.Continuation

    func run() async throws {
        let session = try DeviceSession.open(profile, observer: ScreenObserver(feed: feed))
        do {
            try await session.watch { event in
                tell(event, session)
                if let present = session.present { feed.put(.present(present.head.time)) }
                feed.put(.clock(session.connection.clock.difference))
            }
        } catch {
            await session.close()
            throw error
        }
    }

    private func tell(_ event: WatchEvent, _ session: DeviceSession) {
        switch event {
        case .connected: feed.put(.link(.receiving))
        case .alive: break
        // What another command on this profile has fetched meanwhile came by no stream.
        case .drained:
            reader.yield(.list)
            feed.put(.link(.open))
        case .message(let message), .progressed(let message): feed.put(.message(ListedMessage(message, session)))
        case .notice(let sent):
            let name = Desk.name(sent.member, session)
            let state = sent.state.replacing("_", with: " ")
            // A no to what was handed on is said by the message itself, which comes back.
            if case .forwardOf(let original)? = sent.reference {
                feed.put(.told("What you handed on to \(name): \(state).", .plain))
                carriedOn(original, session)
            } else if !sent.isReply {
                // Of a reply it is said that it was sent.
                feed.put(.told("Your message to \(name): \(state).", .plain))
            }
            for message in [sent.message] + sent.forwards.map(\.message) { feed.put(.moved(message)) }
        case .unanswered(let sent):
            // One that was handed on comes back by itself, and says so; whom nothing reaches is said here.
            if case .forwardOf? = sent.reference, !session.isOutOfReach(sent) { break }
            let name = Desk.name(sent.member, session)
            let what =
                session.isOutOfReach(sent)
                ? "your message to \(name): \(Desk.whyUnanswered(sent, session))."
                : "nobody answered your message to \(name) in time."
            feed.put(.told("CALL BY TELEPHONE: \(what)", .danger))
        case .promiseBroken(let sent):
            let what = "your message to \(Desk.name(sent.member, session)) is not closed."
            feed.put(.told("CALL BY TELEPHONE: \(Desk.brokenPromise(sent, session)), and \(what)", .danger))
        case .joined(let device, let text):
            feed.put(.note(ScreenNote(at: .now(), sentence: text, evidence: nil, device: device)))
        // The age of the newest head says it, and goes on saying it.
        case .stale: break
        case .disconnected(let cause, let wait):
            let now = session.connection.clock.now()
            let retry = now.adding(milliseconds: wait)
            feed.put(
                .link(
                    [.unreachable, .tryAgain].contains(cause.category)
                        ? .down(since: now, cause: cause.message, retry: retry)
                        : .blocked(since: now, cause: cause.message, next: cause.next, retry: retry)))
        }
    }

    /// Somebody to whom a message was handed on has it, took it up, or did not.
    private func carriedOn(_ original: MessageID, _ session: DeviceSession) {
        guard let message = try? session.inboxMessage(original.description) else { return }
        feed.put(.message(ListedMessage(message, session)))
    }
}
