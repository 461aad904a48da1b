public import Statements

/// A message that carries one of ours on, as its manifest and verified receipts say.
public struct SentForward: Sendable {
    public let message: MessageID
    /// Who handed it on; `nil` for a device that is in no roster.
    public let from: MemberID?
    /// Who has it from then on.
    public let to: MemberID
    public let at: Timestamp
    public let expires: Timestamp
    /// The furthest of `waiting`, `delivered`, `read`, `declined`, `acknowledged`, `handed_off`, `closed`.
    public let state: String
    public let facts: [SentFact]
    /// The devices that it was sealed to.
    public let devices: [DeviceID]

    /// Whether a device of the new member has it.
    var isDelivered: Bool { MessageProgress.isDelivered(state) }

    /// What carries a message to the one whose it is now: until somebody has taken up what was handed on, it is still the one's
    /// who did; `nil` for the one to whom it was sent first.
    /// - Parameter state: How far the message itself has come.
    static func inHand(of state: String, _ forwards: [SentForward]) -> SentForward? {
        guard state != "closed" else { return nil }
        return forwards.last(inFirstOf: ["closed", "acknowledged", "handed_off"])
    }
}

extension [SentForward] {
    /// The one on which it depends how it stands: who closed or took it up before who was asked last.
    public var deciding: SentForward? { last(inFirstOf: ["closed", "acknowledged"]) ?? last }

    /// The no of the one who was asked last, if nobody has taken it up besides.
    fileprivate var lastNo: SentFact? { isTurnedDown ? last?.facts.last(named: "declined") : nil }

    /// Whether the one who was asked last said no, and nobody has taken it up besides.
    var isTurnedDown: Bool { deciding?.state == "declined" }

    /// Who acknowledged anew what they had handed on themselves, when the last who was asked had said no.
    public var takenBack: (forward: SentForward, fact: SentFact)? {
        guard let no = lastNo else { return nil }
        return compactMap { forward in forward.facts.last(named: "acknowledged").map { (forward, $0) } }
            .filter { $0.1.index > no.index }.max { $0.1.index < $1.1.index }
    }

    /// The last of those that stand in the first of these states in which any stands.
    fileprivate func last(inFirstOf states: [String]) -> SentForward? {
        states.lazy.compactMap { state in last { $0.state == state } }.first
    }
}

extension [SentFact] {
    func last(named action: String) -> SentFact? { last { $0.action == action } }

    /// Whether somebody acknowledged it, whatever they did with it then.
    fileprivate var holdAcknowledgement: Bool { contains { $0.action == ReceiptAction.acknowledged.rawValue } }
}

/// A reply to one of our messages. What it says is opened by whoever reads it.
public struct SentReply: Sendable {
    public let message: MessageID
    /// The message that it answers: ours, or one that carries ours on.
    public let answers: MessageID
    public let device: DeviceID
    public let member: MemberID?
    public let at: Timestamp
    /// When the patient will be called.
    public let promisedAt: Timestamp?
    public let isVerified: Bool
}

extension SentState {
    /// Whether it answers another message: then nobody answers it, and it is done when it was delivered.
    public var isReply: Bool { if case .inReplyTo? = reference { true } else { false } }

    /// Whether a device of the addressed has it.
    public var isDelivered: Bool { MessageProgress.isDelivered(state) }

    /// Whether a person has taken the message up or turned it down. One that was handed off is answered by the one who has
    /// it now.
    public var isAnswered: Bool {
        if isReply { return isDelivered }
        guard state == "handed_off" || !forwards.isEmpty else {
            return ["acknowledged", "declined", "closed"].contains(state)
        }
        return state == "closed" || forwards.contains { ["acknowledged", "closed"].contains($0.state) }
            || forwards.last?.state == "declined"
    }

    /// Whether somebody has taken it up, through whatever hands it went.
    var isTakenUp: Bool {
        ([state] + forwards.map(\.state)).contains { ["acknowledged", "closed"].contains($0) } || takenBack != nil
    }

