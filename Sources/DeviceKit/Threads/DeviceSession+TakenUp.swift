import DeviceStorage
public import Statements

/// That a message is in somebody's hands: acknowledged is not done.
public struct TakenUp: Sendable, Equatable {
    /// The time of the last acknowledgement, as its signer says.
    public let since: Timestamp
    /// That of the first one.
    public let first: Timestamp
    /// By when this device's person said they would call; `nil` when they named no time.
    public let promisedAt: Timestamp?
    /// When they said last that they call at once; `nil` when they said something else.
    public let callsNowSince: Timestamp?

    public init(
        since: Timestamp, first: Timestamp? = nil, promisedAt: Timestamp? = nil, callsNowSince: Timestamp? = nil
    ) {
        self.since = since
        self.first = first ?? since
        self.promisedAt = promisedAt
        self.callsNowSince = callsNowSince
    }

    /// By when its sender counts on a call, and that it is closed: after that they are told to telephone.
    public var callBy: Timestamp? {
        promisedAt ?? callsNowSince?.adding(seconds: SentState.callingNowSeconds)
    }

    /// When it is brought up again if it is not closed: at the time that was promised (of a call at once, when its sender is told
    /// to telephone), and when the policy's time has passed
    /// since it was taken up, or since somebody looked at it after that.
    /// - Parameters:
    ///   - last: When somebody looked at it, or was reminded.
    ///   - reopenSeconds: The policy's time; 0 means never.
    public func comesBack(after last: Timestamp?, reopenSeconds: UInt64) -> Timestamp? {
        var moments: [Timestamp] = []
        if let callBy, last.map({ $0 < callBy }) ?? true { moments.append(callBy) }
        if reopenSeconds > 0 {
            // A policy may say more seconds than a time can have.
            let seconds = Int64(clamping: min(reopenSeconds, 1 << 32))
            let first = since.adding(seconds: seconds)
            moments.append(last.map { $0 >= first ? $0.adding(seconds: seconds) : first } ?? first)
        }
        return moments.min()
    }
}

extension DeviceSession {
    /// Since when a received message is acknowledged, by this device or another that has it, and what was promised from
    /// here; `nil` when nobody has acknowledged it as far as is known.
    public func takenUp(_ message: MessageID) throws -> TakenUp? {
        try profile.store.look { store in
            let ours = try store.receipts(on: message.description)
                .filter { $0.action == ReceiptAction.acknowledged.rawValue }.compactMap(\.receipt)
            let others = try store.answers(on: message.description)
                .filter { $0.action == ReceiptAction.acknowledged.rawValue }.compactMap(\.receipt)
            let times = (ours + others).map(\.at)
            guard let since = times.max(), let first = times.min() else { return nil }
            // What was promised last is what counts.
            let callsNow = ours.last.flatMap { $0.reason == .callingNow ? $0.at : nil }
            return TakenUp(
                since: since, first: first, promisedAt: callsNow == nil ? try promise(on: message, in: store) : nil,
                callsNowSince: callsNow)
        }
    }

    /// The calls that were promised from here, of messages that are acknowledged and not closed: the newest promise of each.
    public func openPromises() throws -> [OpenDeadlines.Deadline] {
        try profile.store.look { store in
            // Of ten thousand messages few were answered with words.
            let answered = Set(try store.links().filter { !$0.isForward }.map(\.parent))
            return try answered.compactMap { text in
                guard let id = MessageID(text), let row = try store.messageListRow(text) else { return nil }
                let message = try InboxMessage(row)
                guard try isTaken(message, in: store) else { return nil }
                return try promise(on: id, in: store).map {
                    OpenDeadlines.Deadline($0, message.urgency, isPromise: true)
                }
            }
        }
    }

    /// The time that the newest reply from here to a message promises.
    private func promise(on message: MessageID, in store: some StoreReading) throws -> Timestamp? {
        let root = try store.link(of: message.description)?.root ?? message.description
        let takenBack = Self.takenBack(try store.receipts(on: message.description))?.milliseconds
        var newest: (created: Int64, promised: Timestamp)?
        for link in try store.links(ofThread: root) where !link.isForward && link.parent == message.description {
            guard let row = try store.sent(link.message), row.state != SentStates.refused,
                case .reply(let reply)? = Draft(row.draft)?.content, let promised = reply.promisedAt,
                newest.map({ $0.created < row.created }) ?? true, takenBack.map({ $0 < row.created }) ?? true
            else { continue }
            newest = (row.created, promised)
        }
        return newest?.promised
    }

    /// When it was handed on from here, if it was acknowledged anew after that: an earlier promise does not count any more.
    private static func takenBack(_ receipts: [ReceiptRow]) -> Timestamp? {
        let (acknowledged, handed) = (ReceiptAction.acknowledged.rawValue, ReceiptAction.handedOff.rawValue)
        guard receipts.last(where: { [acknowledged, handed].contains($0.action) })?.action == acknowledged else {
            return nil
        }
        return receipts.last { $0.action == handed }?.receipt?.at
    }
}
