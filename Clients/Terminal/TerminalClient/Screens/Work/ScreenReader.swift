import DeviceKit
import Statements

/// What is done with the profile alone, so that no relay has a say in how soon: lists, opened messages, signed answers.
struct ScreenReader {
    enum Request: Sendable {
        /// Time has passed: what others have verified and stored is taken in.
        case keepUp
        case list
        case open(MessageID)
        case answer(ReceiptAction, ReceiptReason?, MessageID)
    }

    let profile: Profile
    let feed: EventFeed
    /// Where answers go that are signed.
    let poster: AsyncStream<ScreenPoster.Request>.Continuation

    func run(_ requests: AsyncStream<Request>) async throws {
        let session = try DeviceSession.open(profile, observer: ScreenObserver(feed: feed))
        for await request in requests {
            do {
                try perform(request, session)
            } catch {
                let cause = DeviceKitError(describing: error)
                // A device that knows of its revocation shows nothing more.
                guard cause.code != "revoked" else { throw cause }
                feed.put(.failed(cause.message, next: cause.next))
            }
        }
        await session.close()
    }

    private func perform(_ request: Request, _ session: DeviceSession) throws {
        switch request {
        case .keepUp: try session.catchUp()
        case .list: feed.put(.listed(try ListedMessage.all(session)))
        case .open(let id):
            try session.checkNotRevoked()
            let message = try session.open(session.inboxMessage(id.description))
            // First to the person: neither the relay nor a full disk has a say in that.
            let content = message.content ?? []
            let list = AttachmentList(of: id, content, session, .silent)
            var files = list.files.map(AttachmentList.line)
            let described = AttachmentDescription.list(in: content).count
            if described != files.count {
                files.append(
                    "The message describes \(AttachmentList.count(described)): ask its sender about the others.")
            }
            feed.put(.shown(ShownMessage(message, files: files)))
            feed.put(.steps(id, try profile.steps(about: id)))
            guard message.listed.quarantine == nil else { return }
            try session.sign(.read, reason: nil, on: id)
            feed.put(.message(ListedMessage(try session.inboxMessage(id.description), session)))
            poster.yield(.posted(.read, id))
        case .answer(let action, let reason, let id):
            try session.sign(action, reason: reason, on: id)
            feed.put(.signed(action, id))
            poster.yield(.posted(action, id))
        }
    }
}
