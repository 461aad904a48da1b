import DeviceStorage
public import Statements

/// That somebody said when they would call about a message of ours, and handed it on then.
public struct EarlierPromise: Sendable, Equatable {
    public let member: MemberID?
    /// `calling_now` or `will_call_by`.
    public let reason: ReceiptReason
    /// When they would call; `nil` for at once, and when the time never came here.
    public let by: Timestamp?
}

extension SentState {
    /// How long after "calls now" the patient should have been called, and the message closed.
    static let callingNowSeconds: Int64 = 600

    /// When whoever has it said that they call at once; `nil` when they said something else last.
    public var callsNowSince: Timestamp? {
        guard acknowledgedFor == .callingNow, !isReply, standing?.state == ReceiptAction.acknowledged.rawValue else {
            return nil
        }
        return acknowledgement?.at
    }

    /// The reply whose time counts: the last one of whoever has it, as long as they acknowledged it for that.
    public var promise: SentReply? {
        guard acknowledgedFor == .willCallBy else { return nil }
        return lastPromise(of: standing?.member)
    }

    /// What was promised last by somebody who handed it on then; `nil` when it is closed, or that one has it again.
    public var earlierPromise: EarlierPromise? {
        guard let holder = standing, holder.state != "closed" else { return nil }
        let given = ([facts] + forwards.map(\.facts)).compactMap { facts -> (fact: SentFact, reason: ReceiptReason)? in
            guard let fact = facts.last(named: ReceiptAction.acknowledged.rawValue),
                fact.member != holder.member, let reason = fact.reason.flatMap(ReceiptReason.init),
                [.callingNow, .willCallBy].contains(reason), forwards.contains(where: { $0.from == fact.member })
            else { return nil }
            return (fact, reason)
        }
        guard let (fact, reason) = given.max(by: { $0.fact.index < $1.fact.index }) else { return nil }
        let by = reason == .willCallBy ? lastPromise(of: fact.member)?.promisedAt : nil
        return EarlierPromise(member: fact.member, reason: reason, by: by)
    }

    private func lastPromise(of member: MemberID?) -> SentReply? {
        replies.last { $0.member == member && $0.promisedAt != nil }
    }

    /// By when somebody will call: whoever has it or, until that one has taken up what was handed on, whoever handed it on.
    public var promisedBy: Timestamp? {
        if let promise { return promise.promisedAt }
        if let callsNowSince { return callsNowSince.adding(seconds: Self.callingNowSeconds) }
        return standing?.state == ReceiptAction.acknowledged.rawValue ? nil : earlierPromise?.by
    }

    /// Whether the time of a call that was promised is over, and the message is not closed: whether the patient was called is
    /// not known.
    public func isLate(now: Timestamp = .now()) -> Bool {
        guard !isDone, let promised = promisedBy else { return false }
        return promised <= now
    }
}

/// Which messages of ours are not closed although the time of a promised call is over: each promise is told once by each
/// watcher.
struct BrokenPromises {
    private let began: Timestamp
    /// What the store had when it was looked through.
    private var seen: (version: Int64, position: UInt64)?
    private var due: [MessageID: Timestamp] = [:]
    private var told: [MessageID: Timestamp] = [:]

    init(began: Timestamp) { self.began = began.adding(seconds: -AnswerDeadlines.lookBackSeconds) }

    /// Whether the store may hold a promise that is not known here.
    func isStale(_ version: Int64, _ position: UInt64) -> Bool { seen.map { $0 != (version, position) } ?? true }

    /// - Parameter promises: Every time that somebody promised and that was not kept or taken back, as the store has it now.
    mutating func learn(_ promises: [(MessageID, Timestamp)], at version: Int64, _ position: UInt64) {
        seen = (version, position)
        due = Dictionary(promises.filter { $0.1 >= began }, uniquingKeysWith: { _, last in last })
    }

    /// - Returns: Those whose time is over by now and that were not told.
    mutating func take(now: Timestamp) -> [MessageID] {
        let late = due.filter { $0.value <= now && told[$0.key] != $0.value }.keys.sorted()
        for message in late { told[message] = due[message] }
        return late
    }
}

extension DeviceSession {
    /// Tells of sent messages about which somebody promised a call by a time that is over, and that are not closed.
    func tellBroken(
        _ promises: inout BrokenPromises, now: Timestamp, _ tell: (SentState) throws -> Void
    ) rethrows {
        // A profile that another program holds just now is looked at the next time.
        if let (version, position) = try? profile.store.look({ (try $0.version(), try $0.queuePosition().number) }),
            promises.isStale(version, position), let states = try? sentStates()
        {
            promises.learn(
                states.filter { !$0.isDone && !$0.isDealtWith }.compactMap { state in
                    state.promisedBy.map { (state.message, $0) }
                }, at: version, position)
        }
        for id in promises.take(now: now) {
            if let state = try? sentState(id.description), state.isLate(now: now) { try tell(state) }
        }
    }
}
