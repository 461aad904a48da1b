import Statements

/// Whether a step of a person on a message still means something, by what was said of it here.
///
/// How far a message has come is told by the furthest step: a nearer one after it would be signed and logged, and change
/// nothing, while whoever took it believes that it did.
struct AnswerRules {
    /// A message that carries this one on, sealed by this device or another of its member.
    struct Handed {
        let name: String
        let at: Timestamp
        /// How far it has come there.
        let state: String
        /// Whether they handed it on, and the last who was asked has said no.
        var isTurnedDown = false
    }

    /// A message by which it came back.
    struct Back {
        let message: MessageID
        let at: Timestamp
        /// How far it has come there.
        let state: String
    }

    /// What this device signed of the message, in its order.
    let said: [(action: ReceiptAction, at: Timestamp)]
    /// To whom it was handed from here last; `nil` when it was not, or when that is not known any more.
    var handed: Handed?
    /// Who has taken up what was handed off from here, and when.
    var taken: (name: String, at: Timestamp)?
    /// What brought it back to this person, through whatever hands, while it is in theirs.
    var back: Back?
    /// Who waits for the answer.
    var sender = "its sender"

    /// Whether the one who was asked last has said no: then it is this person's again.
    private var isTurnedDown: Bool {
        taken == nil && handed.map { $0.state == "declined" || $0.isTurnedDown } ?? false
    }

    /// Whether this person has acknowledged it anew since then.
    var isTakenBack: Bool {
        isTurnedDown && lastStep?.action == .acknowledged && said.contains { $0.action == .handedOff }
    }

    /// Whether this person closed what they had handed on, and nobody else had taken it up.
    var isClosedHere: Bool { taken == nil && lastStep?.action == .closed }

    private var lastStep: (action: ReceiptAction, at: Timestamp)? {
        said.last { [.acknowledged, .handedOff, .closed].contains($0.action) }
    }

    /// - Throws: ``DeviceKitError`` of category `refused`.
    func check(_ action: ReceiptAction, on message: MessageID, now: Timestamp = .now()) throws(DeviceKitError) {
        guard [.declined, .acknowledged, .closed].contains(action) else { return }
        // The same said once more is no news.
        guard action != .closed || !said.contains(where: { $0.action == .closed }) else { return }
        if let back, taken != nil || action != .closed { throw cameBack(back, now: now) }
        if let taken {
            throw DeviceKitError(
                "taken_up", .refused,
                "you handed it off\(to(now) ?? ""), and \(taken.name) has had it since "
                    + "\(WallClock.here.moment(taken.at, now: now)): it is not yours any more",
                next: "agree with \(taken.name) by telephone"
                    + (action == .closed ? ": who has it closes it when everything is done" : ""))
        }
        if action == .closed {
            guard !isDeclined else { throw closesDeclined(message) }
            return
        }
        guard let last = lastStep else { return }
        let since = WallClock.here.moment(last.at, now: now)
        let word = action == .declined ? "declined" : "acknowledged"
        switch last.action {
        case .closed:
            throw DeviceKitError(
                "already_closed", .refused, "you closed it at \(since): it cannot be \(word) any more",
                next: "telephone the desk, or write with \"nightbell reply \(message) --text -\"")
        case .handedOff:
            // What they promise now is what counts.
            if action == .acknowledged, isTurnedDown { return }
            throw DeviceKitError(
                "already_handed_off", .refused,
                "you handed it off\(to(now) ?? " at \(since)"), \(whoHasIt): it cannot be \(word) any more, and it is urgent to you "
                    + "until somebody takes it up", next: next(after: action, on: message))
        default:
            // Acknowledged again, it is another promise, or the same one said twice.
            guard action == .declined else { return }
            throw DeviceKitError(
                "already_yours", .refused, "it is yours since \(since) and cannot be declined any more",
                next: "hand it off: nightbell hand-off \(message) --to NAME, or telephone the desk")
        }
    }

    /// Whoever is told that it is theirs no more, while it is, answers nothing.
    private func cameBack(_ back: Back, now: Timestamp) -> DeviceKitError {
        let since = WallClock.here.moment(back.at, now: now)
        let (standing, next) =
            switch back.state {
            case "closed": ("you closed it there at \(since)", "look at it with \"nightbell read \(back.message)\"")
            case "acknowledged":
                ("it is yours there since \(since)", "see to that one: nightbell close \(back.message) when it is done")
            default: ("it waits there for your answer", "answer that one: nightbell ack \(back.message)")
            }
        return DeviceKitError(
            taken == nil ? "already_handed_off" : "taken_up", .refused,
            "you handed it off\(to(now) ?? ""), and it came back to you as \(back.message): \(standing)", next: next)
    }

    /// Whether the last word on whether this person takes it is a no.
    private var isDeclined: Bool {
        said.last { [.declined, .acknowledged].contains($0.action) }?.action == .declined
    }

    /// Whoever hears no and then that it is closed takes it for dealt with.
    private func closesDeclined(_ message: MessageID) -> DeviceKitError {
        let canBeTaken = lastStep?.action != .handedOff || isTurnedDown
        return DeviceKitError(
            "declined_by_you", .refused,
            "you declined it: \(sender) must find somebody else, and closing would tell them that it is dealt with",
            next: canBeTaken ? "\"nightbell ack \(message)\" takes it up after all" : "telephone \(sender)")
    }

    private func to(_ now: Timestamp) -> String? {
        handed.map { " to \($0.name) at \(WallClock.here.moment($0.at, now: now))" }
    }

    /// How it stands with the one to whom it was handed.
    private var whoHasIt: String {
        switch handed?.state {
        case "waiting": "no device of theirs has it yet"
        case "delivered": "who has not read it yet"
        case "read": "who has read it and not answered"
        case "declined": "who DECLINED it"
        case "handed_off": "who handed it on"
        default: "and nobody has taken it up"
        }
    }

    private func next(after action: ReceiptAction, on message: MessageID) -> String {
        let another = "hand it to somebody else: nightbell hand-off \(message) --to NAME, or telephone the desk"
        guard !isTurnedDown else {
            return "\(another); to see to it yourself, acknowledge it anew: nightbell ack \(message) --by TIME"
        }
        guard action == .acknowledged else { return another }
        return "telephone \(handed?.name ?? "them"); to see to it yourself, tell the desk when you call: "
            + "nightbell reply \(message) --text -, and close it when it is done; or \(another)"
    }
}
