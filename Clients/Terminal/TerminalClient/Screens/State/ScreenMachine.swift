import DeviceKit
import Statements
import TerminalScreen

/// The screen's state and what changes it: a pure machine. Whoever runs it performs the actions and tells what came of them.
struct ScreenMachine: ~Copyable {
    private(set) var state: ScreenState
    private let clock: WallClock

    init(_ person: ScreenPerson, now: Timestamp, clock: WallClock) {
        state = ScreenState(person, now: now, clock: clock)
        self.clock = clock
    }

    /// What is to be seen now.
    var frame: Frame { ScreenPainter.frame(state, clock) }

    /// Takes in what happened.
    /// - Parameter now: The relay's time, as far as this device knows it.
    mutating func handle(_ event: ScreenEvent, now: Timestamp) -> [ScreenAction] {
        let isBack = now < state.now
        state.now = now
        if isBack { state.setClockBack() }
        var actions: [ScreenAction] = []
        switch event {
        case .terminal(.resized(let columns, let rows)): (state.columns, state.rows) = (columns, rows)
        case .terminal(.ending): return [.quit]
        case .terminal(.keys(let keys)): actions = state.press(keys)
        case .tick, .clock: break
        case .listed(let messages): actions = list(messages)
        case .message(let message): actions = take(message)
        case .link(let link): actions = take(link)
        case .present(let time): state.present = max(state.present ?? time, time)
        case .shown(let message): show(message)
        case .people(let people): state.people = people
        case .thread(let message, let thread): if state.shown?.id == message { state.shown?.thread = thread }
        case .moved(let message): actions = moved(message)
        case .steps(let message, let lines): take(lines, about: message)
        case .logged(let lines): log(lines)
        case .note(let note): take(note)
        case .signed(let action, let message): signed(action, message)
        case .proven(let action, let message, let index): proven(action, message, index)
        case .kept(let words):
            state.keep(words)
            actions = moved(words)
        case .unsent(let words): state.unsent = words
        case .sent(let words, let index):
            state.sent(words, index)
            actions = moved(words)
        case .refused(let words, let cause):
            state.refused(words, cause)
            actions = moved(words)
        case .unposted(let cause): state.unposted(cause)
        case .failed(let sentence, let next, let message):
            state.opening = nil
            state.say(cause: sentence, next: next, about: message)
        case .toTelephone(let matters): actions = take(matters)
        case .witnesses(let notice):
            state.witnessNotice = notice
            // The head of the screen says it in short, without ringing: it holds nothing up.
            if let notice { _ = state.add(ScreenNote(at: state.now, sentence: notice, evidence: nil)) }
        case .told(let sentence, let weight, let message): tell(sentence, weight, message)
        }
        state.forgetQuestionsOfThePast()
        state.forgetStatusOfOthers()
        actions += state.attend()
        // Nobody reads beyond the end, and turning back must not begin there.
        if state.scroll > 0 { state.scroll = min(state.scroll, ScreenPainter.mostScroll(state, clock)) }
        return actions + state.readNotes(ScreenPainter.readableNotes(state, clock))
    }

    /// - Parameter message: What the sentence is about, which ends with a full stop.
    private mutating func tell(_ sentence: String, _ weight: ScreenStatus.Weight, _ message: MessageID?) {
        guard let message else { return state.say(sentence, weight) }
        state.say(of: message, weight) { named in "\(sentence.dropLast())\(named)." }
    }

    /// Rings once for each that is new. The head of the screen goes on saying that there are some; which one is new stands at the
    /// foot of the list, and never below another patient's message.
    private mutating func take(_ matters: [SentMatter]) -> [ScreenAction] {
        let known = Set(state.toTelephone.map(\.message))
        let new = matters.filter { !known.contains($0.message) }
        state.toTelephone = matters
        guard !new.isEmpty else { return [] }
        if new.count == 1, let words = new.first?.words, state.pane == .list, state.alarm == nil {
            state.say(words, .danger)
        }
        return [.ring]
    }

    private mutating func take(_ link: RelayLink) -> [ScreenAction] {
        defer { state.link = link.broken(like: state.link) }
        guard case .blocked(_, let cause, let next, _) = link, cause != state.link.cause else { return [] }
        state.say(cause: cause, next: next)
        // It does not pass by itself, and what comes meanwhile cannot ring.
        return [.ring]
    }

    // MARK: Messages

    private mutating func list(_ messages: [ListedMessage]) -> [ScreenAction] {
        let isFirst = !state.isListed
        let known = Set(state.messages.map(\.id))
        state.isListed = true
        state.replace(messages)
        // Whoever opens the screen is looking at it: only what is emergent rings.
        if isFirst {
            for message in state.waiting where message.urgency != .emergent { state.attended[message.id] = state.now }
            for message in state.messages where message.isTaken || message.isHandedOnInVain {
                state.reminded[message.id] = beforeNow(message)
            }
            return []
        }
        // What another command has fetched meanwhile came by no stream, and rings all the same.
        return state.messages.filter { !known.contains($0.id) }.flatMap { arrived($0) }
    }

    /// Now, for what has come back already and is seen in the list; nothing for what has yet to come.
    private func beforeNow(_ message: ListedMessage) -> Timestamp? {
        state.comesBack(message).flatMap { $0 <= state.now ? state.now : nil }
    }

