import DeviceKit
import Membership
import Statements

/// Follows the relay's stream for the screen.
struct ScreenWatcher {
    let profile: Profile
    let feed: EventFeed
    let reader: AsyncStream<ScreenReader.Request>.Continuation

    func run() async throws {
        try await DeviceSession.during(profile, observer: ScreenObserver(feed: feed)) { session in
            try await session.watch { event in
                tell(event, session)
                if event.tellsOfSent { feed.put(.toTelephone(try Self.toTelephone(session))) }
                if let present = session.present { feed.put(.present(present.head.time)) }
                feed.put(.clock(session.connection.clock.difference))
            }
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
        // The head of the screen says it.
        case .unanswered, .promiseBroken: break
        case .joined(let device, let text):
            feed.put(.note(ScreenNote(at: .now(), sentence: text, evidence: nil, device: device)))
        case .witnesses(let notice): feed.put(.witnesses(notice))
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

    /// What was handed on comes back by itself, unless nothing reaches whoever has it; what never left is said beside it.
    private static func toTelephone(_ session: DeviceSession) throws -> [SentMatter] {
        let states = try session.sentStates().filter { state in
            guard state.state != "pending", Desk.mustBeTelephoned(state, session) else { return false }
            if case .forwardOf? = state.reference { return session.isOutOfReach(state) }
            return true
        }
        return states.sorted { ($0.urgency, $0.at, $0.message) < ($1.urgency, $1.at, $1.message) }
            .map { SentMatter(message: $0.message, words: SentNews($0, session).sentence()) }
    }

    /// Somebody to whom a message was handed on has it, took it up, or did not.
    private func carriedOn(_ original: MessageID, _ session: DeviceSession) {
        guard let message = try? session.inboxMessage(original.description) else { return }
        feed.put(.message(ListedMessage(message, session)))
    }
}

extension WatchEvent {
    /// Whether what must be telephoned about may be another list after it; signs of life are time that has passed.
    fileprivate var tellsOfSent: Bool {
        switch self {
        case .drained, .alive, .notice, .unanswered, .promiseBroken, .disconnected: true
        case .connected, .message, .progressed, .joined, .stale, .witnesses: false
        }
    }
}
