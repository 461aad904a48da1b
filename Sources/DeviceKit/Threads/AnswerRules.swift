import Statements

/// Whether a step of a person on a message still means something, by what was said of it here.
///
/// How far a message has come is told by the furthest step: a nearer one after it would be signed and logged, and change
/// nothing, while whoever took it believes that it did.
struct AnswerRules {
    /// What this device signed of the message, in its order.
    let said: [(action: ReceiptAction, at: Timestamp)]
    /// Who has taken up what was handed off from here, and when.
    var taken: (name: String, at: Timestamp)?

    /// - Throws: ``DeviceKitError`` of category `refused`.
    func check(_ action: ReceiptAction, on message: MessageID, now: Timestamp = .now()) throws(DeviceKitError) {
        if action == .declined || action == .acknowledged, let taken {
            throw DeviceKitError(
                "taken_up", .refused,
                "you handed it off, and \(taken.name) has had it since \(WallClock.here.moment(taken.at, now: now)): it is not yours "
                    + "any more", next: "agree with \(taken.name) by telephone")
        }
        guard action == .declined,
            let last = said.last(where: { [.acknowledged, .handedOff, .closed].contains($0.action) })
        else { return }
        let since = WallClock.here.moment(last.at, now: now)
        switch last.action {
        case .closed:
            throw DeviceKitError(
                "already_closed", .refused, "you closed it at \(since): it cannot be declined any more",
                next: "telephone the desk, or write with \"nightbell reply \(message) --text -\"")
        case .handedOff:
            throw DeviceKitError(
                "already_handed_off", .refused,
                "you handed it off at \(since), and it is yours until somebody takes it up: it cannot be declined any more",
                next: "hand it to somebody else: nightbell hand-off \(message) --to NAME, or telephone the desk")
        default:
            throw DeviceKitError(
                "already_yours", .refused, "it is yours since \(since) and cannot be declined any more",
                next: "hand it off: nightbell hand-off \(message) --to NAME, or telephone the desk")
        }
    }
}
