import DeviceKit
import Statements

/// Tells the process that outlives this one by when messages that were sent from here are to be answered and calls are due
/// that were promised from here, so that it rings for them when the profile is locked.
struct DeadlineTeller {
    /// The nearest of those to come: five bytes each, all of which its socket holds at once.
    private static let atMost = 900
    /// The last of those that are over.
    private static let lateAtMost = 100

    private let tell: (WorkerWord) -> Bool
    private var untold: [OpenDeadlines.Deadline]?

    init(_ tell: @escaping (WorkerWord) -> Bool) { self.tell = tell }

    /// Tells as soon as any program of the profile has sent something, or learnt of an answer, until the task is cancelled.
    ///
    /// Over a session of its own, which waits for no relay.
    static func run(_ profile: Profile) async throws {
        let changes = try ProfileChanges(profile.directory)
        // Opened last: whatever fails before has nothing to close.
        let session = try DeviceSession.open(profile, observer: SilentObserver())
        var teller = DeadlineTeller(Lifeline.tell)
        var deadlines = OpenDeadlines()
        // Its end is the end of its signals.
        defer { withExtendedLifetime(changes) {} }
        for await _ in changes.signals {
            let now = session.laterClock()
            if let open = deadlines.look(session) {
                teller.changed(open, now: now)
            } else {
                teller.repeatUntold(now: now)
            }
        }
        await session.close()
    }

    /// - Parameter deadlines: All of them, in any order.
    mutating func changed(_ deadlines: [OpenDeadlines.Deadline], now: Timestamp) {
        let sorted = deadlines.sorted { $0.at < $1.at }
        untold =
            sorted.filter { $0.at <= now }.suffix(Self.lateAtMost) + sorted.filter { $0.at > now }.prefix(Self.atMost)
        repeatUntold(now: now)
    }

    /// Tells once more what nobody heard: all of it, or the other would take a part for the whole.
    mutating func repeatUntold(now: Timestamp) {
        guard let deadlines = untold else { return }
        let words =
            [WorkerWord(.deadlines, UInt32(deadlines.count))]
            + deadlines.map { deadline in
                let seconds = UInt32(clamping: (deadline.at.milliseconds(since: now) + 999) / 1000)
                return WorkerWord(deadline.isPromise ? .promise : .deadline, seconds, deadline.urgency)
            }
        if words.allSatisfy(tell) { untold = nil }
    }
}
