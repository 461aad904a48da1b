import DeviceKit

/// Asks now and then whether somebody else has answered what waits here, so that nobody is rung for what is answered.
struct ScreenAsker {
    private static let pause: Duration = .seconds(15)
    /// Every so many times, also about what was taken up and is not closed: 2 min. The stream tells of it at once; this is for
    /// what the stream did not tell, and each message asked about is a request.
    private static let timesUntilAll = 8

    let profile: Profile
    let feed: EventFeed

    func run() async throws {
        let session = try DeviceSession.open(profile, observer: ScreenObserver(feed: feed))
        do {
            for time in 1... {
                try await Task.sleep(for: Self.pause)
                try session.catchUp()
                // What is learnt is stored, and whoever watches the store tells of it. While the relay cannot be asked, the
                // head of the screen says that there is no link.
                try? await session.learnAnswers(onlyWaiting: !time.isMultiple(of: Self.timesUntilAll))
            }
        } catch {
            await session.close()
            throw error
        }
    }
}
