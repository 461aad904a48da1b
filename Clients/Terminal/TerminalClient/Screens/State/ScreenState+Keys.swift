import DeviceKit
import Statements
import TerminalScreen

extension ScreenState {
    /// As many characters at once were not typed, and what follows them at once was not either.
    private static let pasteCount = 6
    private static let pasteMilliseconds: Int64 = 150
    /// A key that was on its way when the screen was taken was meant for something else.
    private static let alarmDeafMilliseconds: Int64 = 700

    /// Takes keys that arrived at once.
    mutating func press(_ keys: [Key]) -> [ScreenAction] {
        if case .folder(let message, let field) = dialog, alarm == nil { return type(keys, message, field) }
        let characters = keys.count { if case .character = $0 { true } else { false } }
        let follows = pasted.map { now.milliseconds(since: $0) < Self.pasteMilliseconds } ?? false
        if characters >= Self.pasteCount || (follows && characters > 0) {
            // Pasted words must not acknowledge or decline anything.
            pasted = now
            say("What was pasted is ignored: keys are for one thing each.", .caution)
            return []
        }
        return keys.flatMap { press($0) }
    }

    private mutating func press(_ key: Key) -> [ScreenAction] {
        if let alarm { return pressInAlarm(key, alarm.message, since: alarm.since) }
        if let status, now.milliseconds(since: status.at) >= 2_000 { self.status = nil }
        if let dialog { return answer(dialog, key) }
        switch (pane, key) {
        case (.help, .up), (.help, .down), (.help, .pageUp), (.help, .pageDown), (.help, .character(" ")):
            scroll(by: key)
        case (.help, _), (.notes, .escape), (.steps, .escape), (.notes, .backspace), (.steps, .backspace),
            (.notes, .left),
            (.steps, .left):
            goBack()
        case (_, .character("?")): go(to: .help)
        case (.notes, .character("!")), (.steps, .character("s")): goBack()
        case (_, .character("!")): go(to: .notes)
        case (_, .character("s")): go(to: .steps)
        case (_, .character("q")): return quit()
        case (_, .character("L")): return [.lock]
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
    }

    private mutating func goBack() {
        pane = paneBefore
        scroll = 0
    }

    private mutating func scroll(by key: Key) {
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

    private mutating func quit() -> [ScreenAction] {
        guard waiting.isEmpty else {
            dialog = .confirm(.quit)
            return []
        }
        return [.quit]
    }

    // MARK: The list

    private mutating func pressInList(_ key: Key) -> [ScreenAction] {
        let place = messages.firstIndex { $0.id == selected } ?? 0
        let page = max(1, rows - 8)
        switch key {
        case .up, .character("k"): select(place - 1)
        case .down, .character("j"): select(place + 1)
        case .pageUp: select(place - page)
        case .pageDown, .character(" "): select(place + page)
        case .home, .character("g"): select(0)
        case .end, .character("G"): select(messages.count - 1)
        case .enter, .right: return selected.map { open($0) } ?? []
        case .character("a"), .character("d"), .character("c"):
            if selected != nil {
                say("Open the message first (Enter): nobody should answer what nobody has read.", .caution)
            }
        default: break
        }
        return []
    }

    private mutating func select(_ place: Int) {
        guard !messages.isEmpty else { return }
        selected = messages[min(max(place, 0), messages.count - 1)].id
    }

    private mutating func open(_ id: MessageID) -> [ScreenAction] {
        selected = id
        opening = id
        attended[id] = now
        return [.open(id)]
    }

    // MARK: The open message

    private mutating func pressInMessage(_ key: Key) -> [ScreenAction] {
        guard let message = shownMessage else {
            leaveMessage()
            return []
        }
        switch key {
        case .escape, .backspace, .left, .character("b"): leaveMessage()
        case .character("a"): ask(.reason(.acknowledged, message.id), message)
        case .character("d"): ask(.reason(.declined, message.id), message)
        case .character("c"): ask(.confirm(.answer(.closed, nil, message.id)), message)
        case .character("v"):
            if shown?.files.isEmpty ?? true {
                say("This message has no files.")
            } else {
                dialog = .folder(message.id, TypedText())
            }
        case .character("n"):
            guard let next = waiting.first(where: { $0.id != message.id }) else {
                say("Nothing else waits for an answer.")
                break
            }
            return open(next.id)
        default: scroll(by: key)
        }
        return []
    }

    mutating func leaveMessage() {
        if pane == .message { pane = .list }
        paneBefore = .list
        shown = nil
        shownSteps = []
        scroll = 0
    }

    private mutating func ask(_ question: ScreenDialog, _ message: ListedMessage) {
        guard message.quarantine == nil else {
            return say("Nobody can answer what nobody has read: telephone the sender.", .danger)
        }
        dialog = question
    }

    // MARK: Questions

    private mutating func answer(_ question: ScreenDialog, _ key: Key) -> [ScreenAction] {
        switch question {
        case .confirm(let action):
            dialog = nil
            if key == .character("y") || key == .character("Y") { return [action] }
            say("Nothing was done.")
        case .reason(let action, let message):
            let chosen = ScreenDialog.reasons(for: action).first { key == .character($0.key) }
            if let chosen {
                let answer = ScreenAction.answer(action, chosen.reason, message)
                // To turn a message down costs most when it was not meant.
                dialog = action == .declined ? .confirm(answer) : nil
                return action == .declined ? [] : [answer]
            }
            if [.escape, .backspace, .left, .character("q")].contains(key) {
                dialog = nil
                say("Nothing was done.")
            }
        case .folder: break
        }
        return []
    }

    /// Keys into a field. What is pasted is text there, its line breaks as well: only an Enter that comes alone counts.
    private mutating func type(_ keys: [Key], _ message: MessageID, _ field: TypedText) -> [ScreenAction] {
        var field = field
        if keys == [.escape] {
            dialog = nil
            say("Nothing was done.")
            return []
        }
        if keys == [.enter] {
            guard !field.isEmpty else { return [] }
            dialog = nil
            say("Fetching and saving …")
            return [.save(message, folder: field.words)]
        }
        for key in keys { field.press(key) }
        dialog = .folder(message, field)
        return []
    }

    // MARK: The alarm

    private mutating func pressInAlarm(_ key: Key, _ message: MessageID, since: Timestamp) -> [ScreenAction] {
        guard now.milliseconds(since: since) >= Self.alarmDeafMilliseconds, key == .enter || key == .character("\n")
        else {
            return []
        }
        // What was being asked was about something else.
        dialog = nil
        return open(message)
    }
}
