import DeviceStorage
import Membership
import Secrets
public import Statements

/// A person's steps on a message, signed here and posted by whoever is connected first.
extension DeviceSession {
    /// Signs a person's step on a message and stores it; the same step twice is one receipt. Asks nobody.
    /// - Throws: ``DeviceKitError`` when there is no such message, this device is revoked, or the step would change nothing.
    public func sign(_ action: ReceiptAction, reason: ReceiptReason?, on message: MessageID) throws {
        try sign(action, reason: reason, on: message) { _, _ in }
    }

    /// The same, with something more in the same step.
    /// - Parameter beside: Gets the hash of the receipt, new or not.
    func sign(
        _ action: ReceiptAction, reason: ReceiptReason?, on message: MessageID,
        beside: (StoreStep, Digest) throws -> Void
    ) throws {
        try checkNotRevoked()
        guard action != .filed else {
            throw DeviceKitError(
                "not_filed", .failed, "this client files nothing into another system", next: "let a gateway file it")
        }
        let id = message.description
        let time = connection.clock.now()
        try durably { step, lines in
            guard let row = try step.message(id), let details = MessageDetails(row.details) else {
                throw DeviceKitError(
                    "no_such_message", .notFound, "this device has no such message",
                    next: "look at the ids with \"nightbell inbox\"")
            }
            let earlier = try step.receipts(on: id)
            try self.answerRules(earlier, on: message, in: step).check(action, on: message, now: time)
            // What was handed on meanwhile is taken up anew, not once more for the same reason.
            let handed = action == .acknowledged ? ReceiptAction.handedOff.rawValue : nil
            let done = earlier.last { $0.action == action.rawValue || $0.action == handed }
                .flatMap { try? SignedNote(parsing: $0.note) }
            if let done, let receipt = try? Receipt(parsing: done.text), receipt.action == action,
                receipt.reason == reason
            {
                return try beside(step, done.hash)
            }
            lines += try makeReceipt(action, reason: reason, details: details, message: message, at: time, in: step)
            guard let made = try step.lastReceipt().flatMap({ Digest($0.hash) }) else {
                throw DeviceStorageError(.unusable, place: "receipt")
            }
            try beside(step, made)
        }
    }

    /// What was said of a message here, and who took it up when it was handed off.
    private func answerRules(
        _ signed: [ReceiptRow], on message: MessageID, in step: some StoreReading
    ) throws -> AnswerRules {
        let own = signed.compactMap(\.receipt).map { (action: $0.action, at: $0.at) }
        // What a person said with another device of theirs, they said.
        let elsewhere = try answersOfOthers(on: message, in: step).filter { $0.member == identity.member }
            .map { (action: $0.action, at: $0.at) }
        let said = (own + elsewhere).sorted { $0.at < $1.at }
        var rules = AnswerRules(said: said)
        let member = try step.message(message.description).flatMap { MessageDetails($0.details)?.member }
        if let member { rules.sender = view.displayName(of: member) }
        guard said.contains(where: { $0.action == .handedOff }) else { return rules }
        let forwards = try sentThread(of: message.description, in: step).forwards
        rules.handed = forwards.last { $0.from == identity.member }
            .map {
                AnswerRules.Handed(
                    name: view.displayName(of: $0.to), at: $0.at, state: $0.state, isTurnedDown: forwards.isTurnedDown)
            }
        let taken = forwards.last { ["acknowledged", "closed"].contains($0.state) }
        if let taken {
            rules.taken = (
                name: view.displayName(of: taken.to),
                at: taken.facts.first { ["acknowledged", "closed"].contains($0.action) }?.at ?? taken.at
            )
        } else if let (forward, fact) = forwards.takenBack {
            rules.taken = (view.displayName(of: forward.to), fact.at)
        }
        rules.back = back(through: forwards, taken: taken ?? forwards.takenBack?.forward, at: rules.taken?.at)
        return rules
    }

