import DeviceKit
import Statements
import TerminalScreen

extension ScreenState {
    /// As many characters at once were not typed, and what follows them at once was not either.
    static let pasteCount = 6
    private static let pasteMilliseconds: Int64 = 150
    /// A key that was on its way when the screen was taken, or follows such a key, was meant for something else.
    private static let alarmDeafMilliseconds: Int64 = 700
    /// Whoever was being asked something finishes it first.
    private static let alarmDeafWithDialogMilliseconds: Int64 = 2_000

    /// Ctrl-Z, which the terminal gives as a key.
    static let stopKey = Key.character("\u{1A}")

    /// Takes keys that arrived at once.
    mutating func press(_ keys: [Key]) -> [ScreenAction] {
        guard !isTooSmall else { return pressUnseen(keys) }
        if alarm == nil, let status, now.milliseconds(since: status.at) >= Self.readMilliseconds { self.status = nil }
        // Among other keys it was pasted.
        guard keys.contains(where: { $0 != Self.leaveKey }) else { return keys.flatMap { _ in pressToLeave() } }
        let keys = keys.filter { $0 != Self.leaveKey }
        guard !keys.contains(Self.stopKey) else {
            refuseToStop()
            let others = keys.filter { $0 != Self.stopKey }
            return others.isEmpty ? [] : press(others)
        }
        if isTyping { return type(keys) }
        let characters = keys.count { if case .character = $0 { true } else { false } }
        if characters >= Self.pasteCount || (followsPaste && characters > 0) {
            // Pasted words must not acknowledge or decline anything.
            pasted = now
            say("What was pasted is ignored: keys are for one thing each.", .caution)
            return []
        }
        var actions: [ScreenAction] = []
        for (place, key) in keys.enumerated() {
            // Whatever opens a field, what came with it is text.
            if isTyping { return actions + type(Array(keys[place...]), isAlone: false) }
            actions += press(key)
        }
        return actions
    }

    /// A screen that is stopped rings nobody, and nobody sees that it does not.
    private mutating func refuseToStop() {
        let first = alarm != nil ? "Enter, then " : dialog != nil ? "Esc, then " : ""
        say("Ctrl-Z would silence this screen: press \(first)q to leave or L to lock.", .caution)
    }

    /// Nothing is seen: nobody must sign anything here.
    private mutating func pressUnseen(_ keys: [Key]) -> [ScreenAction] {
        switch keys {
        case [.character("q")], [Self.leaveKey]: [.quit]
        case [.character("L")]: lock()
        default: []
        }
    }

    /// Nothing is to be seen from here on, whenever the agent gets to it.
    private mutating func lock() -> [ScreenAction] {
        isLocking = true
        return [.lock]
    }

    /// Whether L locks while an emergent message has the screen.
    var locksInAlarm: Bool { !(dialog?.isTyping ?? false) }

    private var isTyping: Bool { alarm == nil && dialog?.isTyping ?? false }

    /// Whether many characters arrived just now.
    var followsPaste: Bool { pasted.map { now.milliseconds(since: $0) < Self.pasteMilliseconds } ?? false }

    private mutating func press(_ key: Key) -> [ScreenAction] {
        if isAskedInAlarm { return answerInAlarm(key) }
        if let alarm { return pressInAlarm(key, alarm.message) }
        if let dialog { return answer(dialog, key) }
        switch (pane, key) {
        case (.help, .up), (.help, .down), (.help, .pageUp), (.help, .pageDown), (.help, .character(" ")):
            scroll(by: key)
        case (.help, _), (.notes, .escape), (.steps, .escape), (.notes, .backspace), (.steps, .backspace),
            (.notes, .left), (.steps, .left), (.telephone, .escape), (.telephone, .backspace), (.telephone, .left):
            goBack()
        case (_, .character("?")): go(to: .help)
        case (.notes, .character("!")), (.steps, .character("s")), (.telephone, .character("t")): goBack()
        case (_, .character("!")): go(to: .notes)
        case (_, .character("s")): go(to: .steps)
        case (_, .character("t")): go(to: .telephone)
        case (_, .character("q")): return quit()
        case (_, .character("L")): return lock()
        case (.list, _): return pressInList(key)
        case (.message, _): return pressInMessage(key)
        default: scroll(by: key)
        }
        return []
    }

    private mutating func go(to next: Pane) {
        if pane == .list || pane == .message { paneBefore = pane }
        pane = next
        scroll = 0
        forgetStatusOfView()
    }

    private mutating func goBack() {
        pane = paneBefore
        scroll = 0
        forgetStatusOfView()
    }

    mutating func scroll(by key: Key) {
        let page = max(1, rows - 8)
        switch key {
        case .up, .character("k"): scroll -= 1
        case .down, .character("j"): scroll += 1
        case .pageUp: scroll -= page
        case .pageDown, .character(" "): scroll += page
        case .home, .character("g"): scroll = 0
        case .end, .character("G"): scroll = .max / 2
        default: break
        }
        scroll = max(0, scroll)
    }

    // MARK: The list

