/// How a message could make itself noticed here.
struct NotificationsCheck: DoctorCheck {
    static let name = "notifications"

    /// Whether the session bus takes connections; `nil` when no address of one is known.
    let bus: Bool?
    /// Whether this command has a terminal: whoever has one can watch there.
    let hasTerminal: Bool
    /// Who stays connected: that one rings, wherever `doctor` is run.
    var receiver = Receiver.none

    func judge() -> [CheckResult] {
        if bus == true {
            return [
                Self.ok("the desktop's bus takes connections\(hasTerminal ? ", and there is a terminal to ring" : "")")
            ]
        }
        let why = bus == nil ? "there is no desktop session here" : "the desktop's bus does not take connections"
        switch receiver {
        case .running(_, hasCommand: true):
            return [Self.ok("\(why); the program that stays connected for this profile runs a command of yours")]
        case .running(hasTerminal: true, _):
            return [Self.ok("\(why); the program that stays connected for this profile has a terminal to ring")]
        case .running:
            return [
                Self.warning(
                    "\(why), and the program that stays connected for this profile has no terminal: a message rings nowhere",
                    next: Self.next)
            ]
        case .unknown where !hasTerminal:
            return [
                Self.warning(
                    "\(why); whether the program that stays connected for this profile has a terminal to ring is not known",
                    next: Self.next)
            ]
        case .none, .stopped, .unknown: break
        }
        if hasTerminal { return [Self.ok("\(why); the terminal's bell rings")] }
        return [
            Self.warning("\(why), and no terminal: a message rings nowhere on this machine", next: Self.next)
        ]
    }

    private static let next = "give \"nightbell watch\" a command of yours to run, or watch in a terminal"
}
