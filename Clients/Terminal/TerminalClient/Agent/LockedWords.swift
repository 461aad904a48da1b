import DeviceKit
import Statements
import UnlockAgent

/// What a locked terminal says: constant sentences, in which nothing of any message stands but how urgent one is.
struct LockedWords {
    /// Why it was locked; `nil` when it was before anybody looked.
    var reason: LockReason?
    var hasAgent: Bool
    /// Whether anything can ring.
    var link: RingLink?
    /// The urgency of what waits, by its place in the list of all.
    var waiting: UInt8?
    /// How many messages that were sent from here waited for an answer.
    let awaited: Int
    /// For how many of them the time was over when it was locked: those ring at once.
    var late = 0
    /// What rings of these, and of the calls that were promised from here.
    var overdue = LockedDeadlines.Overdue()
    /// Whether something was being written that went with the worker.
    var lostWords = false
    /// How many answers and words are not sent.
    var unsent = 0
    /// What came of the last try to unlock.
    var remark: String?
    let hasUnlockFile: Bool
    /// Whether only a key file opens the profile, and none was named here: nothing that is typed could.
    let needsKeyFile: Bool
    /// What opens it from another terminal.
    let command: String

    static let noAgent = "its agent is gone or does not answer: nothing rings here until it is unlocked"
    /// Nothing that came here waits any more. What was sent from here may ring all the same, now or later.
    var nothingWaits: String {
        let what = "no message that came here waits for an answer"
        return overdue.count > 0 ? what : "nothing rings here now: \(what)"
    }

    /// Why, and how it is opened.
    var sentence: String {
        let cause = reason.map { "the profile was \($0.sentence)" } ?? "the profile is locked"
        return cause + "; \"\(command)\" opens it again"
    }

    /// What is not seen while it is locked; `nil` when nothing is.
    var awaitedSentence: String? {
        let open = awaited - late
        guard open > 0 else { return nil }
        let what =
            open == 1
            ? "one message sent or handed on from here" : "\(open) messages sent or handed on from here"
        return "answers are not seen while it is locked: \(what) had none yet, and this rings when their time is over"
    }

    var linkSentence: String {
        switch link {
        case .listening, nil: "messages are kept, and those that wait still ring"
        case .down: "the relay cannot be reached: nothing new arrives here until it can"
        case .over: "nothing rings here any more until it is unlocked"
        }
    }

    /// Whether anything rings while it is locked.
    var ringingSentence: String { hasAgent ? linkSentence : Self.noAgent }

    /// What nobody knows but this device; `nil` when there is nothing.
    var unsentSentence: String? {
        guard unsent > 0 else { return nil }
        let what =
            unsent == 1
            ? "1 answer is NOT SENT, and does not go out" : "\(unsent) answers are NOT SENT, and do not go out"
        return "\(what) while this is locked: unlock it, or TELEPHONE"
    }

    static let leaving = "press Ctrl-C again to leave: nothing rings here then, whatever comes"

    /// When it was left.
    var farewell: String {
        "the profile stays locked, and nothing rings here any more: \"\(command)\" opens it, and \"nightbell ui\" or "
            + "\"nightbell watch\" rings again"
    }

    static let lost = lost(by: "when this was locked")

    static func lost(by cause: String) -> String {
        "what was being written \(cause) was not sent, and is gone: write it again"
    }

    /// What to do now; empty when nothing is over.
    static func sentences(_ overdue: LockedDeadlines.Overdue) -> [String] {
        var sentences: [String] = []
        if overdue.messages > 0 {
            let what =
                overdue.messages == 1
                ? "a message sent or handed on from here" : "messages sent or handed on from here"
            sentences.append("CALL BY TELEPHONE about \(what). Unlock to see which, and whom to call")
        }
        if overdue.promises > 0 {
            let what = overdue.promises == 1 ? "a call that you" : "\(overdue.promises) calls that you"
            sentences.append("CALL NOW: it is time for \(what) promised. Unlock to see whom to call")
        }
        return sentences
    }

    static func ringing(_ urgency: UInt8) -> String {
        "something waits (\(Self.urgency(urgency).words)): unlock to read it"
    }

    static func word(_ urgency: UInt8) -> String { Self.urgency(urgency).rawValue }

    static func urgency(_ place: UInt8) -> Urgency {
        Urgency.allCases.indices.contains(Int(place)) ? Urgency.allCases[Int(place)] : .routine
    }

    // MARK: In a terminal

    /// Behind which the passphrase is typed, unseen.
    var prompt: String { needsKeyFile ? "" : "Passphrase: " }

    /// All of a screen; the cursor stands behind its last line.
    /// - Parameters:
    ///   - columns: How wide the terminal is.
    ///   - loud: Makes a line stand out.
    func screen(columns: Int, loud: (String) -> String = { "\u{1B}[1m\($0)\u{1B}[0m" }) -> [String] {
        func paragraph(_ text: String) -> [String] {
            TextWrap.lines(SafeText.line(text), first: "  ", rest: "  ", columns: columns - 1)
        }
        var lines = ["", "  Nightbell is locked", ""]
        lines += paragraph(reason.map { "It was \($0.sentence)." } ?? "Nobody has unlocked it yet.")
        lines += paragraph(ringingSentence.atSentenceStart + ".") + [""]
        if let waiting { lines += paragraph(Self.ringing(waiting).uppercased()).map(loud) + [""] }
        for sentence in Self.sentences(overdue) { lines += paragraph(sentence + ".").map(loud) + [""] }
        if overdue.messages == 0, let sentence = awaitedSentence {
            lines += paragraph(sentence.atSentenceStart + ".") + [""]
        }
        if let sentence = unsentSentence { lines += paragraph(sentence + ".").map(loud) + [""] }
        if lostWords { lines += paragraph(Self.lost.atSentenceStart + ".") + [""] }
        if let remark { lines += paragraph(remark) + [""] }
        return lines + ways(paragraph)
    }

    /// How it is opened.
    private func ways(_ paragraph: (String) -> [String]) -> [String] {
        if hasUnlockFile { return ["  Press Enter to unlock it, Ctrl-C to leave: "] }
        guard needsKeyFile else { return ["  Type the passphrase and press Enter to unlock it, Ctrl-C to leave: "] }
        return ["  It is opened with a key file. In another terminal, type", ""] + paragraph("  \(command)")
            + ["", "  and this screen goes on by itself. Ctrl-C leaves it: "]
    }
}
