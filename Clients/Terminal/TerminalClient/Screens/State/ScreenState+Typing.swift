import DeviceKit
import Statements
import TerminalScreen

/// Fields: what is typed is kept until it was said, whatever comes in between.
extension ScreenState {
    /// Opens a field, with what was typed into it before and not said.
    mutating func openField(_ field: ScreenField) {
        dialog = .field(field, drafts[field] ?? TypedText(), problem: nil)
    }

    /// Keeps what stands in the open field.
    mutating func keepTyped() {
        guard case .field(let field, let text, _)? = dialog else { return }
        drafts[field] = text.isEmpty ? nil : text
    }

    /// Keys into whatever is being typed. What is pasted is text there, its line breaks as well: only an Enter or Esc that
    /// comes alone counts.
    mutating func type(_ keys: [Key], isAlone: Bool = true) -> [ScreenAction] {
        switch dialog {
        case .field(let field, let text, _)?: return type(keys, isAlone, field, text)
        case .colleague(let message, let choice)?: return choose(keys, isAlone, message, choice)
        default: return []
        }
    }

    private mutating func type(
        _ keys: [Key], _ isAlone: Bool, _ field: ScreenField, _ text: TypedText
    ) -> [ScreenAction] {
        let isPasted = keys.count >= Self.pasteCount || followsPaste
        if isAlone, keys == [.escape] { return leave(field) }
        if isAlone, keys == [.enter], !(followsPaste && field.goesOut) { return take(field, text) }
        if isAlone, let key = keys.first, keys.count == 1, [.up, .down, .pageUp, .pageDown].contains(key) {
            // One writes about what one reads.
            scroll(by: key)
            return []
        }
        if isPasted { pasted = now }
        var text = text
        for key in keys { text.press(key) }
        dialog = .field(field, text, problem: text.isFull ? "No more fits: that is all one message takes." : nil)
        if keys.contains(.enter) { sayTakenAsText(toDo: FieldWords(field, text, self).enter) }
        return []
    }

    private static let takenAsText = "That arrived at once and was taken as text:"

    /// Over a slow line an Enter comes together with what was typed before it; whoever pressed it waits for something.
    private mutating func sayTakenAsText(toDo deed: String) {
        say("\(Self.takenAsText) press Enter to \(deed).", .caution, about: dialog?.message)
    }

    /// With the Enter that it asks for, that is over.
    private mutating func forgetTakenAsText() {
        if let status, status.text.hasPrefix(Self.takenAsText) { self.status = nil }
    }

    private mutating func leave(_ field: ScreenField) -> [ScreenAction] {
        keepTyped()
        dialog = nil
        say(
            drafts[field] == nil
                ? "Nothing was done."
                : "Nothing was said. What you typed is kept until this screen locks or closes: \(field.key) brings it back.",
            about: field.message)
        return []
    }

    /// Enter.
    private mutating func take(_ field: ScreenField, _ text: TypedText) -> [ScreenAction] {
        let words = text.isEmpty ? nil : text.words
        forgetTakenAsText()
        keepTyped()
        switch field {
        case .folder(let message):
            guard let words else { return refuse(field, text, "Name a folder, as ~/files or /tmp/files.") }
            // Whoever saw nothing happen pressed the key once more.
            guard words != field.key else {
                return refuse(
                    field, text, "\(words) is the key that brought you here: name a folder, as ~/files, or ./\(words).")
            }
            drafts[field] = nil
            say("Fetching and saving …", about: message)
            return done(.save(message, folder: words))
        case .reply(let message):
            guard let words else { return refuse(field, text, "Nothing is typed yet.") }
            return done(.reply(message, words))
        case .promise(let message):
            guard let words else { return done(.answer(.acknowledged, .willCallBy, message)) }
            do {
                let time = try PromisedTime.parse(words, now: now, clock: clock)
                givenTimes.insert(message)
                return done(.answer(.acknowledged, .willCallBy, message, words: try? Reply(promisedAt: time)))
            } catch {
                return refuse(field, text, "\(error.words(clock)) Say minutes, as 20, or a time, as 03:30.")
            }
        case .question(let message):
            givenTimes.remove(message)
            return done(.answer(.acknowledged, .needInfo, message, words: words.flatMap { try? Reply(text: $0) }))
        case .ending(let message):
            givenTimes.remove(message)
            return done(.answer(.closed, nil, message, words: words.flatMap { try? Reply(disposition: $0) }))
        case .handOff(let message, let colleague):
            dialog = .confirm(.handOff(message, colleague, words: words))
            return []
        }
    }

    private mutating func done(_ action: ScreenAction) -> [ScreenAction] {
        dialog = nil
        return [action]
    }

    private mutating func refuse(_ field: ScreenField, _ text: TypedText, _ problem: String) -> [ScreenAction] {
        dialog = .field(field, text, problem: problem)
        return []
    }

    /// Whether something would be gone with this process that somebody wanted to say.
    var isWriting: Bool {
        if case .field(let field, let text, _)? = dialog, field.goesOut, !text.isEmpty { return true }
        return hasUnsaid
    }

    /// Whether words for somebody were typed and not said.
    var hasUnsaid: Bool { drafts.keys.contains(where: \.goesOut) }

    /// What was said is no draft any more.
    mutating func forgetDrafts(where isSaid: (ScreenField) -> Bool) { drafts = drafts.filter { !isSaid($0.key) } }

    // MARK: Replies and hand-offs

    mutating func reply(to message: ListedMessage) {
        if let people, people.about == message.id, people.answersTo == nil {
            return say("Nobody is left whom a reply could reach: telephone.", .danger, about: message.id)
        }
        openField(.reply(message.id))
    }

    mutating func handOff(_ message: ListedMessage) -> [ScreenAction] {
        dialog = .colleague(message.id, ColleagueChoice())
        // Who can have it may have changed since it was opened.
        return [.lookUp(message.id)]
    }

    /// Who can be handed this message.
    func colleagues(for message: MessageID) -> [Colleague] {
        people.flatMap { $0.about == message ? $0.colleagues : nil } ?? []
    }

    private mutating func choose(
        _ keys: [Key], _ isAlone: Bool, _ message: MessageID, _ choice: ColleagueChoice
    ) -> [ScreenAction] {
        let all = colleagues(for: message)
        if isAlone, keys == [.escape] {
            dialog = nil
            say("Nothing was done.", about: message)
            return []
        }
        if isAlone, keys == [.enter] {
            forgetTakenAsText()
            guard let colleague = choice.chosen(among: all) else { return [] }
            guard !colleague.hasDeclined else {
                say(
                    "\(SafeText.line(colleague.name)) DECLINED it: choose somebody else, or telephone.", .caution,
                    about: message)
                return []
            }
            openField(.handOff(message, colleague))
            return []
        }
        var choice = choice
        for key in keys { choice.press(key, among: all) }
        dialog = .colleague(message, choice)
        if keys.contains(.enter) { sayTakenAsText(toDo: "choose") }
        return []
    }
}
