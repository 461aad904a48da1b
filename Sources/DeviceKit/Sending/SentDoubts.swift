public import Statements

/// What was answered, and cannot be relied on all the same.
extension SentState {
    /// Whether whoever closed it never said that they had read it, with any of their devices: then nobody may know what it
    /// says.
    public var isClosedUnread: Bool {
        guard let standing, standing.state == ReceiptAction.closed.rawValue else { return false }
        return !decidingFacts.contains { $0.action == ReceiptAction.read.rawValue && $0.member == standing.member }
    }

    /// Whether whoever closed it neither read it nor took it up: nobody may ever have called.
    public var isClosedUnseen: Bool {
        !isReply && isClosedUnread && holderFact(.acknowledged) == nil
    }

    /// Whether nobody at all has read it.
    public var isReadByNobody: Bool { !everything.contains { $0.action == ReceiptAction.read.rawValue } }

    /// Whether whoever closed it had said no, and never that they take it up: the no stands.
    public var isClosedAfterDecline: Bool {
        standing?.state == ReceiptAction.closed.rawValue && holderFact(.declined) != nil
            && holderFact(.acknowledged) == nil
    }

    /// Whether whoever acknowledged it has not said with any of their devices that they had read it.
    public var isAcknowledgedUnread: Bool {
        standing?.state == ReceiptAction.acknowledged.rawValue && !isReply && holderFact(.read) == nil
    }

    /// When it had expired already when whoever has it took it up: its sender was told to telephone, and did perhaps.
    public var expiredBeforeTaken: Timestamp? {
        guard standing?.state == ReceiptAction.acknowledged.rawValue, !isReply, let last = acknowledgement else {
            return nil
        }
        let forward = forwards.first { $0.facts.contains { $0.index == last.index && $0.member == last.member } }
        // Another promise of theirs is no second taking up.
        let first =
            takenBack?.fact ?? (forward?.facts ?? facts).first { $0.action == last.action && $0.member == last.member }
        guard let expires = forward?.expires ?? expires, let first, first.at >= expires else { return nil }
        return expires
    }

    private var everything: [SentFact] { facts + forwards.flatMap(\.facts) }

    /// What whoever has it, or had it last, said so last, through whatever hands it came to them.
    public func holderFact(_ action: ReceiptAction) -> SentFact? {
        let member = standing?.member
        return everything.last { $0.action == action.rawValue && $0.member == member }
    }
}
