import DeviceKit
import Statements

extension ScreenState {
    private static let ringMilliseconds: Int64 = 3_000
    /// Beside an emergent message that is being read.
    private static let besideMilliseconds: Int64 = 15_000

    /// Who must be looked at, and whether it rings now.
    ///
    /// An emergent message takes the screen and rings until it is opened, and again when the policy's time passes without
    /// an answer. While another one that was opened and not answered is on the screen it rings beside it: nothing covers what
    /// somebody has just begun to read, and has signed for. Others ring once at the policy's times.
    mutating func attend() -> [ScreenAction] {
        bringBack()
        noteWhatCameBackInView()
        if let current = alarm, message(current.message).map({ !isAlarming($0) }) ?? true {
            alarm = nil
            alarmRung = nil
        }
        let next = alarm == nil ? pressing.first(where: isAlarming) : nil
        if let next, isReadingAnEmergent { return ringBeside(next) }
        if let next { alarm = (next.id, now) }
        if alarm != nil {
            guard alarmRung.map({ now.milliseconds(since: $0) >= Self.ringMilliseconds }) ?? true else { return [] }
            alarmRung = now
            return [.ring]
        }
        let reminders = remind()
        return reminders.isEmpty ? remindOfTaken() : reminders
    }

    private var isReadingAnEmergent: Bool {
        guard let id = opening ?? shown?.id, let message = message(id), message.urgency == .emergent,
            message.needsAnswer, message.quarantine == nil, let opened = attended[id]
        else { return false }
        return !isDueAgain(message, since: opened)
    }

    private mutating func ringBeside(_ message: ListedMessage) -> [ScreenAction] {
        guard alarmRung.map({ now.milliseconds(since: $0) >= Self.besideMilliseconds }) ?? true else { return [] }
        alarmRung = now
        // What the key n opens is said over the open message: it may be one that nobody has opened yet.
        let how = dialog == nil ? "" : ": leave this with Esc first"
        say("ANOTHER EMERGENT MESSAGE WAITS, \(named(message))\(how).", .danger)
        return [.ring]
    }

    private func named(_ message: ListedMessage) -> String {
        "from \(SafeText.line(message.from)), sent \(clock.moment(message.at, now: now))"
    }

    /// Emergent, unanswered or this person's again, and not attended to for as long as the policy allows.
    func isAlarming(_ message: ListedMessage) -> Bool {
        let back = cameBack(message)
        guard message.urgency == .emergent, message.needsAnswer || back != nil else { return false }
        // What was seen of it before it came back counts no more.
        let attended = attended[message.id].flatMap { seen in back.map { $0 > seen } ?? false ? nil : seen }
        guard let attended else { return back == nil || inView != message.id }
        // What does not open cannot be answered here; it was seen. What is open is rung for, and stays on the screen.
        guard message.quarantine == nil, shown?.id != message.id else { return false }
        return isDueAgain(message, since: attended)
    }

    /// Since when a message that was handed on in vain is this person's again: they said no, or did not take it up in time.
    private func cameBack(_ message: ListedMessage) -> Timestamp? {
        guard message.isHandedOnInVain, message.unsent != .handOff, let forward = message.carriedOn,
            let moment = forward.comesBack(after: nil, message.urgency, person.policy, reopenSeconds: 0), moment <= now
        else { return nil }
        return moment
    }

    /// Whoever has it before them when it comes back has seen it.
    private mutating func noteWhatCameBackInView() {
        guard let id = inView, let message = message(id), let back = cameBack(message),
            attended[id].map({ $0 < back }) ?? true
        else { return }
        attended[id] = now
    }

    func isDueAgain(_ message: ListedMessage, since: Timestamp) -> Bool {
        let pause = realertMilliseconds(message.urgency)
        return pause > 0 && now.milliseconds(since: since) >= pause
    }

    private mutating func remind() -> [ScreenAction] {
        let due = waiting.filter { message in
            message.quarantine == nil && attended[message.id].map { isDueAgain(message, since: $0) } ?? false
        }
        guard let first = due.first else { return [] }
        for message in due { attended[message.id] = now }
        if due.count > 1 {
            say("\(due.count) messages still wait for an answer.", .caution)
        } else if first.id == inView {
            let decline = first.canBeDeclined ? ", d to decline" : ""
            say("This message still waits for an answer: press a to acknowledge\(decline).", .caution, about: first.id)
        } else {
            say("\(naming(first).atSentenceStart) still waits for an answer.", .caution)
        }
        return [.ring]
    }
}
