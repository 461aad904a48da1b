/// The keys of the screen: said here once, for the screen's help, the command's and the manual page.
enum ScreenHelp {
    struct Section {
        let title: String
        let entries: [(key: String, words: String)]
    }

    static let sections = [
        Section(
            title: "MESSAGES",
            entries: [
                ("Up, Down", "choose a message (also k and j)"),
                ("Enter", "open it; the sender learns that it was read"),
            ]),
        Section(
            title: "THE OPEN MESSAGE",
            entries: [
                ("a", "acknowledge: it is yours; 1, 2 or 3 says how and when"),
                ("d", "decline: it is not yours, and you have not taken it up; asks before it is said"),
                ("c", "close: everything is done; asks how it ended"),
                ("r", "reply in words, sealed; it does not acknowledge"),
                ("h", "hand it to somebody else; asks before it is done"),
                ("v", "save its files into a folder; the sender learns of it"),
                ("n", "open the next one that waits; after those, one with a new reply"),
                ("Enter", "show a reply that came while it is open"),
                ("Space, Down", "read on"),
                ("Esc", "back to the messages"),
            ]),
        Section(
            title: "ALWAYS",
            entries: [
                ("s", "steps: what was done and proven, with times"),
                ("t", "what you sent and must telephone about, the most pressing first"),
                ("!", "findings and notices"),
                ("L", "lock now: the screen is cleared, and what comes still rings"),
                ("Ctrl-L", "draw the screen anew, when something else wrote on it"),
                ("?", "this help"),
                ("q, Ctrl-C", "leave the screen; asks first while something waits, Ctrl-C again leaves"),
            ]),
        Section(
            title: "WORDS",
            entries: [
                (
                    "ABOUT",
                    "whom a message is about that you opened here, until it is dealt with or the screen locks or closes"
                ),
                ("answer in 4:48", "the practice's time for this urgency"),
                ("new reply", "somebody answered; it stands below the message, and nobody need answer it"),
                (
                    "EMERGENT",
                    "takes the screen and rings until it is opened; while another EMERGENT is open and not answered, it "
                        + "rings beside that and waits at the top as NEW: n opens it"
                ),
                ("NEW", "emergent or urgent, and nobody has opened it here"),
                (
                    "call in 9:30",
                    "you promised to call by then; CALL LATE when the time is over, until you close it or promise anew (a)"
                ),
                ("LATE", "it was handed on to you, and the time of whoever was asked first is over"),
                ("NOT CLOSED", "you acknowledged it long ago: close it when everything is done"),
                ("waits for", "you handed it on, and they have time to take it up: until they do, it is yours"),
                ("NOT TAKEN", "they have not taken it up in time: it is yours; telephone, then c"),
                ("YOURS AGAIN", "they declined it: a says that you see to it and when, h asks somebody else"),
                ("NOT SENT", "what you said is stored here, and nobody else knows it yet"),
                ("draft, NOT SENT", "you typed something about it and did not send it: open it"),
                ("elsewhere", "said on another device of yours: what was promised, or who has it, is shown only there"),
                ("NOT VERIFIED", "it is the sender's, but something else about it could not be proven"),
                ("STALE", "the relay says nothing about the present: messages may wait unseen"),
            ]),
    ]

    /// For `nightbell ui --help` and the manual page.
    static var text: String {
        sections.map { section in
            "\(section.title): " + section.entries.map { "\($0.key): \($0.words)" }.joined(separator: ". ") + "."
        }.joined(separator: "\n\n")
    }
}