    /// Whether the time of the one who was asked first counts.
    ///
    /// Once it is handed on by somebody who had acknowledged it, the one who has it then is waited for. Handed on before
    /// that, it is overdue when it would have been: who passes it on gives the patient no further time.
    var waitsForTheFirst: Bool {
        guard !isAnswered, !isMootHandOff, state != SentStates.refused else { return false }
        return forwards.isEmpty || !facts.holdAcknowledgement
    }

    /// The same of one of those to whom it was handed on.
    func waits(for forward: SentForward) -> Bool {
        !isAnswered && !isMootHandOff
            && (forward.message == forwards.last?.message || !forward.facts.holdAcknowledgement)
    }

    /// The message on which it depends how it stands with this one; `nil` when its own receipts say it.
    var deciding: SentForward? { state == "closed" ? nil : forwards.deciding }
    /// What was said of that message.
    var decidingFacts: [SentFact] { deciding?.facts ?? facts }

    /// Who acknowledged it anew after they had handed it on, and the last who was asked had said no; with which devices.
    var takenBack: (fact: SentFact, devices: [DeviceID])? {
        guard state != "closed", let no = forwards.lastNo else { return nil }
        let first = facts.last(named: "acknowledged").flatMap { $0.index > no.index ? ($0, devices) : nil }
        let others = forwards.takenBack.map { ($0.fact, $0.forward.devices) }
        return [first, others].compactMap { $0 }.max { $0.0.index < $1.0.index }
    }

    /// The devices that have it, or were to have it: of whoever it depends on.
    var holdingDevices: [DeviceID] { takenBack?.devices ?? deciding?.devices ?? devices }

    /// Who has it, or was to have it.
    public var holder: MemberID { takenBack?.fact.member ?? deciding?.to ?? member }

    /// Whether somebody will call by a time that has not come here yet.
    public var promisesWords: Bool {
        guard replies.allSatisfy({ $0.promisedAt == nil }) else { return false }
        return (facts + forwards.flatMap(\.facts)).contains { $0.reason == ReceiptReason.willCallBy.rawValue }
    }

    /// For what reason the one who has it acknowledged it last.
    public var acknowledgedFor: ReceiptReason? {
        acknowledgement?.reason.flatMap(ReceiptReason.init)
    }

    /// How the one who has it acknowledged it last.
    var acknowledgement: SentFact? {
        takenBack?.fact ?? decidingFacts.last(named: ReceiptAction.acknowledged.rawValue)
    }

    /// Whether nobody has answered it, or somebody took it up and has not closed it, and no device of theirs is left that has
    /// it: what they promised they may not be able to keep.
    /// - Parameter isLive: Whether a device can still read.
    func isOutOfReach(_ isLive: (DeviceID) -> Bool) -> Bool {
        guard index != nil, !isDone, !isAnswered || standing?.state == "acknowledged" else { return false }
        return !holdingDevices.contains(where: isLive)
    }

    /// What is known of it here, counted: it grows with every receipt, event, hand-off and reply, and with nothing else.
    var newsCount: Int {
        facts.count + replies.count + forwards.reduce(0) { $0 + 1 + $1.facts.count }
    }

    /// Who wrote since the last who was asked turned it down; `nil` when nobody did, or it is not turned down.
    public var wroteSinceDecline: MemberID? {
        guard let standing, standing.state == "declined" else { return nil }
        // What goes with the no itself is not another word on it.
        return replies.last { $0.at > standing.since && $0.member != standing.member }?.member
    }

    /// Whether nobody needs to look after it any more.
    public var isDone: Bool {
        state == SentStates.refused || state == "closed" || isMootHandOff || forwards.contains { $0.state == "closed" }
            || (isReply && isDelivered)
    }

    /// Who has it, how far it is with them, and since when; `nil` while no device has it.
    public var standing: (member: MemberID?, state: String, since: Timestamp)? {
        if let fact = takenBack?.fact { return (fact.member, fact.action, fact.at) }
        let state = deciding?.state ?? state
        // Another device of theirs gets and opens it later: they have had it since the first.
        let isKept = [ReceiptAction.delivered.rawValue, ReceiptAction.read.rawValue].contains(state)
        let fact = isKept ? decidingFacts.first { $0.action == state } : decidingFacts.last(named: state)
        if let fact { return (fact.member, state, fact.at) }
        return deciding.map { ($0.to, $0.state, $0.at) }
    }
}
