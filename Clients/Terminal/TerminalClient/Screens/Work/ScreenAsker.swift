import DeviceKit
import Statements

/// Asks the relay beside everything else: now and then whether somebody else has answered what waits here, so that nobody is
/// rung for what is answered; and who can be handed a message, when that is to be chosen.
struct ScreenAsker {
    enum Request: Sendable {
        case answers
        /// Whoever joined in the last minute may not be known here.
        case people(MessageID)
    }

    /// 15 s between two questions about answers.
    static let pause = 15
    /// More of them than these wait for no relay that does not answer.
    static let waitingAtMost = 4
    /// Every so many times, also about what was taken up and is not closed: 2 min. The stream tells of it at once; this is for
    /// what the stream did not tell, and each message asked about is a request.
    private static let timesUntilAll = 8

    let profile: Profile
    let feed: EventFeed
    let reader: AsyncStream<ScreenReader.Request>.Continuation

    func run(_ requests: AsyncStream<Request>) async throws {
        var times = 0
        try await DeviceSession.during(profile, observer: ScreenObserver(feed: feed)) { session in
            for await request in requests {
                try session.catchUp()
                // What is learnt is stored, and whoever watches the store tells of it. While the relay cannot be asked, the
                // head of the screen says that there is no link.
                switch request {
                case .answers:
                    times += 1
                    try? await session.learnAnswers(onlyWaiting: !times.isMultiple(of: Self.timesUntilAll))
                case .people(let message):
                    try? await session.refresh()
                    reader.yield(.keepUp)
                    reader.yield(.lookUp(message))
                }
                try session.checkNotRevoked()
            }
        }
    }
}
