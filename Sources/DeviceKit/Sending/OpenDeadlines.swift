import DeviceStorage
public import Statements

/// By when something is due that this device's person waits for or promised, for whoever is there when this process is not.
///
/// Follows the store alone: whichever program of the profile sent something or learnt of an answer, and without a relay.
public struct OpenDeadlines {
    /// One of them.
    public struct Deadline: Sendable, Equatable {
        public let at: Timestamp
        /// That of the message.
        public let urgency: Urgency
        /// Whether a call was promised from here; else an answer to a message of ours is due that has none.
        public let isPromise: Bool

        public init(_ at: Timestamp, _ urgency: Urgency, isPromise: Bool = false) {
            self.at = at
            self.urgency = urgency
            self.isPromise = isPromise
        }
    }

    private var version: Int64?
    /// Where the queue was: what came by it was stored by this process, perhaps.
    private var position: UInt64?
    private var settled: Set<MessageID> = []

    public init() {}

    /// - Returns: The deadlines, by the later of this machine's clock and the relay's; `nil` when nothing has changed since
    ///   this was asked last, or the store cannot be looked at just now.
    public mutating func look(_ session: DeviceSession) -> [Deadline]? {
        guard
            let (now, place) = try? session.profile.store.look({
                (try $0.version(), try $0.queuePosition().number)
            }), now != version || place != position
        else { return nil }
        // The relay's clock, as another program may have learnt it.
        try? session.catchUp()
        // What is over is somebody's to deal with, who perhaps was not there when it was told.
        let began = session.laterClock().adding(seconds: -AnswerDeadlines.lookBackSeconds)
        func isRecent(_ deadline: Timestamp) -> Bool { deadline > began }
        var open: [Deadline] = []
        for (message, state) in session.awaited(besides: settled.contains) where !state.isDealtWith {
            if let deadline = message.deadline, isRecent(deadline) {
                open.append(Deadline(deadline, state.urgency))
            } else {
                settled.insert(message.id)
            }
        }
        guard let promises = try? session.openPromises() else { return nil }
        open += promises.filter { isRecent($0.at) }
        (version, position) = (now, place)
        return open
    }
}
