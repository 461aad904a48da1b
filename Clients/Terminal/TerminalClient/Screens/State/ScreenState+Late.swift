import DeviceKit
import Statements

/// What to know of a message whose time was over before anybody took it up: its sender was told to telephone.
extension ScreenState {
    /// `TOO LATE: it expired at 12:44 and Night Desk was told to telephone: call Night Desk first`; `nil` while somebody may
    /// still answer it in time, or did.
    func tooLate(_ message: ListedMessage) -> String? {
        guard !message.isReply, message.quarantine == nil, !message.isDone || message.isHandedOnInVain else {
            return nil
        }
        guard !message.isHandedOffElsewhere else { return nil }
        // Whoever had taken it up in time only says it anew.
        if message.isTaken, !isTakenLate(message) { return nil }
        return AnswerWords.expired(message.expires, sender: waiter(for: message), now: now, clock)
    }

    private func isTakenLate(_ message: ListedMessage) -> Bool {
        message.taken.map { $0.first >= message.expires } ?? takenLate.contains(message.id)
    }

    /// Remembers of one that is being acknowledged now whether that is too late.
    mutating func noteLate(_ message: ListedMessage) {
        if tooLate(message) != nil { takenLate.insert(message.id) }
    }

    /// Who waits for the answer: of what was handed on and is open, whoever sent it first.
    func waiter(for message: ListedMessage) -> String {
        let known = people.flatMap { $0.about == message.id ? $0.answersTo : nil }
        return SafeText.line(known ?? message.from)
    }

    /// What whoever said it has to do now.
    func whatFollows(_ action: ReceiptAction, _ message: ListedMessage) -> String? {
        switch action {
        case .handedOff:
            let name = message.carriedOn.map { SafeText.line($0.to) } ?? "the other"
            return "You stay responsible until \(name) takes it up."
        case .acknowledged: return callsNow(message).map { "\($0.atSentenceStart)." }
        default: return nil
        }
    }

    /// `you call now: close it, or promise anew (a), by 12:42`; `nil` when that was not said, or its time is over.
    func callsNow(_ message: ListedMessage) -> String? {
        guard message.isTaken, let taken = message.taken, taken.callsNowSince != nil, let end = taken.callBy, end > now
        else { return nil }
        return "you call now: close it, or promise anew (a), by \(clock.moment(end, now: now))"
    }

    /// What its sender was told of a call at once whose time is over.
    func callsNowOver(_ message: ListedMessage) -> String? {
        guard message.isTaken, let since = message.taken?.callsNowSince, let end = message.taken?.callBy, end <= now
        else { return nil }
        return
            "\(waiter(for: message)) was told to telephone: you said at \(clock.moment(since, now: now)) that you call "
            + "now. Close it, or promise anew (a)."
    }
}
