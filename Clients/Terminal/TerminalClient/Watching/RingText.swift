import Statements

/// What a notification says. Whoever stands before the screen reads it.
enum RingText {
    /// When the organisation's policy lets nothing more be shown, and when the profile is locked.
    static let constant = "A message waits for you in Nightbell."
    /// The same of what was sent from here, while it is locked.
    static let overdue = "A message you sent has no answer in time: unlock Nightbell, and call by telephone."
    /// The same of a call that was promised from here.
    static let promised = "It is time for a call that you promised: unlock Nightbell to see whom to call."
    /// That its sender must telephone about what was sent from here, when nothing more may be shown.
    static let telephone = "A message you sent needs a telephone call: look at Nightbell."
    /// The same when this device cannot take anything in.
    static let blocked = "Nightbell receives nothing on this device: look at it now."
    /// The same of a page that came while the profile is locked: what push services show where nothing can be opened.
    static let page = "New secure page. Open Nightbell."
    private static let longestName = 64

    /// That no notification can be seen, and what to do: nothing that is done already.
    static func noDesktop(hasCommand: Bool) -> String {
        "no desktop shows notifications here: look at this window\(hasCommand ? "" : ", or use --command")"
    }

    /// How urgent it is and who sent it, by the signed manifest and the roster; what is in it stays sealed.
    static func alert(_ urgency: Urgency, from sender: String) -> String {
        "\(word(urgency)) message from \(name(sender))."
    }

    /// The same of what was sent from here, and that its sender must telephone about.
    static func telephone(_ urgency: Urgency, to member: String) -> String {
        "CALL BY TELEPHONE: \(word(urgency).lowercased()) message to \(name(member))."
    }

    private static func word(_ urgency: Urgency) -> String {
        switch urgency {
        case .emergent: "Emergent"
        case .urgent: "Urgent"
        case .sameDay: "Same day"
        case .routine: "Routine"
        }
    }

    private static func name(_ member: String) -> String {
        // Desktops read some markup in it.
        SafeText.line(String(member.prefix(longestName)))
            .replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
