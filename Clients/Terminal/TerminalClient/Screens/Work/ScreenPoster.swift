import DeviceKit
import RelayAPI
import Statements

/// Brings answers, replies and hand-offs to the relay, and tells when the log proves them: whoever posted them.
struct ScreenPoster {
    enum Request: Sendable {
        /// An answer was signed and stored, perhaps with words to it.
        case posted(ReceiptAction, MessageID, KeptMessage?)
        /// A reply or a hand-off was stored.
        case kept(KeptMessage)
        /// Somebody else may have posted what waits.
        case look
        /// The list was read anew, with this not proven.
        case listed([MessageID: ReceiptAction])
    }

    /// What is not proven, and why it was not taken.
    private struct Waiting {
        var answers: [MessageID: ReceiptAction]
        var kept: [MessageID: KeptMessage] = [:]
        var told: [KeptMessage] = []
        var causes: [MessageID: String] = [:]
        var lastPost = ContinuousClock.now
    }

    /// 10 s: how soon what was not taken is offered again. The watcher does so at each new link; a link may also stay, and
    /// the relay be too busy for one moment.
    private static let retryPause = Duration.seconds(10)

    let profile: Profile
    let feed: EventFeed

    /// - Parameters:
    ///   - earlier: What an earlier program signed and the relay has not proven.
    ///   - kept: What it stored and the relay has not got, as the screen knows it: the watcher may bring it there before this
    ///     has looked once.
    func run(
        _ requests: AsyncStream<Request>, earlier: [MessageID: ReceiptAction], kept: [KeptMessage]
    ) async throws {
        var waiting = Waiting(
            answers: earlier, kept: Dictionary(uniqueKeysWithValues: kept.map { ($0.message, $0) }), told: kept)
        try await DeviceSession.during(profile, observer: ScreenObserver(feed: feed)) { session in
            try await run(requests, &waiting, session)
        }
    }

    private func run(
        _ requests: AsyncStream<Request>, _ waiting: inout Waiting, _ session: DeviceSession
    ) async throws {
        for await request in requests {
            try? session.catchUp()
            switch request {
            case .posted(let action, let id, let kept):
                waiting.answers[id] = action
                if let kept { waiting.kept[kept.message] = kept }
                await post(&waiting, session)
            case .listed(let unproven): waiting.answers.merge(unproven) { $1 }
            case .kept(let kept):
                waiting.kept[kept.message] = kept
                await post(&waiting, session)
            case .look:
                noticeOthers(&waiting, session)
                if !(waiting.answers.isEmpty && waiting.kept.isEmpty), .now - waiting.lastPost >= Self.retryPause {
                    await post(&waiting, session, isRetry: true)
                }
            }
            try session.checkNotRevoked()
            // First the answer, then the words that went with it; a hand-off first, and then that it was said.
            tellAnswers(&waiting, session)
            tellKept(&waiting, session)
            tellAnswers(&waiting, session)
        }
    }

    /// - Parameter isRetry: What was said when it was not taken stands already.
    private func post(_ waiting: inout Waiting, _ session: DeviceSession, isRetry: Bool = false) async {
        defer { waiting.lastPost = .now }
        do {
            try await session.postReceipts()
            for kept in (try? session.keptMessages()) ?? [] {
                do {
                    try await session.post(kept: kept.message)
                } catch {
                    waiting.causes[kept.message] = Self.cause(error, session).message
                    // What will never go out holds nothing else up.
                    guard (try? session.outcome(of: kept.message)) == .refused else { throw error }
                }
            }
        } catch is CancellationError {
            return
        } catch {
            if !isRetry { feed.put(.unposted(Self.cause(error, session).message)) }
        }
    }

    private static func cause(_ error: any Error, _ session: DeviceSession) -> DeviceKitError {
        (error as? RelayRefusal).map { session.learn(from: $0.problem) } ?? DeviceKitError(describing: error)
    }

    /// What another command of this profile signed meanwhile: not known to its sender until it is proven, by whomever.
    private func noticeOthers(_ waiting: inout Waiting, _ session: DeviceSession) {
        guard let unproven = try? session.unprovenAnswers() else { return }
        for (id, action) in unproven where waiting.answers[id] != action {
            waiting.answers[id] = action
            guard let message = try? session.inboxMessage(id.description) else { continue }
            feed.put(.message(ListedMessage(message, session, unproven: action)))
        }
    }

    private func tellAnswers(_ waiting: inout Waiting, _ session: DeviceSession) {
        for (id, action) in waiting.answers {
            guard let index = try? session.place(of: action, on: id) else { continue }
            waiting.answers[id] = nil
            if action == .read {
                guard let message = try? session.inboxMessage(id.description) else { continue }
                feed.put(.message(ListedMessage(message, session)))
            } else {
                feed.put(.proven(action, id, index: index))
            }
        }
    }

    private func tellKept(_ waiting: inout Waiting, _ session: DeviceSession) {
        guard let kept = try? session.keptMessages() else { return }
        for message in kept { waiting.kept[message.message] = message }
        for message in waiting.kept.values.sorted(by: { $0.message < $1.message }) {
            guard let outcome = try? session.outcome(of: message.message), outcome != .kept else { continue }
            waiting.kept[message.message] = nil
            let words = UnsentWords(message, session)
            switch outcome {
            case .sent(let index):
                feed.put(.sent(words, index: index))
                try? session.markReported(message.message)
                if message.kind == .handOff { tellHandedOff(message.about, &waiting, session) }
            case .refused:
                feed.put(.refused(words, cause: waiting.causes[message.message] ?? "it was turned down for good"))
            case .renamed, .kept: break
            }
        }
        guard kept != waiting.told else { return }
        waiting.told = kept
        feed.put(.unsent(kept.map { UnsentWords($0, session) }))
    }

    /// With the proof that somebody else has it, this device has signed that it was handed off.
    private func tellHandedOff(_ id: MessageID, _ waiting: inout Waiting, _ session: DeviceSession) {
        guard let message = try? session.inboxMessage(id.description) else { return }
        waiting.answers[id] = .handedOff
        feed.put(.message(ListedMessage(message, session, unproven: .handedOff)))
    }
}