    private mutating func take(_ message: ListedMessage) -> [ScreenAction] {
        let known = state.message(message.id)
        var message = message
        // What was signed here counts until it is proven, whatever was known when this was told.
        if message.unproven == nil, let action = known?.unproven, action.rawValue != message.state {
            message.unproven = action
        }
        state.put(message)
        return known == nil ? arrived(message) : []
    }

    private mutating func arrived(_ message: ListedMessage) -> [ScreenAction] {
        if message.isNewReply { return takeReply(message) }
        guard message.needsAnswer, message.urgency != .emergent else { return [] }
        state.attended[message.id] = state.now
        return state.realertMilliseconds(message.urgency) > 0 ? [.ring] : []
    }

    /// It rings once: nobody has to answer it.
    private mutating func takeReply(_ reply: ListedMessage) -> [ScreenAction] {
        let name = SafeText.line(reply.from)
        guard let shown = state.shown, state.thread(with: reply.id)?.contains(shown.id) ?? false else {
            state.say("\(name) replied: see the messages.", .good)
            return [.ring]
        }
        if state.inView == shown.id {
            state.say("\(name) replied to this message: Enter shows it.", .good, about: shown.id)
        } else {
            state.say("\(name) replied to the open message: go back to it, and Enter shows it.", .good)
        }
        return [.ring]
    }

    private func moved(_ message: MessageID) -> [ScreenAction] {
        guard let shown = state.shown, shown.thread.contains(where: { $0.message == message }) else { return [] }
        return [.thread(shown.id)]
    }

    private func moved(_ words: UnsentWords) -> [ScreenAction] {
        state.shown?.id == words.kept.about ? [.thread(words.kept.about)] : []
    }

    private mutating func show(_ message: ShownMessage) {
        guard state.opening == message.id else { return }
        state.opening = nil
        // A question about another message must not be answered for this one.
        if let dialog = state.dialog, dialog.message.map({ $0 != message.id }) ?? false {
            state.keepTyped()
            state.dialog = nil
        }
        state.shown = message
        state.subjects[message.id] = message.subject
        state.pane = .message
        // What came since it was read last stands below.
        state.scroll = message.news.isEmpty ? 0 : ScreenPainter.threadStart(state, clock)
        state.shownSteps = []
    }

    // MARK: Steps and notes

    private mutating func take(_ lines: [StepLine], about message: MessageID?) {
        if message == nil {
            state.steps = Array(lines.suffix(ScreenState.stepsAtMost))
        } else if message == state.shown?.id {
            // Some may have been told while these were looked up.
            let last = lines.last?.number ?? 0
            state.shownSteps = lines + state.shownSteps.filter { $0.number > last }
        }
    }

    private mutating func log(_ lines: [StepLine]) {
        let last = state.steps.last?.number ?? 0
        state.steps = Array((state.steps + lines.filter { $0.number > last }).suffix(ScreenState.stepsAtMost))
        let lastShown = state.shownSteps.last?.number ?? 0
        state.shownSteps += lines.filter { $0.message != nil && $0.message == state.shown?.id && $0.number > lastShown }
    }

    private mutating func take(_ note: ScreenNote) {
        guard state.add(note), !note.isFinding else { return }
        state.say(FooterPainter.beginning(of: note, columns: state.columns), .caution)
    }

    // MARK: Answers

    private mutating func signed(_ action: ReceiptAction, _ id: MessageID) {
        guard var message = state.message(id) else { return }
        if action == .acknowledged { state.noteLate(message) }
        message.unproven = action
        state.put(message)
        let late = action == .acknowledged ? state.tooLate(message) : nil
        state.forgetDrafts { field in
            switch field {
            case .promise(id), .question(id): action == .acknowledged
            case .ending(id): action == .closed
            default: false
            }
        }
        if action == .closed || action == .declined, state.shown?.id == id { state.leaveMessage() }
        state.say(of: id, late == nil ? .plain : .danger) { named in
            "\(Self.word(action))\(named): signed and stored here. \(late.map { "\($0)." } ?? "Telling the sender …")"
        }
    }

    private mutating func proven(_ action: ReceiptAction, _ id: MessageID, _ index: UInt64) {
        // The watcher may have told of it before the poster did.
        guard var message = state.message(id),
            message.unproven == action || (message.unproven == nil && message.state == action.rawValue)
        else { return }
        message.unproven = nil
        message.state = action.rawValue
        state.put(message)
        guard !state.unsent.contains(where: { $0.kept.about == id && $0.kept.kind == .words }) else {
            let isOnItsWay = state.link == .open
            let words =
                isOnItsWay ? "on their way to the sender" : "NOT known to the sender: if it is urgent, TELEPHONE"
            return state.say(of: id, isOnItsWay ? .plain : .danger) { named in
                "\(Self.word(action))\(named); proven as entry \(index). Your words with it are \(words)."
            }
        }
        let late = action == .acknowledged ? state.tooLate(message) : nil
        let next = late.map { "\($0)." } ?? state.whatFollows(action, message)
        let who = action == .handedOff ? state.waiter(for: message) : "the sender"
        state.say(of: id, late == nil ? .good : .danger) { named in
            // At the narrowest there is room for no more before what counts.
            "\(Self.word(action))\(named); proven as entry \(index)"
                + (late == nil ? " of the activity log: \(who) is told." : ".") + (next.map { " \($0)" } ?? "")
        }
    }

    private static func word(_ action: ReceiptAction) -> String { ScreenState.word(action.rawValue) }
}
