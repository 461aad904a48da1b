import Statements

/// What a notification says. Whoever stands before the screen reads it.
enum RingText {
    /// When the organisation's policy lets nothing more be shown, and when the profile is locked.
    static let constant = "A message waits for you in Nightbell."
    /// The same of what was sent from here, while it is locked.
    static let overdue = "A message you sent has no answer in time: unlock Nightbell, and call by telephone."
    /// The same of a call that was promised from here.
    static let promised = "It is time for a call that you promised: unlock Nightbell to see whom to call."
    /// The same when this device cannot take anything in.
    static let blocked = "Nightbell receives nothing on this device: look at it now."
    private static let longestName = 64

    /// That no notification can be seen, and what to do: nothing that is done already.
    static func noDesktop(hasCommand: Bool) -> String {
        "no desktop shows notifications here: look at this window\(hasCommand ? "" : ", or use --command")"
    }

    /// How urgent it is and who sent it, by the signed manifest and the roster; what is in it stays sealed.
    static func alert(_ urgency: Urgency, from sender: String) -> String {
        let word =
            switch urgency {
            case .emergent: "Emergent"
            case .urgent: "Urgent"
            case .sameDay: "Same day"
            case .routine: "Routine"
            }
        // Desktops read some markup in it.
        let name = SafeText.line(String(sender.prefix(longestName)))
            .replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        return "\(word) message from \(name)."
    }
}