    /// What brought a message back that was handed off from here.
    /// - Parameters:
    ///   - taken: Who has taken it up; until somebody has, it is with whoever was asked last.
    ///   - at: Since when.
    private func back(through forwards: [SentForward], taken: SentForward?, at time: Timestamp?) -> AnswerRules.Back? {
        guard let last = taken ?? forwards.last, last.to == identity.member,
            taken != nil || !["declined", "handed_off"].contains(last.state)
        else { return nil }
        let state = taken.map { $0.state == "closed" ? "closed" : "acknowledged" } ?? last.state
        return AnswerRules.Back(message: last.message, at: time ?? last.at, state: state)
    }

    /// Whether this person has acknowledged a message anew that they handed on, since the last one who was asked said no: then
    /// it is theirs, with what they promised.
    public func isTakenBack(_ message: MessageID) throws -> Bool {
        try profile.store.look { try isTakenBack(message, in: $0) }
    }

    private func isTakenBack(_ message: MessageID, in store: some StoreReading) throws -> Bool {
        try answerRules(try store.receipts(on: message.description), on: message, in: store).isTakenBack
    }

    /// Whether a hand-off from here needs nobody any more, though nobody took it up: this person has acknowledged the original anew
    /// after a no, or closed it, or handed it to somebody else since.
    func isMoot(_ handOff: SentState, in store: some StoreReading) throws -> Bool {
        guard case .forwardOf(let original)? = handOff.reference, !handOff.isTakenUp else { return false }
        let rules = try answerRules(try store.receipts(on: original.description), on: original, in: store)
        if rules.isTakenBack || rules.isClosedHere { return true }
        let own = try sentThread(of: original.description, in: store).forwards.filter { $0.from == identity.member }
        return own.contains { $0.message == handOff.message } && own.last?.message != handOff.message
    }

    /// Whether it is in this person's hands: acknowledged, and neither closed nor another's since.
    public func isTaken(_ message: InboxMessage) throws -> Bool {
        try Self.isTaken(message) { try isTakenBack(message.message) }
    }

    func isTaken(_ message: InboxMessage, in store: some StoreReading) throws -> Bool {
        try Self.isTaken(message) { try isTakenBack(message.message, in: store) }
    }

    /// - Parameter isTakenBack: Looks it up, of the few for which that says it.
    private static func isTaken(_ message: InboxMessage, _ isTakenBack: () throws -> Bool) rethrows -> Bool {
        switch message.state {
        case "acknowledged": true
        case "handed_off": try isTakenBack()
        default: false
        }
    }

    /// The place in the activity log of this device's newest receipt of an action, once it is proven.
    public func place(of action: ReceiptAction, on message: MessageID) throws -> UInt64? {
        try profile.store.look { try $0.receipts(on: message.description) }.last { $0.action == action.rawValue }?.index
    }

    /// Whether somebody has read a received message on this device.
    public func wasRead(_ message: MessageID) throws -> Bool {
        try profile.store.look { try Self.wasRead(message, in: $0) }
    }

    static func wasRead(_ message: MessageID, in store: some StoreReading) throws -> Bool {
        try store.receipts(on: message.description).contains { $0.action == ReceiptAction.read.rawValue }
    }

    /// What a person answered here and the relay has not proven: the sender does not know of it.
    public func unprovenAnswers() throws -> [MessageID: ReceiptAction] {
        var answers: [MessageID: ReceiptAction] = [:]
        for row in try profile.store.look({ try $0.unprovenReceipts(limit: Int.max) }) {
            guard let id = MessageID(row.message), let action = ReceiptAction(rawValue: row.action),
                ![.delivered, .read, .undecryptable].contains(action)
            else { continue }
            answers[id] = action
        }
        return answers
    }
}

extension ReceiptRow {
    /// What it says; `nil` when it does not parse.
    var receipt: Receipt? { (try? SignedNote(parsing: note)).flatMap { try? Receipt(parsing: $0.text) } }
}

extension AnswerRow {
    /// What another device said, verified before it was stored.
    var receipt: Receipt? {
        guard let entry = try? Entry(parsing: entry),
            case .receipt(let receipt, _)? = try? ActivityStatement(parsing: entry.body)
        else { return nil }
        return receipt
    }
}
