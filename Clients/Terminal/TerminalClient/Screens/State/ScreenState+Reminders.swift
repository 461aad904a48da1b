import DeviceKit
import Statements

extension ScreenState {
    /// When a message that was taken up and is not closed, or handed on in vain, is brought up again.
    func comesBack(_ message: ListedMessage) -> Timestamp? {
        let (last, seconds) = (lookedAt[message.id], person.policy.reopenSeconds)
        if message.isHandedOnInVain {
            return message.carriedOn?.comesBack(after: last, message.urgency, person.policy, reopenSeconds: seconds)
        }
        return message.isTaken ? message.taken?.comesBack(after: last, reopenSeconds: seconds) : nil
    }

    /// Marks what comes back now, so that it stands where it is seen.
    mutating func bringBack() {
        for message in messages
        where message.isTaken || message.isHandedOnInVain || message.isBack || message.isLate {
            let isBack = comesBack(message).map { $0 <= now } ?? false
            let isLate = message.isTaken && message.taken?.callBy.map { $0 <= now } ?? false
            guard isBack != message.isBack || isLate != message.isLate else { continue }
            var changed = message
            (changed.isBack, changed.isLate) = (isBack, isLate)
            put(changed)
        }
    }

    /// Rings for what has come back, and again at the policy's times until somebody looks at it. What is emergent and came back from
    /// somebody else takes the screen before that.
    mutating func remindOfTaken() -> [ScreenAction] {
        let due = messages.filter { message in
            guard message.isBack, let moment = comesBack(message) else { return false }
            return reminded[message.id].map { $0 < moment || isDueAgain(message, since: $0) } ?? true
        }
        guard let first = due.first else { return [] }
        for message in due { reminded[message.id] = now }
        if due.count > 1 {
            say("\(due.count) messages are yours and not dealt with: open each.", .caution)
        } else {
            say(words(first), .caution, about: first.id == inView ? first.id : nil)
        }
        return [.ring]
    }

    private func words(_ message: ListedMessage) -> String {
        let isOpen = message.id == inView
        let name = naming(message)
        if message.isHandedOnInVain, let forward = message.carriedOn {
            let who = SafeText.line(forward.to)
            let cause = forward.isDeclined ? forward.declinedWords : "has not taken up"
            return isOpen
                ? "\(who) \(cause) this message: it is yours. "
                    + (forward.isDeclined
                        ? "Press a: you see to it, or h: somebody else."
                        : "Telephone the patient yourself, then press c; or h: somebody else.")
                : "\(who) \(cause) \(name): it is yours. Open it."
        }
        if let promised = message.taken?.callBy, promised <= now,
            lookedAt[message.id].map({ $0 < promised }) ?? true
        {
            if message.taken?.callsNowSince != nil {
                return
                    "You said that you call now, and it is not closed: \(waiter(for: message)) was told to telephone. "
                    + (isOpen ? "Press c or a." : "Open \(name).")
            }
            return isOpen
                ? "It is time for the call that you promised. When everything is done, press c to close the message."
                : "It is time for the call that you promised: open \(name)."
        }
        return isOpen
            ? "You took this message up, and it is not closed: press c when everything is done."
            : "You took up \(name), and it is not closed: open it, and press c when everything is done."
    }

    // MARK: Notes

    /// Somebody has these notes before them.
    mutating func readNotes(_ notes: [ScreenNote]) -> [ScreenAction] {
        let new = notes.compactMap(\.device).filter { !seenDevices.contains($0) }
        guard !new.isEmpty else { return [] }
        seenDevices.formUnion(new)
        return [.seen(new)]
    }
}
