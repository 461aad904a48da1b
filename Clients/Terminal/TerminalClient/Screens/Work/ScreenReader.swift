import DeviceKit
import Membership
import Statements

/// What is done with the profile alone, so that no relay has a say in how soon: lists, opened messages, signed answers.
struct ScreenReader {
    enum Request: Sendable {
        /// Time has passed: what others have verified and stored is taken in.
        case keepUp
        case list
        case open(MessageID)
        case thread(MessageID)
        case seen([DeviceID])
        case answer(ReceiptAction, ReceiptReason?, MessageID, Reply?)
        case reply(MessageID, String)
        case handOff(MessageID, MemberID, String?)
        /// Whom it can be answered and handed to.
        case lookUp(MessageID)

        /// The message that something is said or done about.
        var message: MessageID? {
            switch self {
            case .answer(_, _, let message, _), .reply(let message, _), .handOff(let message, _, _): message
            case .keepUp, .list, .open, .thread, .seen, .lookUp: nil
            }
        }
    }

    let profile: Profile
    let feed: EventFeed
    /// Where answers go that are signed.
    let poster: AsyncStream<ScreenPoster.Request>.Continuation

    func run(_ requests: AsyncStream<Request>) async throws {
        try await DeviceSession.during(profile, observer: ScreenObserver(feed: feed)) { session in
            try await run(requests, session)
        }
    }

    private func run(_ requests: AsyncStream<Request>, _ session: DeviceSession) async throws {
        for await request in requests {
            do {
                try perform(request, session)
            } catch {
                let cause = DeviceKitError(describing: error)
                // A device that knows of its revocation shows nothing more.
                guard cause.code != "revoked" else { throw cause }
                feed.put(.failed(cause.message, next: cause.next, about: request.message))
            }
        }
    }

    private func perform(_ request: Request, _ session: DeviceSession) throws {
        switch request {
        case .keepUp: try session.catchUp()
        case .list:
            // Looked up first: what is proven while the list is read is told of as well.
            let unproven = try session.unprovenAnswers()
            feed.put(.listed(try ListedMessage.all(session)))
            poster.yield(.listed(unproven))
        case .open(let id): try open(id, session)
        case .thread(let id): feed.put(.thread(id, try ThreadEntry.list(around: id, session)))
        case .seen(let devices): try session.markSeen(devices)
        case .answer(let action, let reason, let id, let words):
            let kept = try session.sign(action, reason: reason, words: words, on: id)
            feed.put(.signed(action, id))
            feed.put(.message(ListedMessage(try session.inboxMessage(id.description), session, unproven: action)))
            if let kept { feed.put(.kept(UnsentWords(kept, session))) }
            poster.yield(.posted(action, id, kept))
        case .reply(let id, let words): post(try session.keepReply(words, to: id), session)
        case .handOff(let id, let member, let words):
            post(try session.keepHandOff(id, to: member, words: words), session)
        case .lookUp(let id): feed.put(.people(try MessagePeople(id, session)))
        }
    }

    private func post(_ kept: KeptMessage, _ session: DeviceSession) {
        feed.put(.kept(UnsentWords(kept, session)))
        poster.yield(.kept(kept))
    }

    private func open(_ id: MessageID, _ session: DeviceSession) throws {
        try session.checkNotRevoked()
        let message = try session.open(session.inboxMessage(id.description))
        // First to the person: neither the relay nor a full disk has a say in that.
        let content = message.content ?? []
        let list = AttachmentList(of: id, content, session, .silent)
        var files = list.files.map(AttachmentList.line)
        let described = AttachmentDescription.list(in: content).count
        if described != files.count {
            files.append("The message describes \(AttachmentList.count(described)): ask its sender about the others.")
        }
        let thread = try ThreadEntry.list(around: id, session)
        let news = thread.filter { $0.kind == .received && $0.isReply && Self.isUnread($0.state) }.map(\.message)
        try? feed.put(.people(MessagePeople(id, session)))
        feed.put(
            .shown(ShownMessage(message, files: files, thread: thread, news: Set(news), session.view)),
            .steps(id, try profile.steps(about: id)))
        guard message.listed.quarantine == nil else { return }
        // Replies stand below it, and are read with it.
        for id in [id] + news {
            try session.sign(.read, reason: nil, on: id)
            feed.put(.message(ListedMessage(try session.inboxMessage(id.description), session)))
            poster.yield(.posted(.read, id, nil))
        }
    }

    private static func isUnread(_ state: String) -> Bool { ["waiting", "delivered"].contains(state) }
}