    private mutating func pressInList(_ key: Key) -> [ScreenAction] {
        let place = selected.flatMap { id in threads.firstIndex { $0.contains(id) } } ?? 0
        let page = max(1, rows - 8)
        switch key {
        case .up, .character("k"): select(place - 1)
        case .down, .character("j"): select(place + 1)
        case .pageUp: select(place - page)
        case .pageDown, .character(" "): select(place + page)
        case .home, .character("g"): select(0)
        case .end, .character("G"): select(threads.count - 1)
        case .enter, .right: return thread(with: selected).map { open($0.opened.id) } ?? []
        case .character("a"), .character("d"), .character("c"), .character("r"), .character("h"):
            if selected != nil {
                say("Open it first (Enter): what is answered must stand before whoever answers it.", .caution)
            }
        default: break
        }
        return []
    }

    private mutating func select(_ place: Int) {
        guard !threads.isEmpty else { return }
        hasChosen = true
        selected = threads[min(max(place, 0), threads.count - 1)].opened.id
    }

    private mutating func open(_ id: MessageID) -> [ScreenAction] {
        selected = id
        hasChosen = true
        opening = id
        // It may have been about another message.
        if shown?.id != id { forgetStatusOfView() }
        attended[id] = now
        lookedAt[id] = now
        opened[id] = now
        return [.open(id)]
    }

    // MARK: The open message

    private mutating func pressInMessage(_ key: Key) -> [ScreenAction] {
        guard let message = shownMessage else {
            leaveMessage()
            return []
        }
        // Somebody is there, and has it before them.
        if message.isBack { lookedAt[message.id] = now }
        switch key {
        // What came to it meanwhile is read with it.
        case .enter where thread(with: message.id)?.newReplies ?? 0 > 0: return open(message.id)
        case .escape, .backspace, .left, .character("b"): leaveMessage()
        // Another message is about to take its place: these keys may have been meant for that one.
        case .character("a"), .character("d"), .character("c"), .character("r"), .character("h"), .character("v"):
            guard opening == nil else { break }
            return pressToAnswer(key, message)
        case .character("n"):
            guard let next = next(after: message) else {
                say("Nothing else waits for an answer, and no reply is new.", about: message.id)
                break
            }
            return open(next.id)
        default: scroll(by: key)
        }
        return []
    }

    /// Whether it is emergent or urgent, and nobody has opened it.
    func isUnopened(_ message: ListedMessage) -> Bool {
        message.needsAnswer && message.urgency <= .urgent && message.isNew && opened[message.id] == nil
    }

    /// What takes the screen next; else the first that is new and pressing; else the most pressing that nobody has looked at here; else what was looked at longest ago;
    /// else what has a new reply.
    func next(after message: ListedMessage) -> ListedMessage? {
        let others = pressing.filter { $0.id != message.id }
        if let alarming = others.first(where: isAlarming) ?? others.first(where: isUnopened) { return alarming }
        func looked(_ message: ListedMessage) -> Timestamp { lookedAt[message.id] ?? Timestamp(milliseconds: 0) }
        // The first of those that are alike.
        return others.min { looked($0) < looked($1) } ?? repliedTo(besides: message).first?.opened
    }

    /// Those of the other lines that somebody replied to, and nobody has read it.
    func repliedTo(besides message: ListedMessage) -> [ListedThread] {
        threads.filter { $0.newReplies > 0 && !$0.contains(message.id) }
    }

    mutating func leaveMessage() {
        if pane == .message { pane = .list }
        paneBefore = .list
        if let shown {
            lookedAt[shown.id] = now
            // What waits is chosen next, not what was just dealt with.
            if let first = waiting.first, !(message(shown.id)?.needsAnswer ?? false) { selected = first.id }
        }
        forgetStatusOfView()
        shown = nil
        shownSteps = []
        scroll = 0
    }

    // MARK: The alarm

    /// Whether keys may still be meant for what the alarm took the screen from.
    var isDeafInAlarm: Bool {
        guard let since = alarm?.since else { return false }
        let deaf = dialog == nil ? Self.alarmDeafMilliseconds : Self.alarmDeafWithDialogMilliseconds
        return now.milliseconds(since: max(since, alarmTyped ?? since)) < deaf
    }

    private mutating func pressInAlarm(_ key: Key, _ message: MessageID) -> [ScreenAction] {
        let isDeaf = isDeafInAlarm
        // Where something is being typed, it is a letter.
        if key == .character("L"), !isDeaf, locksInAlarm { return lock() }
        // Whoever was writing may write on for a while before they look up, and end with Enter.
        if dialog?.isTyping ?? false, key != .enter { alarmTyped = now }
        guard !isDeaf, key == .enter || key == .character("\n") else { return [] }
        keepTyped()
        let interrupted = dialog
        // What was being asked was about something else.
        dialog = nil
        let actions = open(message)
        if case .field(let field, _, _)? = interrupted, drafts[field] != nil {
            let from = self.message(field.message).map(naming) ?? "the message"
            say("What you were typing is kept, NOT sent: open \(from) and press \(field.key).", .caution)
        } else if let about = interrupted?.message, let other = self.message(about) {
            say(
                "What you had begun was NOT done: open \(naming(other)) again for it.", .caution)
        }
        return actions
    }
}
