import DeviceKit
import Statements
import TerminalScreen

/// What can be said of the open message, by which key, and what is asked before.
extension ScreenState {
    mutating func pressToAnswer(_ key: Key, _ message: ListedMessage) -> [ScreenAction] {
        if key == .character("v") {
            if shown?.files.isEmpty ?? true {
                say("This message has no files.", about: message.id)
            } else {
                openField(.folder(message.id))
            }
            return []
        }
        guard message.quarantine == nil else {
            say("Nobody can answer or hand on what nobody has read: telephone the sender.", .danger, about: message.id)
            return []
        }
        if let why = Self.refusal(of: key, message) {
            say(why, .caution, about: message.id)
            return []
        }
        switch key {
        case .character("a"): dialog = .reason(.acknowledged, message.id)
        case .character("d"): dialog = .reason(.declined, message.id)
        case .character("c"): openField(.ending(message.id))
        case .character("r"): reply(to: message)
        default: return handOff(message)
        }
        return []
    }

    /// Why a key would change nothing, and what does; `nil` when it does.
    private static func refusal(of key: Key, _ message: ListedMessage) -> String? {
        let answers: [Key] = [.character("a"), .character("d"), .character("c")]
        if message.isReply, answers.contains(key) {
            return
                "A reply needs no answer: \(SafeText.line(message.from)) sees that you read it. Press r to write back."
        }
        switch key {
        case .character("a") where !message.canBeAcknowledged:
            return message.isClosed
                ? "It is closed and cannot be acknowledged any more: r writes to its sender." : handedOnWords(message)
        case .character("d") where !message.canBeDeclined:
            if message.isClosed { return "It is closed and cannot be declined any more: h hands it to somebody else." }
            if message.isHandedOnInVain, let forward = message.carriedOn, !forward.isDeclined {
                return "You handed it on to \(SafeText.line(forward.to)), who has not answered: h asks somebody else."
            }
            return message.isOurs
                ? "It was taken up and cannot be declined any more: hand it off (h), or telephone."
                : "It is declined already. If you see to it after all, press a, and telephone the sender."
        case .character("c") where !message.canBeClosed:
            if message.isClosed { return "It is closed already: r writes to its sender." }
            guard message.furthest != ReceiptAction.declined.rawValue else {
                return "You declined it, and to close it would say that it is dealt with: a takes it up after all."
            }
            return message.unsent == .handOff
                ? "Its hand-off waits here and goes out when the link is back. Close it after that."
                : handedOnWords(message)
        default: return nil
        }
    }

    private static func handedOnWords(_ message: ListedMessage) -> String {
        if let elsewhere = MessageWords.elsewhere(message) {
            return "\(elsewhere.atSentenceStart), or telephone. c closes it when it is done."
        }
        guard let forward = message.carriedOn else {
            return "You handed it on: telephone, or press h: somebody else. c closes it when it is done."
        }
        let name = SafeText.line(forward.to)
        return forward.isTakenUp
            ? "\(name) has it now, and closes it when it is done: agree with \(name) by telephone."
            : "You handed it on to \(name). To see to it yourself, tell \(name) and \(SafeText.line(message.from)) by telephone, "
                + "call the patient, then press c. h: somebody else."
    }

    /// What is asked about a message must still mean something when it is answered: another device may have said it.
    mutating func forgetQuestionsOfThePast() {
        let id: MessageID
        let isMeant: Bool
        switch dialog {
        case .reason(let action, let message)?, .confirm(.answer(let action, _, let message, _))?:
            (id, isMeant) = (message, self.message(message).map { $0.canBeAnswered(action) } ?? true)
        case .field(.promise(let message), _, _)?, .field(.question(let message), _, _)?:
            (id, isMeant) = (message, self.message(message)?.canBeAcknowledged ?? true)
        case .field(.ending(let message), _, _)?:
            (id, isMeant) = (message, self.message(message)?.canBeClosed ?? true)
        default: return
        }
        guard !isMeant, let message = message(id) else { return }
        keepTyped()
        dialog = nil
        let state = MessageWords.state(message, person.policy, now: now)
        say("Nothing was done: meanwhile it is \(state).", .caution, about: id)
    }

    // MARK: Questions

    mutating func answer(_ question: ScreenDialog, _ key: Key) -> [ScreenAction] {
        switch question {
        case .confirm(let action):
            let about = question.message
            dialog = nil
            if Self.isYes(key) { return [action] }
            say("Nothing was done.", about: about)
        case .reason(let action, let message):
            if let chosen = ScreenDialog.reasons(for: action).first(where: { key == .character($0.key) }) {
                return take(chosen.reason, action, message)
            }
            if [.escape, .backspace, .left, .character("q")].contains(key) {
                dialog = nil
                say("Nothing was done.", about: message)
            }
        case .field, .colleague: break
        }
        return []
    }

    private mutating func take(
        _ reason: ReceiptReason, _ action: ReceiptAction, _ message: MessageID
    ) -> [ScreenAction] {
        let answer = ScreenAction.answer(action, reason, message)
        dialog = nil
        switch reason {
        // To turn a message down costs most when it was not meant.
        case .notMine, .unavailable: dialog = .confirm(answer)
        case .willCallBy: openField(.promise(message))
        case .needInfo: openField(.question(message))
        default: return [answer]
        }
        return []
    }
}
