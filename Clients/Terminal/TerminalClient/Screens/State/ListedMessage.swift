import DeviceKit
import Statements

/// A message as lists show it: nothing of what is inside its seal.
struct ListedMessage: Sendable, Equatable {
    /// Where a message stands among those that it belongs to.
    struct Place: Sendable, Equatable {
        /// The first message of its thread.
        let root: MessageID
        /// Whether it answers another; else it carries one on.
        let isReply: Bool
    }

    /// The beginning of a message that was handed on: no patient's data.
    struct FirstSent: Sendable, Equatable {
        let from: String
        let at: Timestamp
        var expires: Timestamp?
    }

    let id: MessageID
    let urgency: Urgency
    /// The sender's name.
    let from: String
    /// The sender's time.
    let at: Timestamp
    let expires: Timestamp
    /// As `inbox` says it: proven receipts alone.
    var state: String
    /// Whether every promise was verified.
    var isVerified: Bool
    let quarantine: ReceiptReason?
    /// What this device answered, while the relay has not proven that it is logged.
    var unproven: ReceiptAction?
    /// Words or a hand-off that only this device knows of.
    var unsent: KeptMessage.Kind?
    /// `nil` for one that begins a thread, or has none.
    var place: Place?
    /// Since when it is in somebody's hands, and what was promised.
    var taken: TakenUp?
    /// When what was handed on to this person was sent first, and by whom: since then the patient waits.
    var firstSent: FirstSent?
    /// Who has it since it was handed on from here.
    var carriedOn: CarriedOn?
    /// Whether it was acknowledged anew after the one to whom it was handed on had said no.
    var isTakenBack = false
    /// Whether it was taken up so long ago, or handed on and not taken up in time, that it is brought up again.
    var isBack = false
    /// Whether the time of a promised call is over: looking at it makes no call.
    var isLate = false
    /// What only another device of this person said: to whom it was handed there, or what was promised, is not known here.
    var saidElsewhere: ReceiptAction?

    /// What was said of it here or proven of others, the former even while nobody else knows.
    var furthest: String {
        unproven?.rawValue ?? (isTakenBack ? ReceiptAction.acknowledged.rawValue : state)
    }

    /// Whether it only says something about another message: nobody has to answer that.
    var isReply: Bool { place?.isReply ?? false }
    /// Nobody has answered.
    var needsAnswer: Bool {
        switch furthest {
        case "quarantined": true
        case "waiting", "delivered", "read": !isReply
        default: false
        }
    }
    /// Somebody took it up, and it is not dealt with.
    var isTaken: Bool { !isReply && furthest == "acknowledged" }
    var isClosed: Bool { furthest == "closed" }
    /// It was handed on from here.
    var isHandedOn: Bool { furthest == "handed_off" }
    /// Another device of this person handed it on: whether somebody took it up is known only there.
    var isHandedOffElsewhere: Bool { isHandedOn && carriedOn == nil && saidElsewhere == .handedOff }
    /// It was handed on from here, and nobody else has taken it up: it is still this person's.
    var isHandedOnInVain: Bool { isHandedOn && carriedOn.map { !$0.isTakenUp } ?? false }
    /// The one to whom it was handed on has said no.
    var isYoursAgain: Bool { isHandedOnInVain && carriedOn?.isDeclined ?? false }
    /// Somebody took it up, and perhaps passed it on or dealt with it: to decline it would change nothing.
    var isOurs: Bool { ["acknowledged", "handed_off", "closed"].contains(furthest) }
    /// Whether nobody has to say anything of it, or can: it answers another, or does not open.
    private var isMute: Bool { isReply || quarantine != nil }
    /// To acknowledge what somebody else has, or what is closed, would change nothing.
    var canBeAcknowledged: Bool { !isMute && !isClosed && (!isHandedOn || isYoursAgain) }
    /// Said once, a no is said.
    var canBeDeclined: Bool { !isMute && !isOurs && furthest != ReceiptAction.declined.rawValue }
    func canBeAnswered(_ action: ReceiptAction) -> Bool {
        switch action {
        case .acknowledged: canBeAcknowledged
        case .declined: canBeDeclined
        case .closed: canBeClosed
        default: true
        }
    }
    /// Whoever has it closes it, when nothing is on its way to somebody else.
    var canBeClosed: Bool {
        !isMute && !isClosed && furthest != ReceiptAction.declined.rawValue && unsent != .handOff
            && !(isHandedOn && carriedOn?.isTakenUp ?? false)
    }
    /// Nobody on this device has read it.
    var isNew: Bool { ["waiting", "delivered", "quarantined"].contains(furthest) }
    /// Somebody replied, and nobody on this device has read it.
    var isNewReply: Bool { isReply && isNew && quarantine == nil }

    /// What waits first, by urgency and age: also what was handed on and not taken up, and what comes back. Then what is taken;
    /// then what is done, the newest first.
    static func isBefore(_ left: ListedMessage, _ right: ListedMessage) -> Bool { left.standing < right.standing }

    /// The same order of many, of which each is looked at once: there may be ten thousand.
    static func ordered(_ messages: [ListedMessage]) -> [ListedMessage] {
        zip(messages.indices, messages).map { (place: $0, standing: $1.standing) }
            .sorted { $0.standing < $1.standing }
            .map { messages[$0.place] }
    }

    /// All that the order looks at.
    private struct Standing: Comparable {
        let group: Int
        let urgency: Urgency
        let at: Timestamp
        let id: MessageID

        static func < (left: Standing, right: Standing) -> Bool {
            if left.group != right.group { return left.group < right.group }
            return left.group == doneGroup
                ? (right.at, right.id) < (left.at, left.id)
                : (left.urgency, left.at, left.id) < (right.urgency, right.at, right.id)
        }
    }

    private var standing: Standing { Standing(group: group, urgency: urgency, at: at, id: id) }

    private static let doneGroup = 2
    /// Whether it stands with those that a person must see first.
    var waits: Bool { needsAnswer || isNewReply || isHandedOnInVain || (isTaken && (isBack || isLate)) }
    private var group: Int { waits ? 0 : isTaken || isHandedOffElsewhere ? 1 : Self.doneGroup }

    var isDone: Bool { group == Self.doneGroup }
}
