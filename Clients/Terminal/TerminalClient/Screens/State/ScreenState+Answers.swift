import DeviceKit
import Statements
import TerminalScreen

/// What can be said of the open message, by which key, and what is asked before.
extension ScreenState {
    mutating func pressToAnswer(_ key: Key, _ message: ListedMessage) -> [ScreenAction] {
        if key == .character("v") {
            if shown?.files.isEmpty ?? true {
                say("This message has no files.")
            } else {
                openField(.folder(message.id))
            }
            return []
        }
        guard message.quarantine == nil else {
            say("Nobody can answer or hand on what nobody has read: telephone the sender.", .danger)
            return []
        }
        if message.isReply, [.character("a"), .character("d"), .character("c")].contains(key) {
            let name = SafeText.line(message.from)
            say("A reply needs no answer: \(name) sees that you read it. Press r to write back.")
            return []
        }
        switch key {
        case .character("a"):
            guard !message.isHandedOn, !message.isClosed else {
                say(message.isClosed ? Self.closedWords : Self.handedOnWords(message), .caution)
                break
            }
            dialog = .reason(.acknowledged, message.id)
        case .character("d"):
            guard !message.isClosed else {
                say("It is closed and cannot be declined any more: h hands it to somebody else.", .caution)
                break
            }
            guard !message.isOurs else {
                say("It was taken up and cannot be declined any more: hand it off (h), or telephone.", .caution)
                break
            }
            dialog = .reason(.declined, message.id)
        case .character("c"):
            guard message.unsent != .handOff else {
                say("Its hand-off waits here and goes out when the link is back. Close it after that.", .caution)
                break
            }
            openField(.ending(message.id))
        case .character("r"): reply(to: message)
        default: return handOff(message)
        }
        return []
    }

    private static let closedWords = "It is closed and cannot be acknowledged any more: r writes to its sender."

    private static func handedOnWords(_ message: ListedMessage) -> String {
        let name = message.carriedOn.map { SafeText.line($0.to) }
        guard !message.isYoursAgain else {
            return
                "\(name ?? "They") declined it: it is yours, and is not acknowledged twice. r tells the desk that you see to "
                + "it, c closes it when done; h: somebody else."
        }
        return "You handed it on\(name.map { " to \($0)" } ?? ""): telephone, or press h: somebody else. "
            + "c closes it when it is done."
    }

    // MARK: Questions

    mutating func answer(_ question: ScreenDialog, _ key: Key) -> [ScreenAction] {
        switch question {
        case .confirm(let action):
            dialog = nil
            if key == .character("y") || key == .character("Y") { return [action] }
            say("Nothing was done.")
        case .reason(let action, let message):
            if let chosen = ScreenDialog.reasons(for: action).first(where: { key == .character($0.key) }) {
                return take(chosen.reason, action, message)
            }
            if [.escape, .backspace, .left, .character("q")].contains(key) {
                dialog = nil
                say("Nothing was done.")
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
