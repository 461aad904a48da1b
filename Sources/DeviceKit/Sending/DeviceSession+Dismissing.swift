import DeviceStorage
import Statements

extension DeviceSession {
    /// Takes a message off this device's list of what is to be telephoned, for whoever sits here has done so. Asks and tells
    /// nobody.
    ///
    /// Nothing of a refused one ever left: it is gone from here. One that was sent stays with whoever has it, and comes back
    /// when something is new about it.
    /// - Parameter isToBeTelephoned: Whether it stands in that list now, if it was sent.
    /// - Throws: ``DeviceKitError`` of category `refused` for what does not stand there, or may still be sent.
    public func dismiss(_ state: SentState, isToBeTelephoned: Bool) throws {
        let id = state.message.description
        try profile.store.step { step in
            guard let row = try step.sent(id) else {
                throw DeviceKitError(
                    "no_such_message", .notFound, "this device sent no such message",
                    next: "look at the ids with \"nightbell sent\"")
            }
            switch row.state {
            case SentStates.refused:
                try step.removeSent(id)
                try step.removeLink(id)
            case SentStates.drafted, SentStates.sealed:
                throw DeviceKitError(
                    "may_still_be_sent", .refused, "the message waits here and goes out when the relay answers",
                    next: "\"nightbell sent\" sends it; what was REFUSED, or sent in vain, can be dismissed")
            default:
                guard isToBeTelephoned else {
                    throw DeviceKitError(
                        "was_sent", .refused,
                        "the message was sent, and nobody has to telephone about it: it stays in the list",
                        next: "see who has it: nightbell sent \(id)")
                }
                try step.set(.dealtWith(id), to: Array(String(state.newsCount).utf8))
            }
        }
    }

    /// Whether it was dismissed when no more was known of it than now.
    func isDealtWith(_ state: SentState, in store: some StoreReading) throws -> Bool {
        try store.setting(.dealtWith(state.message.description)) == Array(String(state.newsCount).utf8)
    }
}

extension SettingName {
    /// How much was known of a sent message when it was dealt with by telephone.
    fileprivate static func dealtWith(_ message: String) -> SettingName {
        SettingName(rawValue: "dealt-with \(message)")
    }
}
