import DeviceKit
import Statements

/// Replies and hand-offs on their way: stored here first, known to others only when the log proves it.
extension ScreenState {
    mutating func keep(_ words: UnsentWords) {
        if !unsent.contains(where: { $0.kept.message == words.kept.message }) { unsent.append(words) }
        let about = words.kept.about
        switch words.kept.kind {
        // The answer that they go with is told.
        case .words: return
        case .reply:
            forgetDrafts { $0 == .reply(about) }
            say(of: about) { named in "Your reply\(named) is stored here. Sending it to \(SafeText.line(words.to)) …" }
        case .handOff:
            forgetDrafts { if case .handOff(about, _) = $0 { true } else { false } }
            say(of: about) { named in
                "Handing it\(named) to \(SafeText.line(words.to)) … It is yours until that is proven."
            }
        }
    }

    mutating func sent(_ words: UnsentWords, _ index: UInt64) {
        unsent.removeAll { $0.kept.message == words.kept.message }
        let about = words.kept.about
        let done = answered(about)
        let to = SafeText.line(words.to)
        let gaveTime = givenTimes.contains(about)
        let what = { (named: String) in
            switch words.kept.kind {
            case .reply: "Your reply to \(to)\(named) is sent"
            case .words:
                "\(done.map { "\($0)\(named), and " } ?? "")"
                    + (gaveTime
                        ? "the promised time is sent to \(to)\(done == nil ? named : "")"
                        : "your words to \(to)\(done == nil ? named : "") are sent")
            case .handOff: "It\(named) is sent on to \(to)"
            }
        }
        let promised = words.kept.kind == .words ? message(words.kept.about)?.taken?.promisedAt : nil
        let call = promised.flatMap { $0 > now ? " You call by \(clock.moment($0, now: now))." : nil } ?? ""
        say(of: about, .good) { named in
            "\(what(named).atSentenceStart); proven as entry \(index) of the activity log.\(call)"
        }
    }

    /// `Closed`: the answer that words went with is what was done, and was proven before them.
    private func answered(_ id: MessageID) -> String? {
        guard let message = message(id), message.unproven == nil,
            [ReceiptAction.acknowledged, .closed, .declined].map(\.rawValue).contains(message.state)
        else { return nil }
        return Self.word(message.state)
    }

    /// An answer at the beginning of a sentence.
    static func word(_ action: String) -> String {
        action.replacing("_", with: " ").atSentenceStart
    }

    mutating func refused(_ words: UnsentWords, _ cause: String) {
        unsent.removeAll { $0.kept.message == words.kept.message }
        let name = SafeText.line(words.name.atSentenceStart)
        let sentence = { (named: String) in "\(name)\(named) was REFUSED and never goes out: \(cause). Telephone." }
        // It must be found again when the next key has taken it from the foot of the screen, far from the message.
        let which = message(words.kept.about).map { ", about \(naming($0))," } ?? ""
        add(ScreenNote(at: now, sentence: sentence(which), evidence: nil))
        say(of: words.kept.about, .danger, sentence)
    }

    mutating func unposted(_ cause: String) {
        guard unknownAnswers + unknownHandOffs > 0 else { return }
        let messages = messages.filter { $0.unproven != nil || $0.unsent != nil }
        // The one that it is about; of several the list says which.
        let named = messages.count == 1 ? naming(messages[0].id) : ""
        let unknown = (unknownAnswers > 0 ? "NOT yet known to the sender" : "NOT yet handed over") + named
        // The cause stands in the header: what counts must not be cut off behind it.
        say(
            "\(unknown): if it is urgent, TELEPHONE. Stored here; it goes out by itself when the link is back.",
            .danger,
            about: messages.count == 1 && named.isEmpty ? messages[0].id : nil)
    }

    /// Which message is meant: there may be many from one sender.
    func naming(_ message: ListedMessage) -> String {
        "the \(MessageWords.urgency(message.urgency)) message from \(SafeText.line(message.from)) "
            + "(\(clock.moment(message.at, now: now)))"
    }

    /// Which message a sentence is about, unless it is the one in view.
    func naming(_ id: MessageID) -> String {
        guard inView != id, let message = message(id) else { return "" }
        return " (\(SafeText.line(message.from)), sent \(clock.moment(message.at, now: now)))"
    }

    /// - Returns: Whether it is new.
    @discardableResult
    mutating func add(_ note: ScreenNote) -> Bool {
        if let known = notes.firstIndex(where: { $0.sentence == note.sentence && $0.evidence == note.evidence }) {
            // Which device it is about may be told after the sentence.
            notes[known].device = notes[known].device ?? note.device
            return false
        }
        notes.append(note)
        if notes.count > Self.notesAtMost {
            // What was found false stays before what was merely remarked.
            notes.remove(at: notes.firstIndex { !$0.isFinding } ?? 0)
        }
        return true
    }
}
