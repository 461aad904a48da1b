/// How a message could make itself noticed here.
struct NotificationsCheck: DoctorCheck {
    static let name = "notifications"

    /// Whether the session bus takes connections; `nil` when no address of one is known.
    let bus: Bool?
    let hasTerminal: Bool

    func judge() -> [CheckResult] {
        if bus == true {
            return [
                Self.ok("the desktop's bus takes connections\(hasTerminal ? ", and there is a terminal to ring" : "")")
            ]
        }
        let why = bus == nil ? "there is no desktop session here" : "the desktop's bus does not take connections"
        if hasTerminal { return [Self.ok("\(why); the terminal's bell rings")] }
        return [
            Self.warning(
                "\(why), and no terminal: a message rings nowhere on this machine",
                next: "give \"nightbell watch\" a command of yours to run, or watch in a terminal")
        ]
    }
}
