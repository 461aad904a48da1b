public import Statements

/// One message in a list of a report: what is known of it from its manifest and its facts.
public struct MessageLine: Sendable {
    /// Who did something first, and when the log says so.
    public struct Moment: Hashable, Sendable {
        public let time: Timestamp
        public let device: DeviceID?
        public let member: MemberID?
        /// The receipt's action.
        public let action: String
        /// The receipt's.
        public let reason: String?

        init(_ fact: AuditedMessage.Fact) {
            time = fact.logged
            device = fact.device
            member = fact.member
            action = fact.word
            reason = fact.reason
        }
    }

    public let message: MessageID
    public let index: UInt64
    public let logged: Timestamp
    public let expires: Timestamp
    public let urgency: Urgency
    public let sender: DeviceID
    public let senderMember: MemberID?
    /// The addressed.
    public let member: MemberID
    public let isReply: Bool
    public let isForward: Bool
    public let outcome: MessageOutcome
    public let marks: [MessageMark]
    /// The furthest receipt.
    public let state: MessageState
    /// ``AuditedMessage/isGivenUp``.
    let isGivenUp: Bool
    /// Whether every promise about it was kept.
    public let isSound: Bool
    public private(set) var delivered: Moment?
    public private(set) var read: Moment?
    /// The first receipt that says that somebody took it up: acknowledged, handed off or closed; `nil` of what was closed unread.
    public private(set) var answered: Moment?
    /// The first that says acknowledged.
    public private(set) var acknowledged: Moment?
    public private(set) var closed: Moment?
    /// When it was closed; `nil` when it was closed unread, which ends nothing.
    private(set) var ended: Timestamp?
    /// The first that says declined.
    public private(set) var declined: Moment?
    /// How many pages were tried, and how many of them a push service took.
    public private(set) var pages = 0
    public private(set) var acceptedPages = 0
    /// The devices that it was sealed to.
    let devices: Set<DeviceID>
    /// Whom it is about, in a report that tells it.
    public internal(set) var subject: ReportSubjects.Subject?

    init(_ message: AuditedMessage) {
        self.message = message.message
        index = message.index
        logged = message.logged
        expires = message.expires
        urgency = message.urgency
        sender = message.sender
        senderMember = message.senderMember
        member = message.member
        isReply = message.isReply
        isForward = if case .forwardOf = message.reference { true } else { false }
        outcome = MessageOutcome(message)
        marks = message.marks
        state = message.state
        isGivenUp = message.isGivenUp
        isSound = message.isSound
        devices = Set(message.recipients.map(\.device))
        for fact in message.facts {
            guard let device = fact.device, devices.contains(device) else { continue }
            take(fact)
        }
        ended = closed?.time
        if marks.contains(.closedUnread) { (answered, ended) = (nil, nil) }
    }

    /// Who took it up; of what nobody took up, who closed it unread or declined it.
    public var told: Moment? { answered ?? (marks.contains(.closedUnread) ? closed : declined) }

    /// How far it came, as people say it.
    public var stateWords: String { state.words(isGivenUp: isGivenUp) }

    /// What it goes back to, behind how far it came: `; a reply`, which asks for no answer.
    public var referenceWords: String { isReply ? "; a reply" : isForward ? "; carries one on" : "" }

    /// What became of it, with its marks, as people say it.
    var outcomeWords: String {
        let words =
            marks.contains(.closedUnread)
            ? "closed UNREAD" : marks.contains(.declined) ? "declined, nobody takes it" : outcome.words
        return words + (marks.contains(.late) ? ", LATE: it had expired" : "")
    }

    private mutating func take(_ fact: AuditedMessage.Fact) {
        func first(_ known: Moment?) -> Moment { known ?? Moment(fact) }
        if fact.word == "pushed" {
            pages += 1
            if fact.reason == PageOutcome.accepted.rawValue { acceptedPages += 1 }
        }
        switch ReceiptAction(rawValue: fact.word) {
        case .delivered: delivered = first(delivered)
        case .read: read = first(read)
        case .acknowledged:
            acknowledged = first(acknowledged)
            answered = first(answered)
        case .handedOff: answered = first(answered)
        case .closed:
            answered = first(answered)
            closed = first(closed)
        case .declined: declined = first(declined)
        case .filed, .disclosed, .undecryptable, nil: break
        }
    }
}
