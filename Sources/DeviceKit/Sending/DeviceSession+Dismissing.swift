import DeviceStorage
public import Statements

extension DeviceSession {
    /// Takes a message out of this device's list that was refused for good: nothing of it ever left, and whoever asked for
    /// it has found another way. Asks nobody.
    /// - Throws: ``DeviceKitError`` of category `refused` for what the relay accepted or what may still be sent.
    public func dismiss(_ message: MessageID) throws {
        let id = message.description
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
                    next: "\"nightbell sent\" sends it; only what was REFUSED can be dismissed")
            default:
                throw DeviceKitError(
                    "was_sent", .refused,
                    "the message was sent, and stays in the list: only what was REFUSED can be dismissed",
                    next: "see who has it: nightbell sent \(id)")
            }
        }
    }
}
